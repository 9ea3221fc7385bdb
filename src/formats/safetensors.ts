// Reads and writes whole .safetensors files in memory: an 8-byte length, a JSON header, then raw little-endian tensors.
import { invariant } from '../errors';
import { dataStartOf, layOut, lengthBytes, parseHeader } from './safetensorsHeader';
import { bytesOf, countOf, elementArrays, tensorOver, type StoredTensor } from './storedTensor';

export interface SafetensorsFile {
  /** In the order of the header. */
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Record<string, string>;
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
  const dataStart = dataStartOf(bytes, bytes.length);
  const { entries, metadata } = parseHeader(bytes.subarray(lengthBytes, dataStart), bytes.length - dataStart);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of entries)
    tensors.set(name, tensorOver(dtype, shape, bytes.slice(dataStart + begin, dataStart + end)));
  return { tensors, metadata };
}

/**
 * Writes tensors of any type, `NamedTensors` included. The header keeps the map's order; the bytes are
 * laid out by falling element size, so that every tensor is aligned. Equal input gives equal bytes.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  for (const [name, { dtype, shape, data }] of tensors) {
    invariant(data.length === countOf(shape), `tensor ${name}: shape [${shape.join(', ')}] but ${data.length} values`);
    invariant(data instanceof elementArrays[dtype], `tensor ${name}: ${dtype} in another kind of array`);
  }
  const listed = [...tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const { header, entries, dataBytes } = layOut(listed, metadata);
  const out = new Uint8Array(header.length + dataBytes);
  out.set(header);
  for (const { name, begin } of entries) out.set(bytesOf(tensors.get(name)!), header.length + begin);
  return out;
}
