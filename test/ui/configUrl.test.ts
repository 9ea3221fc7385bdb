// The form's content survives the way through a URL fragment.
import { expect, test } from 'vitest';
import { readConfig, writeConfig } from '../../src/ui/config/configUrl';

test('writes the version, the task and only what is given', () => {
  const text = writeConfig({ task: 'pose', data: null, preset: null, settings: {} });
  expect(text).toBe('v=1&task=pose');
});

test('reads back what it wrote', () => {
  const text = writeConfig({
    task: 'pose',
    data: 'demo',
    preset: 'small',
    settings: { epochs: 3, flip: true, learningRate: 1e-4 },
  });
  expect(readConfig(`#${text}`)).toEqual({
    version: '1',
    task: 'pose',
    data: 'demo',
    preset: 'small',
    settings: { epochs: '3', flip: 'true', learningRate: '0.0001' },
    unknown: [],
  });
});

test('names keys that it does not know instead of dropping them', () => {
  const read = readConfig('#v=1&task=pose&colour=red&data=tape');
  expect(read?.unknown).toEqual(['colour', 'data=tape']);
});

test('gives null for an empty fragment', () => {
  expect(readConfig('')).toBeNull();
  expect(readConfig('#')).toBeNull();
});

test('keeps a value that holds & and = as one value', () => {
  const text = writeConfig({ task: 'a&b', data: null, preset: null, settings: { note: 'x=1&y=2' } });
  const read = readConfig(text);
  expect(read?.task).toBe('a&b');
  expect(read?.settings).toEqual({ note: 'x=1&y=2' });
});
