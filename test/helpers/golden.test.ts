// The helpers that every comparison with recorded values leans on.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../src/formats/safetensors';
import { judgeGroup, type GoldenGroup } from '../goldens/group';
import { compare, worstOf } from './golden';
import { hashValues } from './hashValues';
import { Recording, toleranceOf } from './recording';

describe('a comparison', () => {
  it('makes the values that the README of the recordings states', () => {
    const want = [-0.79294765, -0.03091884, 0.63138556, 0.7236135];
    expect(compare('u', hashValues('a', 4), want, { atol: 5e-9 }).ok).toBe(true);
  });

  const near = [
    { rtol: 1e-6 },
    { rtol: 1e-6, atol: 1e-9 },
    { atol: 1e-6 },
    { ofLargest: 1e-6 },
    { ofLength: 1e-6 },
    { atol: 1e-6, exempt: 0.2 },
  ];

  it.each(near)(
    'within %o holds for what is near, and fails on a difference, a NaN, another length, and on nothing',
    (tolerance) => {
      expect(compare('same', [1, 2], [1, 2], tolerance).ok).toBe(true);
      expect(compare('near', [1 + 1e-7], [1], tolerance).ok).toBe(true);
      for (const got of [[1, 2.1], [1, NaN], [1], [1, 2, 3], []])
        expect(compare('bad', got, [1, 2], tolerance).ok, String(got)).toBe(false);
      expect(compare('empty', [], [], tolerance).ok).toBe(false);
      expect(worstOf('none', []).ok).toBe(false);
    },
  );

  it('exempts no more entries than it says', () => {
    const [want, got] = [new Float32Array(10), new Float32Array(10)];
    got[3] = 1;
    expect(compare('one', got, want, { atol: 0.5, exempt: 0.1 }).ok).toBe(true);
    got[5] = NaN;
    expect(compare('two', got, want, { atol: 0.5, exempt: 0.1 }).ok).toBe(false);
  });

  it('reads tolerances as files write them', () => {
    expect(toleranceOf('rtol 1e-3 atol 1e-4')).toEqual({ rtol: 1e-3, atol: 1e-4 });
    expect(toleranceOf('per key rel L2 2e-3')).toEqual({ ofLength: 2e-3 });
    expect(toleranceOf({ rel_to_tensor_max: 0.001 })).toEqual({ ofLargest: 0.001 });
    expect(() => toleranceOf('about right')).toThrow('no tolerance');
  });
});

describe('a recording', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tabtune-goldens-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function record(file: string, tensors: Readonly<Record<string, readonly number[]>>, metadata = {}): void {
    const entries = Object.entries(tensors).map(([name, values]) => {
      return [name, { dtype: 'F32', shape: [values.length], data: Float32Array.from(values) }] as const;
    });
    writeFileSync(join(folder, `${file}.safetensors`), writeSafetensors(new Map(entries), metadata));
  }

  async function judged(group: GoldenGroup): Promise<{ results: Record<string, boolean>; notes: string[] }> {
    const results: Record<string, boolean> = {};
    const notes: string[] = [];
    const noDevice = () => Promise.reject(new Error('no device is wanted'));
    for await (const said of judgeGroup('group', group, folder, noDevice, { long: true, quick: true })) {
      if ('result' in said) results[said.result.name] = said.result.ok;
      else if ('note' in said) notes.push(said.note);
    }
    return { results, notes };
  }

  const outputY = (file: Recording) => [file.compare('output.y', [2], { atol: 0 })];

  it('fails where a tensor was recorded that nobody compares, and not where it is left out with a reason', async () => {
    record('a', { 'input.x': [1], 'output.y': [2], 'grad.x': [3] });
    const { results } = await judged({ tensors: [{ files: ['a'], cases: outputY }] });
    const missing = 'group/a/all that is recorded [2; not compared: grad.x]';
    expect(results).toEqual({ 'group/a/output.y': true, [missing]: false });
    const leaving = (file: Recording) => {
      file.leave(/^grad\./, 'as this test wants');
      return outputY(file);
    };
    const left = await judged({ tensors: [{ files: ['a'], cases: leaving }] });
    expect(Object.values(left.results)).toEqual([true, true]);
  });

  it('is taken under any name by what it holds; absent and waiting files are listed, unknown ones fail', async () => {
    record('renamed', { 'output.y': [2] });
    record('later', { 'output.z': [2] });
    record('stray', { 'output.q': [2] });
    const { results, notes } = await judged({
      tensors: [{ files: ['usual'], takes: (file) => file.has('output.y'), cases: outputY }],
      waiting: { later: 'not built' },
    });
    expect(notes).toEqual(['absent: group/usual', 'not compared: group/later, not built']);
    expect(results).toMatchObject({
      'group/renamed/output.y': true,
      'group/stray: no case of this group takes the file': false,
    });
  });

  it('fails with the file that stops its cases, and goes on', async () => {
    record('a', {});
    record('b', { 'output.y': [2] });
    const { results } = await judged({ tensors: [{ files: ['a', 'b'], cases: outputY }] });
    expect(Object.values(results)).toEqual([false, true, true]);
  });

  it('names unstored inputs and weights as its notes say', () => {
    record('a', {}, { notes: `Weights prefix h:. Inputs: x=u("h:other:x").` });
    const file = new Recording('group', folder, 'a');
    expect(file.weightPrefix).toBe('h:');
    expect([...file.input('x', 2)]).toEqual([...Float32Array.from(hashValues('h:other:x', 2))]);
    expect([...file.input('z', 2)]).toEqual([...Float32Array.from(hashValues('h:in:z', 2))]);
    expect(file.weight('w.bias', [1])).toEqual(Float32Array.from(hashValues('h:w.bias', 1), (value) => 0.1 * value));
  });
});

it('the recordings kept here stay small', () => {
  const files = readdirSync('test/goldens', { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const bytes = files.reduce((sum, one) => sum + statSync(join(one.parentPath, one.name)).size, 0);
  expect(bytes).toBeLessThan(20e6);
});
