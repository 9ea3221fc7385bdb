// Files of weights of every format: what is in them, and in which words broken and hostile ones are refused.
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { openWeights, type WeightSource } from '../../src/formats/openWeights';
import { writeSafetensors } from '../../src/formats/safetensors';
import { floatNpy, npyFile, npzFile, textNpy } from './npyText';
import {
  asZip64,
  called,
  characters,
  legacyPth,
  named,
  orderedDict,
  Raw,
  tensor,
  tuple,
  zipPth,
  type Pickled,
} from './torchFiles';

const six = Float32Array.of(0, 1, 2, 3, 4, 5);
const whole = { key: '0', type: 'Float', count: 6 };
const values: Pickled = orderedDict({
  'a.weight': tensor({ ...whole, shape: [2, 3] }),
  'a.turned': tensor({ ...whole, shape: [3, 2], strides: [1, 3] }),
  'a.row': tensor({ ...whole, shape: [3], offset: 3 }),
  'bn.num_batches_tracked': tensor({ key: '1', type: 'Long', count: 1, shape: [] }),
});
const storages = { 0: six, 1: BigInt64Array.of(-7n) };

const open = (bytes: Uint8Array<ArrayBuffer>, path = 'some.bin') => openWeights([{ path, blob: new Blob([bytes]) }]);

async function contents(source: WeightSource): Promise<Record<string, unknown>> {
  const entries: [string, unknown][] = [];
  for (const one of source.tensors) {
    const read = await one.read();
    expect([read.dtype, read.shape]).toEqual([one.dtype, one.shape]);
    entries.push([
      one.group === '' ? one.name : `${one.group}:${one.name}`,
      Array.from(read.data as ArrayLike<number>),
    ]);
  }
  return Object.fromEntries(entries);
}

const expected = {
  'a.weight': [0, 1, 2, 3, 4, 5],
  'a.turned': [0, 3, 1, 4, 2, 5],
  'a.row': [3, 4, 5],
  'bn.num_batches_tracked': [-7n],
};

describe('PyTorch files', () => {
  const legacy = legacyPth(values, storages, { 0: 6, 1: 1 });
  it.each([
    ['the zip layout', zipPth(values, storages), 'pytorch'],
    ['zip64', asZip64(zipPth(values, storages)), 'pytorch'],
    ['the legacy layout', legacy, 'pytorch-legacy'],
  ])('gives views of shared storages from %s', async (_, bytes, format) => {
    const source = await open(bytes);
    expect(source.format).toBe(format);
    expect(await contents(source)).toEqual(expected);
  });

  it('reads what another byte order wrote', async () => {
    const turned = new DataView(new ArrayBuffer(24));
    six.forEach((value, i) => turned.setFloat32(i * 4, value, false));
    const bytes = zipPth(
      orderedDict({ a: tensor({ ...whole, shape: [6] }) }),
      { 0: turned },
      { 'model/byteorder': characters('big') },
    );
    expect(await contents(await open(bytes))).toEqual({ a: [...six] });
  });

  it('keeps halves and bfloat16 as they are', async () => {
    const bits = Uint16Array.of(0x3c00, 0xc049);
    const value = orderedDict({
      h: tensor({ key: '0', type: 'Half', count: 2, shape: [2] }),
      b: tensor({ key: '1', type: 'BFloat16', count: 2, shape: [2] }),
    });
    const source = await open(zipPth(value, { 0: bits, 1: bits }));
    expect(source.tensors.map((one) => one.dtype)).toEqual(['F16', 'BF16']);
    expect(await contents(source)).toEqual({ h: [...bits], b: [...bits] });
  });

  it('finds tensors in nested dicts, and names what it passes over', async () => {
    const value: Pickled = {
      epoch: 3,
      args: called(named('argparse', 'Namespace')),
      best: called(named('numpy.core.multiarray', 'scalar'), called(named('numpy', 'dtype'), 'f8', false, true), 'x'),
      model: orderedDict({
        'module.w': called(named('torch._utils', '_rebuild_parameter'), tensor({ ...whole, shape: [6] }), true, null),
      }),
      optimizer: {
        state: { 0: { exp_avg: tensor({ ...whole, shape: [6] }) } },
        param_groups: [{ lr: 0.5, betas: tuple(0.9, 0.999) }],
      },
    };
    const source = await open(zipPth(value, { 0: six }));
    expect(Object.keys(await contents(source))).toEqual(['model:module.w', 'optimizer/state/0:exp_avg']);
    expect(source.passedOver).toEqual(['argparse.Namespace', 'numpy.core.multiarray.scalar', 'numpy.dtype']);
  });

  it('reads a tensor without reading the others', async () => {
    const big = new Float32Array(100_000);
    const bytes = zipPth(
      orderedDict({
        a: tensor({ ...whole, shape: [6] }),
        b: tensor({ key: '1', type: 'Float', count: 100_000, shape: [100_000] }),
      }),
      { 0: six, 1: big },
    );
    let read = 0;
    const blob = new Blob([bytes]);
    const slice = blob.slice.bind(blob);
    blob.slice = (begin, end) => {
      read += end! - begin!;
      return slice(begin, end);
    };
    const source = await openWeights([{ path: 'x', blob }]);
    await source.tensors[0]!.read();
    // The end of the archive is searched for its directory.
    expect(read).toBeLessThan(66_000 + 3000);
  });

  const one = (value: Pickled): Uint8Array<ArrayBuffer> => zipPth(value, { 0: six });
  const script = zipPth(values, storages, {
    'model/constants.pkl': characters('x'),
    'model/code/a.py': characters('x'),
  });
  it.each([
    [
      'a call of the shell',
      one(called(named('os', 'system'), 'ls')),
      'pickle-dangerous',
      /would call os\.system.*Nothing of it was run/,
    ],
    ['eval', one(called(named('builtins', 'eval'), '1')), 'pickle-dangerous', /builtins\.eval/],
    ['the same in Python 2', one(called(named('__builtin__', 'eval'), '1')), 'pickle-dangerous', /eval/],
    ['torch.load in disguise', one(called(named('torch', 'load'), 'x')), 'pickle-dangerous', /torch\.load/],
    ['a whole model', one(called(named('mynet.models', 'Net'))), 'pickle-refused', /mynet\.models\.Net.*state_dict/],
    [
      'a tensor past its storage',
      one({ a: tensor({ ...whole, shape: [3], offset: 4 }) }),
      'pickle-broken',
      /larger than what is stored/,
    ],
    [
      'a storage shorter than said',
      zipPth(values, { ...storages, 0: six.subarray(1) }),
      'pth-storage',
      /missing or cut off/,
    ],
    ['a missing storage', zipPth(values, { 0: six }), 'pth-storage', /storage 1/],
    ['TorchScript', script, 'pth-torchscript', /torch\.jit\.load/],
    [
      'a path out of the archive',
      zipPth(values, storages, { '../x': six as unknown as Uint8Array }),
      'zip-path',
      /outside/,
    ],
    ['a legacy file cut off in its values', legacy.slice(0, -4), 'pth-storage', /cut off/],
    ['a legacy file cut off in its list', legacy.slice(0, 300), 'pickle-cut-off', /cut off/],
    ['an unknown instruction', one(new Raw('\xfe')), 'pickle-broken', /unknown instruction 254/],
    ['a web page', characters('<!DOCTYPE html><html>'), 'weights-web-page', /web page/],
    [
      'a note of Git LFS',
      characters('version https://git-lfs.github.com/spec/v1\noid'),
      'weights-pointer',
      /git lfs pull/,
    ],
    ['nothing', new Uint8Array(0), 'weights-empty', /empty/],
    ['a Keras file', characters('\x89HDF\r\n\x1a\n'), 'weights-hdf5', /HDF5/],
    ['a plain pickle', characters('\x80\x04K\x01.'), 'weights-plain-pickle', /torch\.save/],
    ['a video', characters('\0\0\0 ftypmp42'), 'weights-unknown', /no \.safetensors/],
    [
      'an archive of something else',
      Uint8Array.from(zipSync({ 'a.txt': characters('x') })),
      'weights-archive',
      /neither/,
    ],
  ])('refuses %s', async (_, bytes, code, words) => {
    const error: unknown = await open(bytes).then(contents, (thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'UserError', code });
    expect((error as Error).message).toMatch(words);
  });
});

describe('NumPy files', () => {
  it.each([0, 6] as const)('lists arrays at compression level %d and passes text over', async (level) => {
    const source = await open(
      npzFile(
        {
          'a.weight': floatNpy([2, 3], (i) => i),
          half: npyFile('<f2', [1], Uint16Array.of(0x3c00)),
          words: textNpy(['x']),
        },
        level,
      ),
    );
    expect(source.tensors.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ['a.weight', 'F32', [2, 3]],
      ['half', 'F16', [1]],
    ]);
    expect(await contents(source)).toEqual({ 'a.weight': [...six], half: [0x3c00] });
    expect(source.passedOver).toEqual(['text array words']);
  });

  it('names a single array after its file', async () => {
    expect(
      await contents(
        await open(
          floatNpy([2], (i) => i),
          'folder/mean.npy',
        ),
      ),
    ).toEqual({ mean: [0, 1] });
  });
});

describe('models in parts', () => {
  const part = (name: string) =>
    new Blob([writeSafetensors(new Map([[name, { dtype: 'F32' as const, shape: [6], data: six }]]))]);
  const index = (map: Record<string, string>) => ({
    path: 'm/model.safetensors.index.json',
    blob: new Blob([JSON.stringify({ metadata: {}, weight_map: map })]),
  });
  const parts = [
    { path: 'm/model-1.safetensors', blob: part('a') },
    { path: 'm/model-2.safetensors', blob: part('b') },
  ];

  it('are one source', async () => {
    const source = await openWeights([...parts, index({ a: 'model-1.safetensors', b: 'model-2.safetensors' })]);
    expect(await contents(source)).toEqual({ a: [...six], b: [...six] });
    expect(source.bytes).toBe(parts[0]!.blob.size * 2);
  });

  it.each([
    ['a part that was not chosen', { a: 'model-1.safetensors', b: 'model-9.safetensors' }, 'weights-parts-missing'],
    ['a tensor that is not where the list says', { a: 'model-2.safetensors' }, 'weights-parts-missing'],
    ['a part elsewhere', { a: '../secret.safetensors' }, 'weights-index-path'],
  ])('refuse %s', async (_, map, code) => {
    await expect(openWeights([index(map), ...parts])).rejects.toMatchObject({ name: 'UserError', code });
  });

  it('need their list', async () => {
    await expect(openWeights(parts)).rejects.toMatchObject({ code: 'weights-one-file' });
    await expect(openWeights([index({ a: 'b' })])).rejects.toMatchObject({ code: 'weights-index-alone' });
    await expect(openWeights([{ ...index({}), blob: new Blob(['{"a":']) }, ...parts])).rejects.toMatchObject({
      code: 'weights-index',
    });
  });
});
