// Reads NumPy's .npz: a zip archive of .npy arrays by name.
import { readNpy, type NpyArray } from './npy';
import { readZip } from './zip';

/** The arrays of an archive by name; each is inflated and parsed when it is asked for. */
export interface NpzFile {
  readonly names: readonly string[];
  /** The array, or null when there is none of this name; throws UserError when it is damaged. */
  read(name: string): NpyArray | null;
}

/**
 * Opens an archive that numpy.savez or numpy.savez_compressed wrote.
 * @param path only named in errors.
 * @throws UserError with a code that starts with `zip-` (here) or `npy-` (on `read`).
 */
export function readNpz(bytes: Uint8Array, path: string): NpzFile {
  const entries = new Map(
    readZip(bytes, path)
      .filter(({ name }) => name.endsWith('.npy'))
      .map((entry) => [entry.name.slice(0, -'.npy'.length), entry]),
  );
  return {
    names: [...entries.keys()],
    read(name) {
      const entry = entries.get(name);
      return entry ? readNpy(entry.read(), `${path}/${entry.name}`) : null;
    },
  };
}
