// Writes NumPy's .npz: a stored zip of .npy arrays, as numpy.savez does.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (version 1.0)
import { joinedBytes } from './joined';
import { ZipWriter } from './zipWriter';

/** In row-major order. */
export interface ArrayToWrite {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
}

/** Arrays by name. Throws UserError `pth-too-large` beyond 4 GB. */
export function writeNpz(arrays: Readonly<Record<string, ArrayToWrite>>): Uint8Array<ArrayBuffer> {
  const zip = new ZipWriter();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  // Nothing here lies in another file.
  for (const [name, array] of Object.entries(arrays))
    for (const piece of zip.file(`${name}.npy`, npyBytes(array))) pieces.push(piece as Uint8Array<ArrayBuffer>);
  return joinedBytes([...pieces, zip.end()]);
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];

function npyBytes({ shape, data }: ArrayToWrite): Uint8Array<ArrayBuffer> {
  const descr = data instanceof Uint8Array ? '|u1' : data instanceof Float32Array ? '<f4' : '<f8';
  const sizes = shape.map((size) => `${size},`).join(' ');
  const about = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Magic, version, length and header end at a multiple of 64, with a line break.
  const length = Math.ceil((about.length + 11) / 64) * 64 - 10;
  const header = new TextEncoder().encode(`${about.padEnd(length - 1)}\n`);
  const start = Uint8Array.of(...magic, length & 255, length >> 8);
  return joinedBytes([start, header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}
