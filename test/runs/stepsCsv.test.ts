// All steps leave as a table, also parts that only some steps have.
import { expect, test } from 'vitest';
import { stepsCsv } from '../../src/runs/stepsCsv';

test('has a row per step and a column per part', () => {
  const first = { step: 1, epoch: 1, learningRate: 1e-4, loss: 0.5, parts: { 'a,b': 0.5 }, milliseconds: 12 };
  const more = { gradientNorm: 1.5, waits: { data: 1, submit: 2, gpu: 8 }, heldBytes: 4096 };
  const second = { ...first, step: 2, parts: { 'a,b': 0.1, 'c"': 0.2 }, skipped: true as const, ...more };
  expect(stepsCsv({ steps: [first, second] }).split('\r\n')).toEqual([
    'step,epoch,learning_rate,loss,"a,b","c""",milliseconds,skipped,gradient_norm,data_milliseconds,submit_milliseconds,gpu_milliseconds,held_bytes',
    '1,1,0.0001,0.5,0.5,,12,0,,,,,',
    '2,1,0.0001,0.5,0.1,0.2,12,1,1.5,1,2,8,4096',
    '',
  ]);
});
