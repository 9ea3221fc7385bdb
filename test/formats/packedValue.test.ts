// Values with arrays and Blobs in them: what is packed comes back, and what was damaged is refused.
import { expect, it } from 'vitest';
import { pack, unpack } from '../../src/formats/packedValue';

it('gives back plain values, numbers that JSON has not, arrays of every type and Blobs', async () => {
  const plain = {
    ...{ text: 'ä', flag: true, none: null, list: [1, [2], { three: 3 }] },
    numbers: [NaN, Infinity, -Infinity, -0, 1e-300],
    arrays: [new Float64Array([1, NaN]), new Uint8Array(3).subarray(1), new Float32Array([0.1]), new Int16Array(0)],
    odd: { $: 'Blob', at: 3 },
    proto: JSON.parse('{"__proto__": 1}') as unknown,
    still: { width: 1, pixels: new Uint8ClampedArray([1, 2, 3, 255]) },
  };
  const value = { ...plain, media: new Blob(['film'], { type: 'video/mp4' }), more: new Blob(['!']) };
  const { media, more, ...rest } = (await unpack(pack(value), 'x')) as typeof value;
  expect(rest).toEqual(plain);
  expect(Object.is(rest.numbers[3], -0)).toBe(true);
  expect([await media.text(), media.type, await more.text()]).toEqual(['film', 'video/mp4', '!']);
});

it('leaves out keys without a value, and refuses what has no place in a file', async () => {
  expect(await unpack(pack({ a: undefined, b: 1 }), 'x')).toEqual({ b: 1 });
  expect(() => pack({ a: new Map() })).toThrow('Map');
  expect(() => pack([() => 1])).toThrow('function');
});

it.each([
  ['no JSON', '{'],
  ['another JSON', '[1]'],
  ['more arrays than bytes', '{"arrayBytes":9,"value":1}'],
  ['an array behind the end', '{"arrayBytes":8,"value":{"$":"Float64Array","at":0,"length":2}}'],
  ['an array before the start', '{"arrayBytes":8,"value":{"$":"Uint8Array","at":-1,"length":1}}'],
  ['an array of half an element', '{"arrayBytes":8,"value":{"$":"Uint8Array","at":0.5,"length":1}}'],
  ['a Blob behind the end', '{"arrayBytes":0,"value":{"$":"Blob","at":4,"length":9,"type":""}}'],
  ['something unknown', '{"arrayBytes":0,"value":{"$":"constructor","at":0,"length":0}}'],
])('refuses %s', async (_, json) => {
  await expect(unpack({ json, bytes: new Blob([new Uint8Array(8)]) }, 'views.json')).rejects.toMatchObject({
    code: 'packed-broken',
  });
});
