// Files that were chosen or dropped, with the path that each had inside its folder.
import { isLitter } from '../../formats/filePaths';
import type { DataFile } from '../../formats/dataFile';
import type { DataSource } from '../../annotations/dataSource';

export function filesFromInput(list: FileList): DataFile[] {
  return Array.from(list, (file) => ({ path: file.webkitRelativePath || file.name, blob: file }));
}

/** What dropped items hold, folders walked to their depth. Must be called in the drop event itself. */
export function filesFromDrop(transfer: DataTransfer): Promise<DataFile[]> {
  // Entries are gone once the event is over, so all are taken before the first await.
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return walkAll(entries);
}

async function walkAll(entries: readonly FileSystemEntry[]): Promise<DataFile[]> {
  const found = await Promise.all(entries.map(walk));
  return found.flat();
}

async function walk(entry: FileSystemEntry): Promise<DataFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ''), blob: file }];
  }
  return walkAll(await readFolder((entry as FileSystemDirectoryEntry).createReader()));
}

/** `readEntries` gives at most a hundred at a time; an empty answer is the end. */
async function readFolder(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

const weightNames = /\.(safetensors|index\.json|pth|pt|tar|npz|npy|bin|ckpt)$/i;

/** A dropped model folder holds settings and texts too: only its weights, or all where no name says which these are. */
export function weightFilesOf(files: readonly DataFile[]): readonly DataFile[] {
  const meant = files.filter(({ path }) => !isLitter(path));
  const named = meant.filter(({ path }) => weightNames.test(path));
  return named.length > 0 ? named : meant;
}

/** The source for these files, named after their common folder, else after the first file. */
export function sourceOf(files: readonly DataFile[]): DataSource {
  const folders = new Set(
    files.map((file) => (file.path.includes('/') ? file.path.slice(0, file.path.indexOf('/')) : '')),
  );
  const [folder] = folders;
  const name = folders.size === 1 && folder ? folder : (files[0]?.path ?? '');
  return { kind: 'files', name, files };
}
