// Reads NumPy's .npy: one array of numbers or text; arrays of Python objects are refused.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { UserError } from '../errors';
import { widenHalf } from './halfFloat';
import { countOf, type Dtype, type StoredTensor } from './storedTensor';

export type NpyNumbers =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** An array in row-major order, whatever order and byte order the file has; halves are widened to float32. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: NpyNumbers | readonly string[];
}

const numberTypes = {
  f2: Uint16Array,
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  u1: Uint8Array,
  b1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
  i8: BigInt64Array,
  u8: BigUint64Array,
} as const;

const dtypes: Readonly<Record<string, Dtype>> = {
  ...{ f2: 'F16', f4: 'F32', f8: 'F64', b1: 'BOOL' },
  ...{ i1: 'I8', i2: 'I16', i4: 'I32', i8: 'I64', u1: 'U8', u2: 'U16', u4: 'U32', u8: 'U64' },
};

function bad(code: string, what: string, name: string): UserError {
  return new UserError(code, `${what} (${name})`, { path: name });
}

/** What the header of a file says. */
export interface NpyHeader {
  /** Type in NumPy's letters, with its byte order: `<f4`. */
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the values begin. */
  readonly start: number;
}

/**
 * Parses one array; halves are widened.
 * @param name only named in errors.
 * @throws UserError with a code that starts with `npy-`.
 */
export function readNpy(bytes: Uint8Array, name: string): NpyArray {
  const header = readNpyHeader(bytes, name);
  const data = readValues(bytes, header, name);
  const half = header.descr.endsWith('f2');
  return { shape: header.shape, data: half ? widenHalf(data as Uint16Array) : data };
}

/** Parses one array of numbers with its type as it is; `npyDtype` must know it. Throws as `readNpy`. */
export function readNpyTensor(bytes: Uint8Array, name: string): StoredTensor {
  const header = readNpyHeader(bytes, name);
  const dtype = npyDtype(header);
  if (dtype === null) throw bad('npy-type', 'This array holds text, not numbers', name);
  return { dtype, shape: header.shape, data: readValues(bytes, header, name) as NpyNumbers };
}

/** Element type of an array, or null for text. */
export function npyDtype({ descr }: NpyHeader): Dtype | null {
  return dtypes[descr.slice(1)] ?? null;
}

/** Where the values of an array begin, from its first 12 bytes. */
export function npyStart(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes[6]! >= 2 ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
}

/** Parses the header from the first bytes of a file. Throws as `readNpy`. */
export function readNpyHeader(bytes: Uint8Array, name: string): NpyHeader {
  if (bytes.length < 12 || bytes[0] !== 0x93 || new TextDecoder().decode(bytes.subarray(1, 6)) !== 'NUMPY')
    throw bad('npy-broken', 'This is not a NumPy array', name);
  const textStart = bytes[6]! >= 2 ? 12 : 10;
  const start = npyStart(bytes);
  if (start > bytes.length) throw bad('npy-broken', 'The array is cut off in its header; save it again', name);
  return { ...parseHeader(new TextDecoder().decode(bytes.subarray(textStart, start)), name), start };
}

function readValues(bytes: Uint8Array, header: NpyHeader, name: string): NpyNumbers | string[] {
  const { descr, fortran, shape, start } = header;
  const count = countOf(shape);
  const size = Number(/\d+$/.exec(descr)![0]) * (descr[1] === 'U' ? 4 : 1);
  // Copied, so that the values are aligned whatever the header's length.
  const data = new Uint8Array(bytes.subarray(start));
  if (count * size !== data.length)
    throw bad(
      'npy-size',
      `Shape (${shape.join(', ')}) of type ${descr} takes ${count * size} bytes, but ${data.length} are there; save it again`,
      name,
    );
  if (descr.startsWith('>')) swapBytes(data, descr[1] === 'U' ? 4 : size);
  const values = decode(data, descr, count, size);
  return fortran && shape.length > 1 ? toRowMajor(values, shape) : values;
}

function parseHeader(header: string, name: string): Omit<NpyHeader, 'start'> {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const shapeText = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(header)?.[1];
  if (/'descr'\s*:\s*\[/.test(header))
    throw bad('npy-structured', 'Arrays with named fields are not supported; save one plain array per field', name);
  if (descr === undefined || fortran === undefined || shapeText === undefined)
    throw bad('npy-broken', 'The header of the array is damaged; save it again', name);
  if (/^[|<>=]?O/.test(descr))
    throw bad(
      'npy-object',
      'This array holds Python objects, which only Python can read. Load it there with allow_pickle=True and save each inner array by its own name with numpy.savez',
      name,
    );
  const plain = descr.replace(/^[=|]/, '<');
  const known = Object.hasOwn(numberTypes, plain.slice(1)) || /^.[US]\d{1,6}$/.test(plain);
  if (!/^[<>]/.test(plain) || !known)
    throw bad('npy-type', `Arrays of type "${descr.slice(0, 20)}" are not supported; save as float32`, name);
  const shape = (shapeText.match(/\d+/g) ?? []).map(Number);
  if (shape.length > 32 || !shape.every(Number.isSafeInteger))
    throw bad('npy-broken', 'The shape of the array is damaged', name);
  return { descr: plain, fortran: fortran === 'True', shape };
}

function swapBytes(data: Uint8Array, size: number): void {
  for (let at = 0; size > 1 && at < data.length; at += size) data.subarray(at, at + size).reverse();
}

function decode(data: Uint8Array<ArrayBuffer>, descr: string, count: number, size: number): NpyNumbers | string[] {
  const type = descr.slice(1);
  if (type in numberTypes) return new numberTypes[type as keyof typeof numberTypes](data.buffer);
  const wide = type.startsWith('U');
  const codes = wide ? new Uint32Array(data.buffer) : data;
  const width = wide ? size / 4 : size;
  return Array.from({ length: width === 0 ? 0 : count }, (_, i) => {
    let text = '';
    for (const code of codes.subarray(i * width, (i + 1) * width))
      if (code > 0 && code <= 0x10ffff) text += String.fromCodePoint(code);
    return text;
  });
}

function toRowMajor<T extends NpyNumbers | string[]>(values: T, shape: readonly number[]): T {
  const out = values.slice() as T;
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  for (let i = 0; i < out.length; i++) {
    let from = 0;
    for (let axis = 0; axis < shape.length; axis++) from += index[axis]! * strides[axis]!;
    out[i] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return out;
}
