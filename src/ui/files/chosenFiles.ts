// Files that were chosen or dropped, with the path that each had inside its folder.
import { isLitter } from '../../formats/filePaths';
import type { DataFile } from '../../formats/dataFile';
import type { ChosenData } from '../../annotations/dataSource';

export function filesFromInput(list: FileList): DataFile[] {
  return Array.from(list, (file) => ({ path: file.webkitRelativePath || file.name, blob: file }));
}

/** `folder` is there where one folder was chosen, in a browser that lets the page come back to it. */
export type TakeFiles = (files: readonly DataFile[], folder?: FileSystemDirectoryHandle) => void;

type Dropped = DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> };

/** What dropped items hold, folders walked to their depth. Must be called in the drop event itself. */
export async function filesFromDrop(transfer: DataTransfer): Promise<Parameters<TakeFiles>> {
  // Entries and handles are gone once the event is over, so all are taken before the first await.
  const items: Dropped[] = [...transfer.items];
  const handle = items.length === 1 ? items[0]!.getAsFileSystemHandle?.().catch(() => null) : null;
  const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const [files, kept] = await Promise.all([walkAll(entries), handle]);
  return kept?.kind === 'directory' ? [files, kept as FileSystemDirectoryHandle] : [files];
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
export function sourceOf(files: readonly DataFile[], folder?: FileSystemDirectoryHandle): ChosenData {
  const folders = new Set(
    files.map((file) => (file.path.includes('/') ? file.path.slice(0, file.path.indexOf('/')) : '')),
  );
  const [common] = folders;
  const name = folders.size === 1 && common ? common : (files[0]?.path ?? '');
  return { kind: 'files', name, files, ...(folder && { folder }) };
}
