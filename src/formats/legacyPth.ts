// Reads torch.save's layout before 1.6: five pickles one after the other, then the storages, each after its length.
// Format: torch/serialization.py, _legacy_save and _legacy_load.
import { UserError } from '../errors';
import { unpickle, type PickleValue } from './pickle';
import { brokenPickle, cutOffCode } from './pickleBytes';
import { largestPickleBytes } from './pth';
import type { Reading } from './reading';
import { bytesPerElement } from './storedTensor';
import { OddStorage, TorchNames } from './torchNames';
import { findTensors, readTensor, storageMissing, swapBytes } from './torchTensors';
import { mayBeWeights, type WeightFile } from './weightFile';

const magic = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;
const countBytes = 8;
const firstBytes = 2 ** 20;

/** First bytes of every such file: protocol 2 and the magic number. */
export const legacyStart = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/**
 * Reads the list of tensors.
 * @param path only named in errors.
 * @throws UserError with a code that starts with `pickle-` or `pth-`.
 */
export function* readLegacyPth(fileBytes: number, path: string): Reading<WeightFile> {
  const { value, order, littleEndian, names, end } = yield* readPickles(fileBytes, path);
  const starts = new Map<string, number>();
  let at = end;
  for (const key of order) {
    const storage = names.storages.get(key);
    if (!storage) throw brokenPickle('it lists a storage that no tensor has');
    starts.set(key, at);
    const size = storage instanceof OddStorage ? storage.elementBytes : bytesPerElement(storage.dtype);
    at += countBytes + storage.count * size;
    if (at > fileBytes) throw storageMissing(key, path);
  }
  const { tensors: found, odd } = findTensors(value);
  const tensors = found.map(({ name, group, tensor }) => {
    const { storage } = tensor;
    const start = starts.get(storage.key);
    if (start === undefined) throw storageMissing(storage.key, path);
    const size = bytesPerElement(storage.dtype);
    function* read(begin: number, end: number): Reading<Uint8Array<ArrayBuffer>> {
      const count = yield { begin: start!, end: start! + countBytes };
      if (Number(new DataView(count.buffer).getBigUint64(0, littleEndian)) !== storage.count)
        throw storageMissing(storage.key, path);
      const base = start! + countBytes;
      const bytes = yield { begin: base + begin * size, end: base + end * size };
      return littleEndian ? bytes : swapBytes(bytes, size);
    }
    return {
      ...{ name, group, dtype: storage.dtype, shape: tensor.shape },
      at: start,
      values: () => readTensor(tensor, read),
    };
  });
  if (!tensors.some(({ group }) => mayBeWeights(group))) names.refuseUnknown();
  tensors.sort((a, b) => a.at - b.at);
  return { format: 'pytorch-legacy', tensors, metadata: {}, passedOver: [...names.passedOver, ...odd] };
}

interface Pickles {
  readonly value: PickleValue;
  /** Keys of the storages in the order in which they follow. */
  readonly order: readonly string[];
  readonly littleEndian: boolean;
  readonly names: TorchNames;
  /** Where the storages begin. */
  readonly end: number;
}

/** Nothing says how long the pickles are: more and more of the file is read until they end. */
function* readPickles(fileBytes: number, path: string): Reading<Pickles> {
  for (let length = Math.min(firstBytes, fileBytes); ; length = Math.min(length * 4, fileBytes)) {
    const bytes = yield { begin: 0, end: length };
    try {
      return parsePickles(bytes, path);
    } catch (error) {
      const cutOff = error instanceof UserError && error.code === cutOffCode;
      if (!cutOff || length === fileBytes || length > largestPickleBytes) throw error;
    }
  }
}

function parsePickles(bytes: Uint8Array, path: string): Pickles {
  const names = new TorchNames(path);
  let at = 0;
  const next = (): PickleValue => {
    const { value, end } = unpickle(bytes, at, names);
    at = end;
    return value;
  };
  const [first, second, system, value, keys] = [next(), next(), next(), next(), next()];
  if (first !== magic || second !== protocol) throw brokenPickle('it does not begin as torch writes it');
  if (!Array.isArray(keys)) throw brokenPickle('the list of storages is missing');
  const littleEndian = !(system instanceof Map) || system.get('little_endian') !== false;
  return { value, order: keys.map(String), littleEndian, names, end: at };
}
