// NumPy arrays and archives: types and orders, broken and hostile files.
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readNpy } from '../../src/formats/npy';
import { readNpz } from '../../src/formats/npz';
import { readZip } from '../../src/formats/zip';
import { floatNpy, npyFile, npzFile, textNpy } from './npyText';

const six = [1, 2, 3, 4, 5, 6];

function bigEndian(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  for (const [i, value] of values.entries()) view.setFloat32(i * 4, value, false);
  return new Uint8Array(view.buffer);
}

describe('npy', () => {
  it.each([
    ['<f4', Float32Array.from(six)],
    ['<f8', Float64Array.from(six)],
    ['|u1', Uint8Array.from(six)],
    ['<i4', Int32Array.from(six)],
    ['<i8', BigInt64Array.from(six, BigInt)],
    ['<f2', Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600)],
    ['>f4', bigEndian(six)],
  ])('reads %s in both orders', (descr, data) => {
    expect(Array.from(readNpy(npyFile(descr, [2, 3], data), 'a').data as ArrayLike<number>, Number)).toEqual(six);
    const turned = readNpy(npyFile(descr, [2, 3], data, true), 'a');
    expect(Array.from(turned.data as ArrayLike<number>, Number)).toEqual([1, 3, 5, 2, 4, 6]);
  });

  it('reads text, scalars and empty arrays', () => {
    expect(readNpy(textNpy(['S1', 'walk é']), 'a')).toEqual({ shape: [2], data: ['S1', 'walk é'] });
    expect(readNpy(npyFile('<f4', [], Float32Array.of(7)), 'a')).toEqual({ shape: [], data: Float32Array.of(7) });
    expect(readNpy(npyFile('<f4', [0, 3], new Float32Array(0)), 'a').data).toHaveLength(0);
  });

  it.each([
    ['an object array', npyFile('|O', [1], new Uint8Array(8)), 'npy-object'],
    ['complex numbers', npyFile('<c8', [1], new Uint8Array(8)), 'npy-type'],
    ['too few bytes', npyFile('<f4', [3], new Uint8Array(8)), 'npy-size'],
    ['a shape that overflows', npyFile('<f4', [2 ** 53, 2 ** 53], new Uint8Array(8)), 'npy-broken'],
    ['a cut-off header', npyFile('<f4', [2], new Uint8Array(8)).slice(0, 40), 'npy-broken'],
    ['something else', new TextEncoder().encode('hello, this is text'), 'npy-broken'],
  ])('refuses %s', (_, bytes, code) => {
    expect(() => readNpy(bytes, 'a')).toThrow(expect.objectContaining({ name: 'UserError', code }));
  });

  it('says how to convert an object array', () => {
    expect(() => readNpy(npyFile('|O', [1], new Uint8Array(8)), 'a')).toThrow(/allow_pickle=True.*numpy\.savez/);
  });
});

describe('npz', () => {
  const arrays = { a: floatNpy([4], (i) => i), 'b/c': floatNpy([2, 2], () => 1) };

  it.each([0, 6] as const)('reads arrays at compression level %d', (level) => {
    const npz = readNpz(npzFile(arrays, level), 'x.npz');
    expect(npz.names).toEqual(['a', 'b/c']);
    expect(npz.read('a')?.data).toEqual(Float32Array.of(0, 1, 2, 3));
    expect(npz.read('missing')).toBeNull();
  });

  /** A small archive whose directory claims another uncompressed size. */
  function claiming(size: number): Uint8Array {
    const bytes = npzFile(arrays);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + 4 < bytes.length; at++)
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, size, true);
    return bytes;
  }

  /** A small archive of two files that begin at the same place. */
  function overlapping(): Uint8Array {
    const bytes = npzFile(arrays);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + 46 < bytes.length; at++)
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 42, 0, true);
    return bytes;
  }

  it.each([
    ['no archive', new Uint8Array(100), 'zip-broken'],
    ['an empty file', new Uint8Array(0), 'zip-broken'],
    ['a path out of the archive', zipSync({ '../a.npy': arrays.a }), 'zip-path'],
    ['an absolute path', zipSync({ '/etc/a.npy': arrays.a }), 'zip-path'],
    ['a backslash path', zipSync({ 'x\\..\\a.npy': arrays.a }), 'zip-path'],
    ['a bomb', claiming(1_500_000_000), 'zip-bomb'],
    ['files that share their bytes', overlapping(), 'zip-bomb'],
    ['a false size', claiming(100), 'zip-broken'],
  ])('refuses %s', (_, bytes, code) => {
    const readAll = () => readZip(bytes, 'x.npz').map((entry) => entry.read());
    expect(readAll).toThrow(expect.objectContaining({ name: 'UserError', code }));
  });
});
