// Opens files of weights, whatever their format: known by their content, never by their name.
import { UserError } from '../errors';
import type { DataFile } from './dataFile';
import { legacyStart, readLegacyPth } from './legacyPth';
import { readNpyFile, readNpzFile } from './npzFile';
import { namedReading } from './namedReading';
import { isTorchArchive, readPth } from './pth';
import { readFile, type Reading } from './reading';
import { readSafetensorsFile } from './safetensorsFile';
import { readShardIndex, refuseMissing } from './shards';
import type { Dtype, StoredTensor } from './storedTensor';
import type { WeightFile, WeightFormat } from './weightFile';
import { nameOfOdd } from './torchTensors';
import { zipFiles } from './zip';

/** A tensor whose values are still on disk. */
export interface WeightTensor {
  readonly name: string;
  /** Of the file that holds it, which may be one of many parts. */
  readonly path: string;
  /** The dict that held it; see `FileTensor`. */
  readonly group: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** The part of the file that is the values, row-major; null where they lie in another way. */
  readonly stored: Blob | null;
  /** Reads the values from the file, at each call anew. Throws UserError when they are damaged. */
  read(): Promise<StoredTensor>;
}

/** Weights from one file or from all shards of a sharded model; only headers are in memory. */
export interface WeightSource {
  /** Of the file, or of the index of the shards. */
  readonly path: string;
  readonly format: WeightFormat;
  readonly bytes: number;
  /** In the order in which they lie in the file: reading them so reads the file once from start to end. */
  readonly tensors: readonly WeightTensor[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly passedOver: readonly string[];
}

/**
 * Opens one file, or an index (`model.safetensors.index.json`) with all its shards.
 * @throws UserError `weights-*` for what is no file of weights, or the codes of the format's reader.
 */
export async function openWeights(files: readonly DataFile[]): Promise<WeightSource> {
  const [first] = files;
  if (files.length === 1 && first) return await openOne(first);
  const index = files.find(({ path }) => path.endsWith('.index.json'));
  if (!index)
    throw new UserError(
      'weights-one-file',
      'Choose one file of weights, or all parts of a model together with their list (model.safetensors.index.json).',
    );
  return await openShards(index, files);
}

async function openOne({ path, blob }: DataFile): Promise<WeightSource> {
  const { format, tensors, metadata, passedOver } = await readFile(
    blob,
    path,
    namedReading(readWeightFile(blob.size, path), path),
  );
  const lazy = tensors.map((tensor) => ({
    ...{ name: tensor.name, path, group: tensor.group, dtype: tensor.dtype, shape: tensor.shape },
    stored: tensor.range ? blob.slice(tensor.range.begin, tensor.range.end) : null,
    read: () => readFile(blob, path, namedReading(tensor.values(), path, tensor.name)),
  }));
  return { path, format, bytes: blob.size, tensors: lazy, metadata, passedOver };
}

async function openShards(index: DataFile, files: readonly DataFile[]): Promise<WeightSource> {
  const owners = await readShardIndex(index);
  const folder = index.path.slice(0, index.path.lastIndexOf('/') + 1);
  const chosen = new Map(files.map((file) => [file.path, file]));
  const names = [...new Set(owners.values())].sort();
  refuseMissing(
    names.filter((name) => !chosen.has(folder + name)),
    index.path,
  );
  const shards = new Map<string, WeightSource>();
  for (const name of names) shards.set(name, await openOne(chosen.get(folder + name)!));
  const tensors = [...shards].flatMap(([shard, source]) =>
    source.tensors.filter((tensor) => owners.get(tensor.name) === shard),
  );
  const held = new Set(tensors.map((tensor) => tensor.name));
  for (const source of shards.values()) for (const odd of source.passedOver) held.add(nameOfOdd(odd));
  refuseMissing(
    [...owners].flatMap(([name, shard]) => (held.has(name) ? [] : [`${name} in ${shard}`])),
    index.path,
  );
  const [some] = shards.values();
  return {
    path: index.path,
    format: some?.format ?? 'safetensors',
    bytes: [...shards.values()].reduce((sum, source) => sum + source.bytes, 0),
    tensors,
    metadata: some?.metadata ?? {},
    passedOver: [...new Set([...shards.values()].flatMap((source) => source.passedOver))],
  };
}

/** Reads the header of a file of any of the formats. */
export function* readWeightFile(fileBytes: number, path: string): Reading<WeightFile> {
  const start = yield { begin: 0, end: Math.min(512, fileBytes) };
  const begins = (...wanted: readonly number[]): boolean => wanted.every((byte, i) => start[i] === byte);
  const text = new TextDecoder('latin1').decode(start);
  if (text.startsWith('PK')) return yield* readArchive(fileBytes, path);
  if (begins(...legacyStart)) return yield* readLegacyPth(fileBytes, path);
  if (text.startsWith('\x93NUMPY')) return yield* readNpyFile(fileBytes, path);
  if (text[8] === '{' && start[7] === 0) return yield* readSafetensorsFile(fileBytes);
  throw unknown(text, path);
}

function* readArchive(fileBytes: number, path: string): Reading<WeightFile> {
  const files = yield* zipFiles(fileBytes, path);
  if (isTorchArchive(files)) return yield* readPth(files, path);
  if (files.some(({ name }) => name.endsWith('.npy'))) return yield* readNpzFile(files, path);
  throw new UserError(
    'weights-archive',
    `This archive holds neither PyTorch weights nor NumPy arrays. If weights lie packed in it, unpack it and choose them (${path})`,
    { path },
  );
}

/** Says what a file that is none of ours seems to be. */
function unknown(start: string, path: string): UserError {
  const [code, what] = guess(start);
  return new UserError(code, `${what} (${path})`, { path });
}

function guess(start: string): [code: string, what: string] {
  if (start === '') return ['weights-empty', 'The file is empty; download it again'];
  if (/^\s*<(!doctype|html|\?xml)/i.test(start))
    return ['weights-web-page', 'This is a web page, not the file itself; download it again from its download link'];
  if (start.startsWith('version https://git-lfs'))
    return [
      'weights-pointer',
      'This is a note of Git LFS that stands for the file; run git lfs pull, or download the file',
    ];
  if (/^\s*\{/.test(start))
    return ['weights-index-alone', 'This is a list of parts; choose it together with the parts that it names'];
  if (start.slice(257, 262) === 'ustar' || start.startsWith('\x1f\x8b'))
    return [
      'weights-packed',
      'This is a packed folder, or PyTorch weights from before 2017; unpack it and choose the weights',
    ];
  if (start.startsWith('\x89HDF')) return ['weights-hdf5', 'This is an HDF5 file of Keras; save it as .safetensors'];
  if (start.startsWith('\x80'))
    return ['weights-plain-pickle', 'This is a Python pickle that torch.save did not write; save it with torch.save'];
  return ['weights-unknown', 'This is no .safetensors, .pth, .pt or .npz file'];
}
