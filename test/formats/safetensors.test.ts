// Safetensors: round trips are bit-exact, broken files are refused with a sentence.
import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors';
import { floatValues, type StoredTensor } from '../../src/formats/storedTensor';
import type { NamedTensors } from '../../src/training/runtime';

const sample: NamedTensors = new Map([
  ['b', { dtype: 'F32', shape: [3], data: new Float32Array([1.5, -0, NaN]) }],
  ['count', { dtype: 'I64', shape: [], data: new BigInt64Array([-9007199254740993n]) }],
  ['a', { dtype: 'F32', shape: [2, 0], data: new Float32Array(0) }],
]);

function file(header: string, data = new Uint8Array(0), length = new TextEncoder().encode(header).length): Uint8Array {
  const text = new TextEncoder().encode(header);
  const out = new Uint8Array(8 + text.length + data.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(length), true);
  out.set(text, 8);
  out.set(data, 8 + text.length);
  return out;
}

describe('safetensors', () => {
  it('gives back F32 and I64 bit for bit, in order, with metadata', () => {
    const bytes = writeSafetensors(sample, { recipe: 'a "quoted" text', __proto__x: 'é' });
    const { tensors, metadata } = readSafetensors(bytes);
    expect([...tensors.keys()]).toEqual(['b', 'count', 'a']);
    for (const [name, { dtype, shape, data }] of sample) {
      const back = tensors.get(name);
      expect(back?.dtype).toBe(dtype);
      expect(back?.shape).toEqual(shape);
      expect(new Uint8Array(back?.data.buffer as ArrayBuffer)).toEqual(new Uint8Array(data.buffer));
    }
    expect(metadata).toEqual({ recipe: 'a "quoted" text', __proto__x: 'é' });
    expect(writeSafetensors(tensors, metadata)).toEqual(bytes);
    expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
  });

  it('reads unaligned tensors from the middle of another buffer', () => {
    const inner = file(
      '{"m":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}',
      new Uint8Array([1, 0, 0, 128, 63]),
    );
    const outer = new Uint8Array(inner.length + 3);
    outer.set(inner, 3);
    expect(readSafetensors(outer.subarray(3)).tensors.get('x')?.data).toEqual(new Float32Array([1]));
    expect(readSafetensors(Buffer.from(outer).subarray(3)).tensors.get('x')?.data).toEqual(new Float32Array([1]));
  });

  it('widens halves and bfloat16 exactly', () => {
    const f16: StoredTensor = {
      dtype: 'F16',
      shape: [5],
      data: new Uint16Array([0x3c00, 0xc000, 0x0001, 0x7c00, 0x7bff]),
    };
    expect([...floatValues(f16)]).toEqual([1, -2, 2 ** -24, Infinity, 65504]);
    const bf16: StoredTensor = { dtype: 'BF16', shape: [2], data: new Uint16Array([0x3f80, 0xc049]) };
    expect([...floatValues(bf16)]).toEqual([1, -3.140625]);
  });

  it.each([
    ['no bytes', new Uint8Array(0), 'safetensors-too-short'],
    ['a header longer than the file', file('{}', undefined, 50), 'safetensors-header-length'],
    ['an absurd header length', file('{}', undefined, 2 ** 52), 'safetensors-header-length'],
    ['text that is not JSON', file('{"a":'), 'safetensors-header-json'],
    ['a list as header', file('[]'), 'safetensors-header-json'],
    ['a number as metadata value', file('{"__metadata__":{"a":1}}'), 'safetensors-header-json'],
    ['an unknown type', file('{"a":{"dtype":"Q4","shape":[],"data_offsets":[0,0]}}'), 'safetensors-dtype'],
    [
      'an inherited property as type',
      file('{"a":{"dtype":"toString","shape":[],"data_offsets":[0,0]}}'),
      'safetensors-dtype',
    ],
    ['a negative size', file('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}'), 'safetensors-shape'],
    ['one offset', file('{"a":{"dtype":"F32","shape":[],"data_offsets":[0]}}'), 'safetensors-offsets'],
    ['offsets past the end', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'), 'safetensors-offsets'],
    [
      'swapped offsets',
      file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[2,1]}}', new Uint8Array(4)),
      'safetensors-offsets',
    ],
    [
      'a shape that needs more bytes',
      file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', new Uint8Array(4)),
      'safetensors-size',
    ],
    [
      'overlapping tensors',
      file(
        '{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}',
        new Uint8Array(4),
      ),
      'safetensors-overlap',
    ],
  ])('refuses %s', (_, bytes, code) => {
    expect(() => readSafetensors(bytes)).toThrow(expect.objectContaining({ name: 'UserError', code }));
  });
});
