// The tensors in what torch pickled: found in nested dicts, read from their storages, strided views made row-major.
import { UserError } from '../errors';
import type { PickleValue } from './pickle';
import type { Reading } from './reading';
import { bytesPerElement, countOf, tensorOver, type StoredTensor } from './storedTensor';
import { OddTensor, TorchTensor } from './torchNames';

export interface FoundTensor {
  readonly name: string;
  readonly group: string;
  readonly tensor: TorchTensor;
}

const deepest = 16;

/**
 * All tensors in nested dicts and lists, in their order, and by name those that are passed over. A dict that occurs twice
 * is looked at once.
 */
export function findTensors(root: PickleValue): { readonly tensors: FoundTensor[]; readonly odd: readonly string[] } {
  const found: FoundTensor[] = [];
  const odd: string[] = [];
  const seen = new Set<PickleValue>();
  const visit = (value: PickleValue, path: readonly string[]): void => {
    if (value instanceof TorchTensor)
      found.push({ name: path.at(-1) ?? '', group: path.slice(0, -1).join('/'), tensor: value });
    if (value instanceof OddTensor) odd.push(oddName(path.at(-1) ?? '', value.reason));
    if (!(value instanceof Map || Array.isArray(value)) || seen.has(value) || path.length >= deepest) return;
    seen.add(value);
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) if (mayHold(value[i])) visit(value[i], [...path, String(i)]);
      return;
    }
    for (const [key, inner] of value)
      if (mayHold(inner) && (typeof key === 'string' || typeof key === 'number')) visit(inner, [...path, String(key)]);
  };
  visit(root, []);
  return { tensors: found, odd };
}

/** How a tensor or array is listed that cannot be used: by its name with the reason behind it. */
export function oddName(name: string, reason: string): string {
  return `${name} (${reason})`;
}

/** The name of what is listed as `oddName` lists it. */
export function nameOfOdd(listed: string): string {
  return listed.replace(/ \([^()]*\)$/, '');
}

function mayHold(value: PickleValue): boolean {
  return value instanceof TorchTensor || value instanceof OddTensor || value instanceof Map || Array.isArray(value);
}

/** Reads elements `begin` to `end` of a storage as little-endian bytes. */
export type StorageReader = (begin: number, end: number) => Reading<Uint8Array<ArrayBuffer>>;

/** The values of a view, row-major; reads no more of the storage than the view spans. */
export function* readTensor(tensor: TorchTensor, read: StorageReader): Reading<StoredTensor> {
  const { offset, shape, strides, storage } = tensor;
  const count = countOf(shape);
  if (count === 0) return tensorOver(storage.dtype, shape, new Uint8Array(0));
  const span = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 1);
  const bytes = yield* read(offset, offset + span);
  const rowMajor = shape.every((size, axis) => size === 1 || strides[axis] === countOf(shape.slice(axis + 1)));
  return tensorOver(storage.dtype, shape, rowMajor ? bytes : gather(bytes, tensor, count));
}

function gather(bytes: Uint8Array, { shape, strides, storage }: TorchTensor, count: number): Uint8Array<ArrayBuffer> {
  const size = bytesPerElement(storage.dtype);
  const out = new Uint8Array(count * size);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let i = 0; i < count; i++) {
    for (let byte = 0; byte < size; byte++) out[i * size + byte] = bytes[from * size + byte]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** Turns big-endian elements around, in place. */
export function swapBytes(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  for (let at = 0; size > 1 && at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
  return bytes;
}

/** The error for a storage that is not in the file as the list of tensors says. */
export function storageMissing(key: string, path: string): UserError {
  return new UserError(
    'pth-storage',
    `The values of storage ${key.slice(0, 40)} are missing or cut off; download or save the file again (${path})`,
    { key: key.slice(0, 40), path },
  );
}
