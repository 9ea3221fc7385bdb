// Folders that the browser lets the page read again: chosen once, kept with their run, read anew after one permission.
import type { DataFile } from '../../formats/dataFile';

/** What TypeScript's DOM library does not list of the File System Access API. */
type Permitted = FileSystemDirectoryHandle & {
  queryPermission?: (mode: { mode: 'read' }) => Promise<PermissionState>;
  requestPermission?: (mode: { mode: 'read' }) => Promise<PermissionState>;
};
type Picker = (options: { id: string; mode: 'read' }) => Promise<FileSystemDirectoryHandle>;

/** Null where nothing was chosen. */
export async function pickFolder(): Promise<FileSystemDirectoryHandle | null> {
  const { showDirectoryPicker } = globalThis as unknown as { showDirectoryPicker: Picker };
  try {
    return await showDirectoryPicker({ id: 'data', mode: 'read' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}

/** All files of a folder to its depth, by the paths that a dropped folder gives. */
export async function filesOfFolder(folder: FileSystemDirectoryHandle, path = folder.name): Promise<DataFile[]> {
  const found: Promise<DataFile[]>[] = [];
  for await (const [name, handle] of folder.entries()) {
    const place = `${path}/${name}`;
    if (handle.kind === 'directory') found.push(filesOfFolder(handle, place));
    else found.push(handle.getFile().then((blob) => [{ path: place, blob }]));
  }
  return (await Promise.all(found)).flat();
}

/**
 * The files of a kept folder; null where the page may not read it, or it is gone.
 * @param ask whether the browser may ask the person, as it does only right after a click.
 */
export async function filesAgain(folder: FileSystemDirectoryHandle, ask: boolean): Promise<DataFile[] | null> {
  const { queryPermission, requestPermission } = folder as Permitted;
  try {
    let permission = await queryPermission?.call(folder, { mode: 'read' });
    if (permission === 'prompt' && ask) permission = await requestPermission?.call(folder, { mode: 'read' });
    if (permission !== 'granted') return null;
    const files = await filesOfFolder(folder);
    return files.length > 0 ? files : null;
  } catch (error) {
    // Moved or deleted, or asked too long after the click.
    if (error instanceof DOMException) return null;
    throw error;
  }
}
