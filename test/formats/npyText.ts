// NumPy files written by hand, for tests.
import { zipSync } from 'fflate';

/** A .npy of version 1 with this header; `data` is copied as it is. */
export function npyFile(
  descr: string,
  shape: readonly number[],
  data: ArrayBufferView,
  fortran = false,
): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `${shape[0]!},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${tuple}), }`;
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n';
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return bytes;
}

/** A float32 array in row-major order. */
export function floatNpy(shape: readonly number[], value: (i: number) => number): Uint8Array<ArrayBuffer> {
  const count = shape.reduce((product, size) => product * size, 1);
  return npyFile(
    '<f4',
    shape,
    Float32Array.from({ length: count }, (_, i) => value(i)),
  );
}

/** A text array of type <U. */
export function textNpy(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const width = Math.max(1, ...texts.map((text) => text.length));
  const codes = new Uint32Array(texts.length * width);
  for (const [i, text] of texts.entries())
    for (let k = 0; k < text.length; k++) codes[i * width + k] = text.charCodeAt(k);
  return npyFile(`<U${width}`, [texts.length], codes);
}

/** A .npz as numpy.savez_compressed writes it. */
export function npzFile(arrays: Readonly<Record<string, Uint8Array>>, level: 0 | 6 = 6): Uint8Array<ArrayBuffer> {
  const files = Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes]));
  return Uint8Array.from(zipSync(files, { level }));
}
