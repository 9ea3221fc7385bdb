// Sizes, spans of time and file sources read as people expect.
import { describe, expect, test } from 'vitest';
import { sourceOf, weightFilesOf } from '../../src/ui/files/chosenFiles';
import { bytes, duration, significant } from '../../src/ui/format/quantities';

test.each([
  [0, '0 B'],
  [1023, '1,023 B'],
  [1536, '1.5 KB'],
  [248 * 1024 * 1024, '248 MB'],
])('%d bytes are %s', (value, text) => expect(bytes('en', value)).toBe(text));

test.each([
  [8, '8 s'],
  [240, '4 min'],
  [9000, '2.5 hr'],
])('%d seconds are %s', (value, text) => expect(duration('en', value)).toBe(text));

test.each([
  [0, '0'],
  [0.0001, '1e-4'],
  [312.49321, '312.5'],
  [123456, '123,456'],
  [NaN, 'NaN'],
])('%d is written %s', (value, text) => expect(significant('en', value)).toBe(text));

describe('sourceOf', () => {
  const file = (path: string) => ({ path, blob: new Blob() });

  test('is named after the one folder that holds all', () => {
    expect(sourceOf([file('walks/a.bvh'), file('walks/deep/b.bvh')])).toMatchObject({ kind: 'files', name: 'walks' });
  });

  test('is named after the first file otherwise', () => {
    expect(sourceOf([file('a.bvh'), file('b.bvh')])).toMatchObject({ name: 'a.bvh' });
  });
});

describe('weightFilesOf', () => {
  const file = (path: string) => ({ path, blob: new Blob() });
  const names = (...paths: string[]) => weightFilesOf(paths.map(file)).map(({ path }) => path);

  test('leaves out what else lies in the folder of a model', () => {
    const parts = ['m/a-1.safetensors', 'm/model.safetensors.index.json'];
    expect(names('m/README.md', 'm/config.json', ...parts)).toEqual(parts);
  });

  test('keeps files whose name says nothing', () => expect(names('weights')).toEqual(['weights']));
});
