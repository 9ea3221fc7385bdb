// Reads and writes .safetensors: an 8-byte length, a JSON header, then raw little-endian tensors.
// Format: https://github.com/huggingface/safetensors#format.
import { invariant, UserError } from '../errors';
import { widenBfloat16, widenHalf } from './halfFloat';

const elementTypes = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  F8_E4M3: Uint8Array,
  F8_E5M2: Uint8Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

export type Dtype = keyof typeof elementTypes;

/** Element storage of a tensor; 16-bit and 8-bit floats stay bit patterns (see `floatValues`). */
export type TensorData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** One tensor, row-major; `data` owns its bytes. */
export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export interface SafetensorsFile {
  /** In the order of the header. */
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Record<string, string>;
}

const maxHeaderBytes = 100_000_000;

function bad(code: string, what: string, detail: Record<string, string | number> = {}): UserError {
  return new UserError(code, `This is not a usable .safetensors file: ${what}`, detail);
}

/**
 * Reads all tensors; the bytes are copied, so the input may be reused.
 * @throws UserError with a code that starts with `safetensors-` when any part of the file is broken.
 */
export function readSafetensors(input: Uint8Array | ArrayBuffer): SafetensorsFile {
  // Node's Buffer is a Uint8Array whose `slice` does not copy: look through a plain one.
  const bytes =
    input instanceof Uint8Array
      ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
      : new Uint8Array(input);
  const { entries, metadata, dataStart } = readHeader(bytes);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const copy = bytes.slice(dataStart + begin, dataStart + end);
    tensors.set(name, { dtype, shape, data: new elementTypes[dtype](copy.buffer) });
  }
  return { tensors, metadata };
}

/**
 * A tensor's values as float32, whatever floating or 32-bit-or-smaller type stores them.
 * @throws UserError `safetensors-not-float` for 8-bit floats.
 */
export function floatValues(tensor: StoredTensor): Float32Array {
  if (tensor.data instanceof Float32Array) return tensor.data;
  if (tensor.dtype === 'F8_E4M3' || tensor.dtype === 'F8_E5M2')
    throw bad('safetensors-not-float', `8-bit floats (${tensor.dtype}) are not supported; save as F16 or F32.`, {
      dtype: tensor.dtype,
    });
  if (tensor.data instanceof Uint16Array && tensor.dtype === 'F16') return widenHalf(tensor.data);
  if (tensor.data instanceof Uint16Array && tensor.dtype === 'BF16') return widenBfloat16(tensor.data);
  return Float32Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

/**
 * Writes tensors of any type, `NamedTensors` included. The header keeps the map's order; the bytes are
 * laid out by falling element size, so that every tensor is aligned. Equal input gives equal bytes.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const order = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const begins = new Map<string, number>();
  let dataBytes = 0;
  for (const [name, tensor] of order) {
    const count = tensor.shape.reduce((product, size) => product * size, 1);
    invariant(
      tensor.data.length === count,
      `tensor ${name}: shape [${tensor.shape.join(', ')}] but ${tensor.data.length} values`,
    );
    invariant(
      tensor.data instanceof elementTypes[tensor.dtype],
      `tensor ${name}: ${tensor.dtype} in another kind of array`,
    );
    begins.set(name, dataBytes);
    dataBytes += tensor.data.byteLength;
  }
  const parts: string[] = [];
  const keys = Object.keys(metadata).sort();
  if (keys.length > 0)
    parts.push(
      `"__metadata__":{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`).join(',')}}`,
    );
  for (const [name, tensor] of tensors) {
    invariant(name !== '__metadata__', 'a tensor may not be called __metadata__');
    const begin = begins.get(name) ?? 0;
    const entry = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [begin, begin + tensor.data.byteLength] };
    parts.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }
  const text = new TextEncoder().encode(`{${parts.join(',')}}`);
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const out = new Uint8Array(8 + headerBytes + dataBytes);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerBytes), true);
  out.set(text, 8);
  out.fill(0x20, 8 + text.length, 8 + headerBytes);
  for (const [name, { data }] of tensors)
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 8 + headerBytes + (begins.get(name) ?? 0));
  return out;
}

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function readHeader(bytes: Uint8Array): { entries: Entry[]; metadata: Record<string, string>; dataStart: number } {
  if (bytes.length < 8)
    throw bad('safetensors-too-short', `it has ${bytes.length} bytes, and the header's length alone takes 8.`, {
      bytes: bytes.length,
    });
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > maxHeaderBytes)
    throw bad(
      'safetensors-header-length',
      `its header claims ${length} bytes; at most ${maxHeaderBytes} are allowed.`,
      { length },
    );
  const dataStart = 8 + length;
  if (dataStart > bytes.length)
    throw bad(
      'safetensors-header-length',
      `its header claims ${length} bytes, but only ${bytes.length - 8} follow. The file may be cut off.`,
      { length },
    );
  const header = parseHeader(bytes.subarray(8, dataStart));
  const metadata: Record<string, string> = {};
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name !== '__metadata__') {
      entries.push(checkEntry(name, value, bytes.length - dataStart));
      continue;
    }
    if (!isRecord(value)) throw bad('safetensors-header-json', '__metadata__ is not an object.');
    for (const [key, text] of Object.entries(value)) {
      if (typeof text !== 'string')
        throw bad('safetensors-header-json', `the metadata value ${quoted(key)} is not a text.`);
      Object.defineProperty(metadata, key, { value: text, enumerable: true, configurable: true, writable: true });
    }
  }
  refuseOverlaps(entries);
  return { entries, metadata, dataStart };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new UserError(
      'safetensors-header-json',
      'This is not a usable .safetensors file: its header is not valid JSON.',
      {},
      { cause },
    );
  }
  if (!isRecord(header)) throw bad('safetensors-header-json', 'its header is not a JSON object.');
  return header;
}

function checkEntry(name: string, value: unknown, dataBytes: number): Entry {
  if (!isRecord(value))
    throw bad('safetensors-tensor-entry', `the entry of tensor ${quoted(name)} is not an object.`, { name });
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(elementTypes, dtype))
    throw bad('safetensors-dtype', `tensor ${quoted(name)} has the unknown type ${quoted(dtype)}.`, { name });
  if (!isCounts(shape))
    throw bad('safetensors-shape', `the shape of tensor ${quoted(name)} is not a list of sizes.`, { name });
  if (!isCounts(offsets) || offsets.length !== 2)
    throw bad('safetensors-offsets', `data_offsets of tensor ${quoted(name)} is not a pair of byte positions.`, {
      name,
    });
  const [begin = 0, end = 0] = offsets;
  if (begin > end || end > dataBytes)
    throw bad(
      'safetensors-offsets',
      `tensor ${quoted(name)} should lie at bytes ${begin} to ${end}, but the data has ${dataBytes} bytes. The file may be cut off.`,
      { name, begin, end, dataBytes },
    );
  const wanted = shape.reduce((product, size) => product * size, 1) * elementTypes[dtype as Dtype].BYTES_PER_ELEMENT;
  if (wanted !== end - begin)
    throw bad(
      'safetensors-size',
      `tensor ${quoted(name)}, ${dtype} of shape [${shape.join(', ')}], takes ${wanted} bytes, but the file gives it ${end - begin}.`,
      { name, wanted, got: end - begin },
    );
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

function refuseOverlaps(entries: readonly Entry[]): void {
  const sorted = entries.filter((entry) => entry.end > entry.begin).sort((a, b) => a.begin - b.begin);
  for (const [i, entry] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before && entry.begin < before.end)
      throw bad('safetensors-overlap', `tensors ${quoted(before.name)} and ${quoted(entry.name)} share bytes.`, {
        first: before.name,
        second: entry.name,
      });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 64 && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function quoted(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
