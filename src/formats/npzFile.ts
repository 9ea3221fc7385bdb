// Reads the arrays of a .npz archive, or the one of a .npy, as tensors, one at a time.
import { UserError } from '../errors';
import { npyDtype, npyStart, readNpyHeader, readNpyTensor, type NpyHeader } from './npy';
import type { Reading } from './reading';
import type { StoredTensor } from './storedTensor';
import { oddName } from './torchTensors';
import type { FileTensor, WeightFile } from './weightFile';
import type { ZipFile } from './zip';

/** NumPy pads headers to 64 bytes; only those of arrays with very many named fields are longer than this. */
const headBytes = 4096;
/** No fields' names take more. */
const longestHead = 2 ** 20;

/**
 * Lists the arrays of an archive of these files by their headers; text is passed over.
 * @param path only named in errors.
 * @throws UserError with a code that starts with `zip-` or `npy-`.
 */
export function* readNpzFile(archive: readonly ZipFile[], path: string): Reading<WeightFile> {
  const tensors: FileTensor[] = [];
  const passedOver: string[] = [];
  for (const file of archive) {
    if (!file.name.endsWith('.npy')) continue;
    const shown = `${path}/${file.name}`;
    const name = file.name.slice(0, -'.npy'.length);
    const head = yield* file.head(headBytes);
    const start = head.length < 12 ? 0 : npyStart(head);
    const isLong = start > headBytes && start <= longestHead;
    const header = headerOrReason(isLong ? yield* file.head(start) : head, shown);
    if (typeof header === 'string') {
      passedOver.push(oddName(name, header));
      continue;
    }
    const dtype = npyDtype(header);
    if (dtype === null) passedOver.push(`text array ${name}`);
    else
      tensors.push({
        ...{ name, group: '', dtype, shape: header.shape },
        *values(): Reading<StoredTensor> {
          return readNpyTensor(yield* file.content(), shown);
        },
      });
  }
  return { format: 'npz', tensors, metadata: {}, passedOver };
}

/** The header, or why the array is passed over while the others load. */
function headerOrReason(head: Uint8Array, shown: string): NpyHeader | string {
  try {
    return readNpyHeader(head, shown);
  } catch (error) {
    const reason = error instanceof UserError ? oddArrays.get(error.code) : undefined;
    if (reason === undefined) throw error;
    return reason;
  }
}

const oddArrays: ReadonlyMap<string, string> = new Map([
  ['npy-object', 'Python objects'],
  ['npy-structured', 'named fields'],
  ['npy-type', 'numbers of another kind'],
]);

/** Reads a single array, which is named after its file. Throws UserError with a code that starts with `npy-`. */
export function* readNpyFile(fileBytes: number, path: string): Reading<WeightFile> {
  const header = readNpyHeader(yield { begin: 0, end: Math.min(headBytes, fileBytes) }, path);
  const dtype = npyDtype(header);
  const name = path.replace(/^.*\//, '').replace(/\.npy$/, '');
  if (dtype === null) return { format: 'npy', tensors: [], metadata: {}, passedOver: [`text array ${name}`] };
  const tensor = {
    ...{ name, group: '', dtype, shape: header.shape },
    *values(): Reading<StoredTensor> {
      return readNpyTensor(yield { begin: 0, end: fileBytes }, path);
    },
  };
  return { format: 'npy', tensors: [tensor], metadata: {}, passedOver: [] };
}
