// The header of a .safetensors file: what it says of each tensor, checked; and a new one for given tensors.
// Format: https://github.com/huggingface/safetensors#format.
import { invariant, UserError } from '../errors';
import { bytesPerElement, countOf, elementArrays, type Dtype } from './storedTensor';

export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes from the start of the data, which follows the header. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the header's order. */
  readonly entries: SafetensorsEntry[];
  readonly metadata: Record<string, string>;
  /** Names and types of tensors whose type is not read. */
  readonly odd: readonly (readonly [name: string, dtype: string])[];
}

/** Bytes of the header's length at the start of the file. */
export const lengthBytes = 8;
const maxHeaderBytes = 100_000_000;

/** Types of the format that are not read: complex numbers, and floats of other sizes. */
const oddType = /^(C\d+|F8_E8M0|F8_E4M3FNUZ|F8_E5M2FNUZ|F4|F6_\w+)$/;

function bad(code: string, what: string, detail: Record<string, string | number> = {}): UserError {
  return new UserError(code, `This is not a usable .safetensors file: ${what}`, detail);
}

/**
 * Where the data begins, from the file's first bytes and its size.
 * @throws UserError `safetensors-too-short` or `safetensors-header-length`.
 */
export function dataStartOf(first: Uint8Array, fileBytes: number): number {
  if (fileBytes < lengthBytes)
    throw bad('safetensors-too-short', `it has ${fileBytes} bytes, and the header's length alone takes 8.`, {
      bytes: fileBytes,
    });
  const length = Number(new DataView(first.buffer, first.byteOffset, lengthBytes).getBigUint64(0, true));
  if (length > maxHeaderBytes)
    throw bad(
      'safetensors-header-length',
      `its header claims ${length} bytes; at most ${maxHeaderBytes} are allowed.`,
      { length },
    );
  if (lengthBytes + length > fileBytes)
    throw bad(
      'safetensors-header-length',
      `its header claims ${length} bytes, but only ${fileBytes - lengthBytes} follow. The file may be cut off.`,
      { length },
    );
  return lengthBytes + length;
}

/**
 * Parses the header's JSON and checks that every tensor lies within the data and none shares bytes.
 * @throws UserError with a code that starts with `safetensors-`.
 */
export function parseHeader(text: Uint8Array, dataBytes: number): SafetensorsHeader {
  const metadata: Record<string, string> = {};
  const entries: SafetensorsEntry[] = [];
  const odd: [string, string][] = [];
  for (const [name, value] of Object.entries(parseJson(text))) {
    if (name !== '__metadata__') {
      const dtype = isRecord(value) ? value['dtype'] : undefined;
      if (typeof dtype === 'string' && oddType.test(dtype)) odd.push([name, dtype]);
      else entries.push(checkEntry(name, value, dataBytes));
      continue;
    }
    // safetensors itself takes null for none.
    if (value === null) continue;
    if (!isRecord(value)) throw bad('safetensors-header-json', '__metadata__ is not an object.');
    for (const [key, entry] of Object.entries(value)) {
      if (typeof entry !== 'string')
        throw bad('safetensors-header-json', `the metadata value ${quoted(key)} is not a text.`);
      Object.defineProperty(metadata, key, { value: entry, enumerable: true, configurable: true, writable: true });
    }
  }
  refuseOverlaps(entries);
  return { entries, metadata, odd };
}

/**
 * A header with its length for these tensors, in their order; the data is laid out by falling element size, so that
 * every tensor is aligned. Equal input gives equal bytes.
 */
export function layOut(
  tensors: Iterable<{ readonly name: string; readonly dtype: Dtype; readonly shape: readonly number[] }>,
  metadata: Readonly<Record<string, string>>,
): { header: Uint8Array<ArrayBuffer>; entries: SafetensorsEntry[]; dataBytes: number } {
  const listed = [...tensors];
  const places = new Map<string, { begin: number; end: number }>();
  let dataBytes = 0;
  for (const { name, dtype, shape } of listed.toSorted((a, b) => bytesPerElement(b.dtype) - bytesPerElement(a.dtype))) {
    invariant(name !== '__metadata__' && !places.has(name), `no tensor may be called ${name} here`);
    const begin = dataBytes;
    dataBytes += countOf(shape) * bytesPerElement(dtype);
    places.set(name, { begin, end: dataBytes });
  }
  const entries = listed.map(({ name, dtype, shape }) => ({ name, dtype, shape, ...places.get(name)! }));
  const parts: string[] = [];
  const keys = Object.keys(metadata).sort();
  const texts = keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`);
  if (texts.length > 0) parts.push(`"__metadata__":{${texts.join(',')}}`);
  for (const { name, dtype, shape, begin, end } of entries)
    parts.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
  const text = new TextEncoder().encode(`{${parts.join(',')}}`);
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const header = new Uint8Array(lengthBytes + headerBytes).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(headerBytes), true);
  header.set(text, lengthBytes);
  return { header, entries, dataBytes };
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
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

function checkEntry(name: string, value: unknown, dataBytes: number): SafetensorsEntry {
  if (!isRecord(value))
    throw bad('safetensors-tensor-entry', `the entry of tensor ${quoted(name)} is not an object.`, { name });
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(elementArrays, dtype))
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
  const wanted = countOf(shape) * bytesPerElement(dtype as Dtype);
  if (wanted !== end - begin)
    throw bad(
      'safetensors-size',
      `tensor ${quoted(name)}, ${dtype} of shape [${shape.join(', ')}], takes ${wanted} bytes, but the file gives it ${end - begin}.`,
      { name, wanted, got: end - begin },
    );
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

function refuseOverlaps(entries: readonly SafetensorsEntry[]): void {
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
