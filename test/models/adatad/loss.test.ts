// The detector's loss where no point has an action: nothing to be found, and nothing that is not a number.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Parameters } from '../../../src/engine/graph/parameters';
import { detectionLoss } from '../../../src/models/adatad/loss';
import { openDevice } from '../../helpers/gpu';
import { runGraph, targets } from '../../helpers/runGraph';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

it('is 0 for segments without a positive point, with a finite gradient', async () => {
  const zeros = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)) });
  const classes = zeros(1, 7, 3);
  // An action at a point whose frame is not there.
  classes.data[6 * 3] = 1;
  const { outputs, gradients } = await runGraph(
    device,
    targets(device)[0]!.target,
    {
      logits: zeros(1, 7, 3),
      distances: zeros(1, 7, 2),
      mask: { shape: [1, 7], data: Float32Array.of(1, 1, 1, 1, 1, 1, 0) },
      classes,
      aims: zeros(1, 7, 2),
    },
    (graph, { logits, distances, mask, classes: named, aims }) => {
      const { total, parts } = detectionLoss(
        new Parameters(graph),
        { logits: logits!, distances: distances!, mask: mask! },
        { classes: named!, distances: aims! },
      );
      return { total, segment: parts.get('segment')!, class: parts.get('class')! };
    },
    { total: Float32Array.of(1) },
    ['logits', 'distances'],
  );
  expect(outputs['segment']![0]).toBe(0);
  expect(outputs['class']![0]).toBeGreaterThan(0);
  expect([...gradients['distances']!].every((value) => value === 0)).toBe(true);
  const slopes = [...gradients['logits']!];
  expect(slopes.every(Number.isFinite)).toBe(true);
  expect(slopes.slice(18)).toEqual([0, 0, 0]);
  expect(slopes.slice(0, 18).every((value) => value > 0)).toBe(true);
});
