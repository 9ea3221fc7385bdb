// Reads torch.save's present layout, a zip archive: a pickle that lists the tensors, and one stored file per storage.
// Format: torch/serialization.py and caffe2/serialize/inline_container.h; read 2024 to 2025.
import { UserError } from '../errors';
import { unpickle } from './pickle';
import { brokenPickle } from './pickleBytes';
import type { Reading } from './reading';
import { bytesPerElement } from './storedTensor';
import { TorchNames, type TorchStorage } from './torchNames';
import { findTensors, readTensor, storageMissing, swapBytes } from './torchTensors';
import { mayBeWeights, type WeightFile } from './weightFile';
import type { ZipFile } from './zip';

/** Lists of tensors are far smaller, unless something else was pickled with them. */
export const largestPickleBytes = 64_000_000;

/** Our own entry of an archive: a JSON object of texts that says what the weights are. */
export const aboutName = 'tabtune.json';

/** Says what weights are in at most this much. */
const largestAboutBytes = 4_000_000;

const picklePath = /^([^/]+\/)?data\.pkl$/;

/** True when torch.save or torch.jit.save wrote the archive of these files. */
export function isTorchArchive(files: readonly ZipFile[]): boolean {
  return files.some(({ name }) => picklePath.test(name));
}

/**
 * Reads the list of tensors from the archive of these files.
 * @param path only named in errors.
 * @throws UserError with a code that starts with `zip-`, `pickle-` or `pth-`.
 */
export function* readPth(archive: readonly ZipFile[], path: string): Reading<WeightFile> {
  const files = new Map(archive.map((file) => [file.name, file]));
  const root = archive.find(({ name }) => picklePath.test(name))?.name.slice(0, -'data.pkl'.length) ?? '';
  refuseScripts(files, root, path);
  const pickle = files.get(`${root}data.pkl`);
  if (!pickle || pickle.bytes > largestPickleBytes) throw brokenPickle('it is missing or far too large');
  const order = files.get(`${root}byteorder`);
  const big = order !== undefined && order.bytes < 20 && new TextDecoder().decode(yield* order.content()) === 'big';
  const names = new TorchNames(path);
  const { value } = unpickle(yield* pickle.content(), 0, names);

  const storageFile = (storage: TorchStorage): ZipFile => {
    const file = files.get(`${root}data/${storage.key}`);
    if (!file || file.bytes < storage.count * bytesPerElement(storage.dtype)) throw storageMissing(storage.key, path);
    return file;
  };
  const { tensors: found, odd } = findTensors(value);
  const tensors = found.map(({ name, group, tensor }) => {
    const { storage } = tensor;
    const file = storageFile(storage);
    const size = bytesPerElement(storage.dtype);
    function* read(begin: number, end: number): Reading<Uint8Array<ArrayBuffer>> {
      // Only a whole file can be checked; a part of a storage that many tensors share is taken as it is. An archive that
      // was zipped again is packed, which torch reads as well.
      const whole = (begin === 0 && end * size === file.bytes) || file.method !== 'store';
      const content = yield* whole ? file.content() : file.part(begin * size, end * size);
      const bytes = whole ? content.slice(begin * size, end * size) : content;
      return big ? swapBytes(bytes, size) : bytes;
    }
    return {
      ...{ name, group, dtype: storage.dtype, shape: tensor.shape, values: () => readTensor(tensor, read) },
      at: file.localHeader,
    };
  });
  if (!tensors.some(({ group }) => mayBeWeights(group))) names.refuseUnknown();
  tensors.sort((a, b) => a.at - b.at);
  return {
    format: 'pytorch',
    tensors,
    metadata: yield* readAbout(files.get(`${root}${aboutName}`)),
    passedOver: [...names.passedOver, ...odd],
  };
}

function refuseScripts(files: ReadonlyMap<string, unknown>, root: string, path: string): void {
  if (!files.has(`${root}constants.pkl`)) return;
  throw new UserError(
    'pth-torchscript',
    `This is a TorchScript program, not a file of weights. In Python: torch.save(torch.jit.load(FILE, map_location="cpu").state_dict(), "weights.pth") (${path})`,
    { path },
  );
}

/** Nothing where the entry is missing, or is not ours. */
function* readAbout(file: ZipFile | undefined): Reading<Readonly<Record<string, string>>> {
  if (!file || file.bytes > largestAboutBytes) return {};
  let about: unknown;
  try {
    about = JSON.parse(new TextDecoder().decode(yield* file.content()));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
  if (typeof about !== 'object' || about === null) return {};
  return Object.fromEntries(
    Object.entries(about).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
