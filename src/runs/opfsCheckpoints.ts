// Checkpoints as files that the browser keeps for this page (OPFS): runs/<run>/step-<n>.safetensors.
import { UserError } from '../errors';
import type { FileInPieces, Piece } from '../formats/writeWeights';
import type { CheckpointFile, CheckpointStore } from './checkpointStore';

/** The parts of OPFS that TypeScript's DOM library does not list outside workers. */
interface SyncAccessHandle {
  write(bytes: Uint8Array, options?: { at?: number }): number;
  truncate(bytes: number): void;
  flush(): void;
  close(): void;
}
type FileHandle = FileSystemFileHandle & {
  createSyncAccessHandle?: () => Promise<SyncAccessHandle>;
  move: (name: string) => Promise<void>;
};

const folderName = 'runs';
const partSuffix = '.part';
const writeBytes = 16 * 2 ** 20;

/** Writes beside, flushes, then renames: under a final name there is always a whole file. */
export const opfsCheckpoints: CheckpointStore = {
  async write(runId, step, content) {
    const folder = await runFolder(runId, true);
    const part = `${fileName(step)}${partSuffix}`;
    try {
      const handle = (await folder.getFileHandle(part, { create: true })) as FileHandle;
      await writeAll(handle, content);
      await handle.move(fileName(step));
    } catch (cause) {
      await removePart(folder, part);
      throw isNamed(cause, 'QuotaExceededError') ? storageFull(content.bytes, cause) : cause;
    }
    await removeParts(folder);
  },

  async list(runId) {
    const folder = await existingRunFolder(runId);
    if (!folder) return [];
    const files: CheckpointFile[] = [];
    for await (const [name, handle] of folder.entries()) {
      const step = stepOf(name);
      if (step === null || handle.kind !== 'file') continue;
      const file = await handle.getFile();
      files.push({ step, bytes: file.size });
    }
    return files.sort((a, b) => b.step - a.step);
  },

  async open(runId, step) {
    const folder = await existingRunFolder(runId);
    try {
      if (!folder) throw new DOMException('no folder', 'NotFoundError');
      return await (await folder.getFileHandle(fileName(step))).getFile();
    } catch (cause) {
      if (!isNamed(cause, 'NotFoundError')) throw cause;
      const message = `There is no checkpoint of step ${step} any more.`;
      throw new UserError('checkpoint-missing', message, { step }, { cause });
    }
  },

  async remove(runId, step) {
    const folder = await existingRunFolder(runId);
    if (folder) await removeEntry(folder, fileName(step));
  },

  async removeRun(runId) {
    const runs = await runsFolder(false);
    if (runs) await removeEntry(runs, safeName(runId), true);
  },
};

/** Bytes that all runs hold together. */
export async function allCheckpointBytes(): Promise<number> {
  const runs = await runsFolder(false);
  if (!runs) return 0;
  let bytes = 0;
  for await (const name of runs.keys())
    for (const file of await opfsCheckpoints.list(decodeURIComponent(name))) bytes += file.bytes;
  return bytes;
}

/** Piece by piece, so that no more than one piece is in memory. */
async function writeAll(handle: FileHandle, content: FileInPieces): Promise<void> {
  if (!handle.createSyncAccessHandle) {
    const stream = await handle.createWritable();
    try {
      for await (const piece of content.pieces()) await stream.write(piece);
    } catch (error) {
      await stream.abort();
      throw error;
    }
    await stream.close();
    return;
  }
  const access = await handle.createSyncAccessHandle();
  try {
    access.truncate(0);
    let at = 0;
    for await (const piece of content.pieces())
      for await (const bytes of portions(piece)) at = writeWhole(access, bytes, at);
    access.flush();
  } finally {
    access.close();
  }
}

async function* portions(piece: Piece): AsyncGenerator<Uint8Array, void> {
  const size = piece instanceof Blob ? piece.size : piece.length;
  for (let begin = 0; begin < size; begin += writeBytes) {
    const end = begin + writeBytes;
    yield piece instanceof Blob
      ? new Uint8Array(await piece.slice(begin, end).arrayBuffer())
      : piece.subarray(begin, end);
  }
}

/** Writes at a place of the file; gives the place behind. */
function writeWhole(access: SyncAccessHandle, bytes: Uint8Array, at: number): number {
  let done = 0;
  while (done < bytes.length) {
    const written = access.write(bytes.subarray(done), { at: at + done });
    // Some browsers tell a full disk by a short write instead of an error.
    if (written === 0) throw new DOMException('nothing was written', 'QuotaExceededError');
    done += written;
  }
  return at + done;
}

/** Removes what a crash in mid-write left behind; only one run writes at a time. */
async function removeParts(folder: FileSystemDirectoryHandle): Promise<void> {
  const parts: string[] = [];
  for await (const name of folder.keys()) if (name.endsWith(partSuffix)) parts.push(name);
  for (const name of parts) await removePart(folder, name);
}

/** A stream that was aborted may hold its file a moment longer: the next write then removes it. */
async function removePart(folder: FileSystemDirectoryHandle, name: string): Promise<void> {
  try {
    await removeEntry(folder, name);
  } catch (error) {
    if (!isNamed(error, 'NoModificationAllowedError')) throw error;
  }
}

async function removeEntry(folder: FileSystemDirectoryHandle, name: string, recursive = false): Promise<void> {
  try {
    await folder.removeEntry(name, { recursive });
  } catch (error) {
    if (!isNamed(error, 'NotFoundError')) throw error;
  }
}

async function runFolder(runId: string, create: boolean): Promise<FileSystemDirectoryHandle> {
  const runs = await runsFolder(create);
  if (!runs) throw new DOMException('no folder', 'NotFoundError');
  return await runs.getDirectoryHandle(safeName(runId), { create });
}

async function existingRunFolder(runId: string): Promise<FileSystemDirectoryHandle | null> {
  try {
    return await runFolder(runId, false);
  } catch (error) {
    if (isNamed(error, 'NotFoundError')) return null;
    throw error;
  }
}

async function runsFolder(create: boolean): Promise<FileSystemDirectoryHandle | null> {
  let root: FileSystemDirectoryHandle;
  try {
    root = await navigator.storage.getDirectory();
  } catch (cause) {
    const message = 'The browser does not let this page keep files (private window or storage switched off).';
    throw new UserError('storage-unavailable', message, {}, { cause });
  }
  try {
    return await root.getDirectoryHandle(folderName, { create });
  } catch (error) {
    if (!create && isNamed(error, 'NotFoundError')) return null;
    throw error;
  }
}

function fileName(step: number): string {
  return `step-${step}.safetensors`;
}

function stepOf(name: string): number | null {
  const match = /^step-(\d+)\.safetensors$/.exec(name);
  return match ? Number(match[1]) : null;
}

function safeName(runId: string): string {
  return encodeURIComponent(runId).replaceAll('.', '%2E');
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name;
}

function storageFull(bytes: number, cause: unknown): UserError {
  return new UserError(
    'storage-full',
    `The browser gives this page no room for a checkpoint of ${Math.ceil(bytes / 1e6)} MB. Delete runs that you no longer need.`,
    { bytes },
    { cause },
  );
}
