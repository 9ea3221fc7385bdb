// One thing in a file of weights that cannot be used is passed over while the rest loads; sentences name file and tensor.
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { openWeights } from '../../src/formats/openWeights';
import { loadWeights } from '../../src/training/weights/loadWeights';
import { floatNpy, npzFile } from './npyText';
import {
  called,
  legacyPth,
  named,
  orderedDict,
  pickleOf,
  tensor,
  tuple,
  zipPth,
  type Pickled,
  Raw,
} from './torchFiles';

const whole = { key: '0', type: 'Float', count: 6, shape: [2, 3] };
const untyped = new Raw(`${tuple('storage', named('torch.storage', 'UntypedStorage'), '1', 'cpu', 24).code}Q`);
const six = Float32Array.of(0, 1, 2, 3, 4, 5);
const complex = (legacy = false) => tensor({ key: '1', type: 'ComplexFloat', count: 2, shape: [2], legacy });
const open = (path: string, bytes: Uint8Array<ArrayBuffer>) => openWeights([{ path, blob: new Blob([bytes]) }]);
const text = (words: string) => new TextEncoder().encode(words);
const beside = (odd: Pickled): Raw => orderedDict({ w: tensor(whole), odd });

describe('what is odd in a file', () => {
  it.each([
    ['complex numbers', complex(), 'odd (complex numbers)'],
    ['repeated values', tensor({ ...whole, shape: [1000, 6], strides: [0, 1] }), 'odd (repeats its values)'],
    ['a sparse tensor', called(named('torch._utils', '_rebuild_sparse_tensor'), 1, tuple(2)), 'odd (sparse)'],
    [
      'a sparse tensor with its layout',
      called(
        named('torch._utils', '_rebuild_sparse_tensor'),
        called(named('torch.serialization', '_get_layout'), 'torch.sparse_coo'),
        tuple(2),
      ),
      'odd (sparse)',
    ],
    [
      'a type of torch’s that came later',
      called(
        named('torch._utils', '_rebuild_tensor_v3'),
        untyped,
        0,
        tuple(2),
        tuple(1),
        false,
        null,
        named('torch', 'float8_e4m3fn'),
      ),
      'odd (float8_e4m3fn)',
    ],
    [
      'a kind of tensor that came later',
      called(named('torch._utils', '_rebuild_new_tensor'), 1),
      'odd (torch._utils._rebuild_new_tensor)',
    ],
    ['a quantised tensor', called(named('torch._utils', '_rebuild_qtensor'), 1), 'odd (quantised)'],
  ])('is passed over in a .pth: %s', async (_, odd, listed) => {
    const { tensors, passedOver } = await open('a.pth', zipPth(beside(odd), { 0: six, 1: six }));
    expect([tensors.map(({ name }) => name), passedOver]).toEqual([['w'], [listed]]);
    expect((await tensors[0]!.read()).data).toEqual(six);
  });

  it('is no tensor: an object of a program’s own', async () => {
    const value = { model: orderedDict({ w: tensor(whole) }), config: called(named('mynet.config', 'Config'), 'x') };
    const { tensors, passedOver } = await open('a.pth', zipPth(value, { 0: six }));
    expect([tensors.map(({ name }) => name), passedOver]).toEqual([['w'], ['mynet.config.Config']]);
    const alone = { model: called(named('mynet', 'Net')), optimizer: { state: { 0: { m: tensor(whole) } } } };
    await expect(open('a.pth', zipPth(alone, { 0: six }))).rejects.toMatchObject({
      code: 'pickle-refused',
      detail: { name: 'mynet.Net' },
    });
  });

  it('is none: whole numbers without a sign, which torch keeps without a type', async () => {
    const shorts = called(
      named('torch._utils', '_rebuild_tensor_v3'),
      ...[untyped, 2, tuple(2, 2), tuple(2, 1), false, orderedDict({}), named('torch', 'uint16')],
    );
    const { tensors, passedOver } = await open(
      'a.pth',
      zipPth({ shorts }, { 1: Uint16Array.from({ length: 12 }, (_, i) => i) }),
    );
    expect(passedOver).toEqual([]);
    expect([...(await tensors[0]!.read()).data]).toEqual([2, 3, 4, 5]);
  });

  it('takes its place in the layout before 1.6', async () => {
    const value = orderedDict({ odd: complex(true), w: tensor({ ...whole, legacy: true }) });
    const { tensors, passedOver } = await open(
      'a.pth',
      legacyPth(value, { 1: six.slice(0, 4), 0: six }, { 1: 2, 0: 6 }),
    );
    expect(passedOver).toEqual(['odd (complex numbers)']);
    expect(tensors).toHaveLength(1);
  });

  it('is passed over in a .npz', async () => {
    const header = (descr: string) => {
      const words = `{'descr': ${descr}, 'fortran_order': False, 'shape': (1,), }`.padEnd(117) + '\n';
      const length = [words.length & 255, words.length >> 8];
      return Uint8Array.from([0x93, ...text('NUMPY'), 1, 0, ...length, ...text(words), ...new Uint8Array(8)]);
    };
    const archive = npzFile({
      a: floatNpy([2], (i) => i),
      o: header("'|O'"),
      s: header("[('x', '<f4'), ('y', '<f4')]"),
      c: header("'<c8'"),
      b: header("'|V2'"),
      long: header(`[${Array.from({ length: 900 }, (_, i) => `('field${i}', '<f4')`).join(', ')}]`),
    });
    const { tensors, passedOver } = await open('a.npz', archive);
    expect(tensors.map(({ name }) => name)).toEqual(['a']);
    expect(passedOver.map((one) => one[0])).toEqual(['o', 's', 'c', 'b', 'l']);
  });
});

describe('archives of torch', () => {
  const pickle = pickleOf(orderedDict({ w: tensor(whole) }));
  const files = { 'a/data.pkl': pickle, 'a/data/0': new Uint8Array(six.buffer) };

  it('may be packed, and without checksums', async () => {
    const packed = Uint8Array.from(zipSync(files, { level: 9 }));
    expect((await (await open('a.pth', packed)).tensors[0]!.read()).data).toEqual(six);
    const plain = Uint8Array.from(zipSync(files, { level: 0 }));
    const view = new DataView(plain.buffer);
    for (let at = 0; at + 46 < plain.length; at++) {
      if (view.getUint32(at, true) === 0x04034b50) view.setUint32(at + 14, 0, true);
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 16, 0, true);
    }
    expect((await (await open('a.pth', plain)).tensors[0]!.read()).data).toEqual(six);
  });

  it('may have been unpacked and zipped again by a desktop', async () => {
    const again = zipSync({
      'a/': new Uint8Array(0),
      'a/.DS_Store': new Uint8Array(9),
      ...files,
      '__MACOSX/a/._data.pkl': new Uint8Array(7),
      '__MACOSX/a/data/._0': new Uint8Array(7),
    });
    const { tensors } = await open('a.pth', Uint8Array.from(again));
    expect((await tensors[0]!.read()).data).toEqual(six);
    const flat = zipSync({ 'data.pkl': pickle, 'data/0': files['a/data/0'], version: text('3') });
    expect((await (await open('b.pth', Uint8Array.from(flat))).tensors[0]!.read()).data).toEqual(six);
  });

  it('with a wrong checksum are damaged still, and the sentence names file and tensor', async () => {
    const plain = Uint8Array.from(zipSync(files, { level: 0 }));
    // The last value but one of the storage: zero bytes of 4 as float32.
    const at = plain.findIndex((byte, i) => byte === 0x80 && plain[i + 1] === 0x40 && plain[i + 4] === 0xa0);
    plain[at] = 0x81;
    const { tensors } = await open('parts/a.pth', plain);
    await expect(tensors[0]!.read()).rejects.toMatchObject({
      code: 'zip-broken',
      detail: { tensor: 'w' },
      message: expect.stringMatching(/parts\/a\.pth.*\(w\)/) as string,
    });
  });
});

describe('sentences about weights', () => {
  const safetensors = (header: string, bytes = 8): Uint8Array<ArrayBuffer> => {
    const head = new Uint8Array(8);
    new DataView(head.buffer).setBigUint64(0, BigInt(header.length), true);
    return Uint8Array.from([...head, ...text(header), ...new Uint8Array(bytes)]);
  };

  it.each([
    [
      'a cut file',
      safetensors('{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'),
      /"w".*\(shard-2\.safetensors\)/,
    ],
    ['numbers as metadata', safetensors('{"__metadata__":{"step":1}}'), /"step".*\(shard-2\.safetensors\)/],
    ['a broken header', safetensors('{"w"'), /not valid JSON \(shard-2\.safetensors\)/],
  ])('name the file: %s', async (_, bytes, words) => {
    await expect(open('shard-2.safetensors', bytes)).rejects.toThrow(words);
  });

  it('name the part of a model that comes in parts', async () => {
    const part = (header: string, values: Float32Array<ArrayBuffer>) =>
      new Blob([safetensors(header, 0), new Uint8Array(values.buffer)]);
    const index = { weight_map: { a: 'one.safetensors', b: 'two.safetensors', freqs: 'two.safetensors' } };
    const tensors =
      '"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"freqs":{"dtype":"C64","shape":[1],"data_offsets":[8,16]}';
    const source = await openWeights([
      { path: 'm/model.safetensors.index.json', blob: new Blob([JSON.stringify(index)]) },
      {
        path: 'm/one.safetensors',
        blob: part('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', Float32Array.of(1, 2)),
      },
      { path: 'm/two.safetensors', blob: part(`{${tensors}}`, Float32Array.of(NaN, 2, 0, 0)) },
    ]);
    expect(source.passedOver).toEqual(['freqs (C64)']);
    const model = {
      shapes: new Map([
        ['a', [2]],
        ['b', [2]],
      ]),
      writeWeight: () => Promise.resolve(),
    };
    await expect(loadWeights(source, model)).rejects.toMatchObject({
      code: 'weights-not-finite',
      message: expect.stringMatching(/weight b .*m\/two\.safetensors/) as string,
    });
  });

  it('are not needed for metadata that is null', async () => {
    const bytes = safetensors('{"__metadata__":null,"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}');
    expect((await open('a.safetensors', bytes)).tensors).toHaveLength(1);
  });
});
