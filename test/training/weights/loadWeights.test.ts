// Weights of a file in a model: what matches, what is resized, what stays, and which files are refused before anything changes.
import { describe, expect, it } from 'vitest';
import type { DataFile } from '../../../src/formats/dataFile';
import { openWeights } from '../../../src/formats/openWeights';
import { writeSafetensors } from '../../../src/formats/safetensors';
import type { StoredTensor } from '../../../src/formats/storedTensor';
import { poseWeights } from '../../../src/models/pose/weights';
import { loadWeights } from '../../../src/training/weights/loadWeights';
import type { NamedTensor, WeightTarget } from '../../../src/training/runtime';
import type { WeightRules } from '../../../src/training/weights/weightRules';
import { orderedDict, tensor, zipPth, type Pickled } from '../../formats/torchFiles';

class Model implements WeightTarget {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly written = new Map<string, NamedTensor>();
  constructor(shapes: Record<string, readonly number[]>) {
    this.shapes = new Map(Object.entries(shapes));
  }
  writeWeight(name: string, one: NamedTensor): Promise<void> {
    this.written.set(name, one);
    return Promise.resolve();
  }
}

const counting = (shape: readonly number[]): StoredTensor => {
  const count = shape.reduce((product, size) => product * size, 1);
  return { dtype: 'F32', shape, data: Float32Array.from({ length: count }, (_, i) => i) };
};

function file(tensors: Record<string, StoredTensor>): DataFile {
  return { path: 'w.safetensors', blob: new Blob([writeSafetensors(new Map(Object.entries(tensors)))]) };
}

async function load(model: Model, chosen: DataFile, rules?: WeightRules) {
  return await loadWeights(await openWeights([chosen]), model, rules);
}

const shapes = { 'fc1.weight': [4, 3], 'fc1.bias': [4], 'fc2.weight': [2, 4], 'bn.num_batches_tracked': [] };

describe('loading', () => {
  it('tells matched, initial, unused and unfitting weights apart', async () => {
    const model = new Model({ ...shapes, 'head.weight': [5, 2] });
    const report = await load(
      model,
      file({
        'fc1.weight': counting([4, 3]),
        'fc1.bias': { dtype: 'F16', shape: [4], data: Uint16Array.of(0x3c00, 0, 0, 0xc000) },
        'head.weight': counting([7, 2]),
        'bn.num_batches_tracked': { dtype: 'I64', shape: [], data: BigInt64Array.of(2n ** 40n + 1n) },
        'other.weight': counting([1]),
      }),
    );
    expect(report).toMatchObject({
      matched: ['bn.num_batches_tracked', 'fc1.weight', 'fc1.bias'],
      initial: ['fc2.weight'],
      unused: ['other.weight'],
      wrongShape: [{ name: 'head.weight', found: [7, 2], wanted: [5, 2] }],
      reshaped: [],
    });
    expect(model.written.get('fc1.bias')?.data).toEqual(Float32Array.of(1, 0, 0, -2));
    expect(model.written.get('bn.num_batches_tracked')?.data).toEqual(BigInt64Array.of(2n ** 40n + 1n));
    expect([...model.written.keys()]).not.toContain('head.weight');
  });

  it('splits fused, turns transposed and resizes other tensors as the rules say', async () => {
    const model = new Model({ 'q.weight': [2, 2], 'k.weight': [2, 2], positions: [3, 1], proj: [2, 3] });
    const rules: WeightRules = {
      place: (name, shape) => {
        if (name === 'in_proj')
          return ['q', 'k'].map((part, i) => ({
            name: `${part}.weight`,
            shape: [2, 2],
            take: (values) => values.slice(i * 4, i * 4 + 4),
          }));
        if (name === 'proj')
          return [{ name, shape: [2, 3], take: (v) => Float32Array.of(v[0]!, v[2]!, v[4]!, v[1]!, v[3]!, v[5]!) }];
        return name === 'position_ids' ? [] : [{ name, shape }];
      },
      resize: (name, _from, to) => (name === 'positions' ? () => new Float32Array(to[0]!).fill(9) : null),
    };
    const report = await load(
      model,
      file({
        in_proj: counting([4, 2]),
        proj: counting([3, 2]),
        positions: counting([5, 1]),
        position_ids: counting([5]),
      }),
      rules,
    );
    expect(report).toMatchObject({
      reshaped: [{ name: 'positions', found: [5, 1], wanted: [3, 1] }],
      unused: [],
      initial: [],
    });
    expect([...model.written].map(([name, { data }]) => [name, [...(data as Float32Array)]]).sort()).toEqual([
      ['k.weight', [4, 5, 6, 7]],
      ['positions', [9, 9, 9]],
      ['proj', [0, 2, 4, 1, 3, 5]],
      ['q.weight', [0, 1, 2, 3]],
    ]);
  });

  it('does not miss what the rules say starts fresh', async () => {
    const model = new Model({
      'layers.0.fc': [1],
      'layers.0.mamba_gcn.a': [1],
      'layers.0.fusion.weight': [3, 9],
      'layers.0.mamba_gcn.b': [1],
    });
    const report = await load(
      model,
      file({ 'layers.0.fc': counting([1]), 'layers.0.fusion.weight': counting([2, 6]) }),
      poseWeights,
    );
    expect(report.matched).toEqual(['layers.0.fc']);
    expect(report.initial).toHaveLength(2);
  });
});

describe('checkpoints', () => {
  const six = Float32Array.of(0, 1, 2, 3, 4, 5);
  const one = tensor({ key: '0', type: 'Float', count: 6, shape: [6] });
  const optimizer = { state: { 0: { exp_avg: one } } };
  const chosen = (value: Pickled): DataFile => ({ path: 'c.pth', blob: new Blob([zipPth(value, { 0: six })]) });

  it.each([
    ['state_dict', { epoch: 1, state_dict: orderedDict({ w: one }), optimizer }],
    ['model', { model: orderedDict({ 'module.w': one }), optimizer }],
    ['model_state_dict', { model_state_dict: orderedDict({ '_orig_mod.module.w': one }), lr: 0.5 }],
    ['module', { module: { w: one } }],
    ['model/state_dict', { model: { state_dict: { w: one } } }],
    ['', orderedDict({ w: one })],
  ])('are unwrapped from "%s"', async (group, value) => {
    const model = new Model({ w: [6] });
    expect(await load(model, chosen(value))).toMatchObject({ group, matched: ['w'], unused: [] });
    expect(model.written.get('w')?.data).toEqual(six);
  });

  it('give another dict when the rules ask for it', async () => {
    const value = { state_dict: { w: one, v: one }, state_dict_ema: { w: one } };
    const report = await load(new Model({ w: [6] }), chosen(value), { group: 'state_dict_ema' });
    expect(report).toMatchObject({ group: 'state_dict_ema', otherGroups: ['state_dict'], unused: [] });
  });

  it('keep the names of several models apart', async () => {
    const value = { image_encoder: { w: one }, text_encoder: { w: one }, optimizer };
    const report = await load(new Model({ 'image_encoder.w': [6], 'text_encoder.w': [6] }), chosen(value));
    expect(report.matched).toEqual(['image_encoder.w', 'text_encoder.w']);
  });
});

describe('names of wrapped models', () => {
  const all = { 'fc1.weight': counting([4, 3]), 'fc1.bias': counting([4]), 'fc2.weight': counting([2, 4]) };
  const renamed = (change: (name: string) => string, more: Record<string, StoredTensor> = {}) =>
    file({ ...Object.fromEntries(Object.entries(all).map(([name, one]) => [change(name), one])), ...more });
  const matched = ['fc1.weight', 'fc1.bias', 'fc2.weight'].sort();

  it.each([
    [
      'Lightning’s with a loss beside',
      renamed((n) => `model.${n}`, { 'criterion.pos_weight': counting([1]) }),
      ['criterion.pos_weight'],
    ],
    ['AveragedModel’s', renamed((n) => `module.${n}`, { n_averaged: counting([1]) }), ['n_averaged']],
    ['torch.compile’s inside', renamed((n) => n.replace('fc1.', 'fc1._orig_mod.')), []],
    ['several', renamed((n) => `backbone.net._orig_mod.${n}`, { 'head.weight': counting([2]) }), ['head.weight']],
  ])('fit, strays listed: %s', async (_, chosen, unused) => {
    const report = await load(new Model(shapes), chosen);
    expect([[...report.matched].sort(), report.unused]).toEqual([matched, unused]);
  });

  it('are judged by the model’s own rules', async () => {
    const rules: WeightRules = { place: (name, shape) => [{ name: name.replace('linear', 'fc'), shape }] };
    const report = await load(
      new Model(shapes),
      renamed((n) => `student.${n.replace('fc', 'linear')}`),
      rules,
    );
    expect([...report.matched].sort()).toEqual(matched);
  });

  it('do not hide a weight of a kind that is not read', async () => {
    const header = JSON.stringify({
      'm.fc1.weight': { dtype: 'C64', shape: [4, 3], data_offsets: [0, 96] },
      'm.fc1.bias': { dtype: 'F32', shape: [4], data_offsets: [96, 112] },
      'm.fc2.weight': { dtype: 'F32', shape: [2, 4], data_offsets: [112, 144] },
    });
    const head = new Uint8Array(8);
    new DataView(head.buffer).setBigUint64(0, BigInt(header.length), true);
    const blob = new Blob([head, header, new Uint8Array(144)]);
    await expect(load(new Model(shapes), { path: 'c.safetensors', blob })).rejects.toMatchObject({
      code: 'weights-passed-over',
      detail: { name: 'fc1.weight', odd: 'm.fc1.weight (C64)' },
    });
  });
});

describe('another model', () => {
  const all = { 'fc1.weight': counting([4, 3]), 'fc1.bias': counting([4]), 'fc2.weight': counting([2, 4]) };
  it.each([
    [
      'a missing prefix',
      Object.fromEntries(Object.entries(shapes).map(([n, s]) => [`encoder.${n}`, s])),
      all,
      /with "encoder\." before/,
    ],
    [
      'another size',
      { 'fc1.weight': [8, 3], 'fc1.bias': [8], 'fc2.weight': [2, 8] },
      all,
      /shapes do not: fc1\.weight is \[4, 3\].*\[8, 3\] here/,
    ],
    ['other names', { 'conv.weight': [1], 'conv.bias': [1] }, all, /another model: it holds "fc1/],
    ['nothing at all', shapes, {}, /hardly any weights/],
  ])('is noticed: %s', async (_, own, tensors, words) => {
    const model = new Model(own);
    const error: unknown = await load(model, file(tensors)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'UserError', code: 'weights-other-model' });
    expect((error as Error).message).toMatch(words);
    expect(model.written.size).toBe(0);
  });

  it('is not what a file with values that are not finite is', async () => {
    const broken = { ...all, 'fc1.bias': { dtype: 'F32' as const, shape: [4], data: Float32Array.of(1, NaN, 0, 0) } };
    await expect(load(new Model(shapes), file(broken))).rejects.toMatchObject({
      code: 'weights-not-finite',
      detail: { name: 'fc1.bias' },
    });
  });
});
