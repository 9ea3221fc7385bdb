// What was dropped as one flat list of files: folders as they are, archives unpacked.
import { insidePath, isLitter } from '../formats/filePaths';
import { unzipFolder } from '../formats/zipFolder';
import type { DataFile } from '../formats/dataFile';
import { extensionOf } from './folder';
import type { Progress } from '../formats/progress';

/**
 * Unpacks every .zip among the files into a folder of its name; other files stay. Archives in archives are not opened.
 * @throws UserError `path-outside`, or with a code that starts with `zip-`.
 */
export async function openDropped(files: readonly DataFile[], progress?: Progress): Promise<DataFile[]> {
  const open: DataFile[] = [];
  for (const { path, blob } of files) {
    const inside = insidePath(path);
    if (extensionOf(inside) !== 'zip') {
      open.push({ path: inside, blob });
      continue;
    }
    const folder = inside.slice(0, -'.zip'.length);
    // What nobody means is not unpacked, but counted by whoever reads the folder.
    const isMeant = (name: string): boolean => {
      if (!isLitter(name)) return true;
      open.push({ path: `${folder}/${insidePath(name)}`, blob: new Blob() });
      return false;
    };
    const unpacked = await unzipFolder(blob, inside, isMeant, progress);
    for (const file of unpacked) open.push({ path: `${folder}/${insidePath(file.path)}`, blob: file.blob });
  }
  return open;
}
