// Downloads as files that the browser keeps for this page (OPFS), one folder per address; for workers only.
import { UserError } from '../errors';
import type { DownloadFacts, DownloadStore, PartialDownload } from './downloadStore';

/** The parts of OPFS that TypeScript's DOM library does not list outside workers. */
interface SyncAccessHandle {
  getSize(): number;
  write(bytes: Uint8Array, options?: { at?: number }): number;
  truncate(bytes: number): void;
  flush(): void;
  close(): void;
}
type FileHandle = FileSystemFileHandle & {
  createSyncAccessHandle(): Promise<SyncAccessHandle>;
  move(name: string): Promise<void>;
};

const folderName = 'downloads';
const factsName = 'facts.json';
const partName = 'part';
const wholeName = 'whole';

export const opfsDownloads: DownloadStore = {
  async find(url) {
    const folder = await urlFolder(url, false);
    return folder && (await fileIn(folder, wholeName));
  },

  async begin(url) {
    const folder = await urlFolder(url, true);
    const handle = (await folder.getFileHandle(partName, { create: true })) as FileHandle;
    const facts = await readFacts(folder);
    try {
      return new OpfsPart(folder, await handle.createSyncAccessHandle(), facts);
    } catch (cause) {
      if (!isNamed(cause, 'NoModificationAllowedError')) throw cause;
      const message = `Another tab is downloading this file. Wait until it is done (${url})`;
      throw new UserError('download-elsewhere', message, { url }, { cause });
    }
  },

  async part(url) {
    const folder = await urlFolder(url, true);
    return await (await folder.getFileHandle(partName)).getFile();
  },

  async keep(url) {
    const folder = await urlFolder(url, true);
    const handle = (await folder.getFileHandle(partName)) as FileHandle;
    await handle.move(wholeName);
    return await (await folder.getFileHandle(wholeName)).getFile();
  },

  async remove(url) {
    const downloads = await downloadsFolder();
    try {
      await downloads.removeEntry(await nameOf(url), { recursive: true });
    } catch (error) {
      if (!isNamed(error, 'NotFoundError')) throw error;
    }
  },

  async list() {
    const listed: { url: string; bytes: number; whole: boolean }[] = [];
    for await (const folder of (await downloadsFolder()).values()) {
      if (!(folder instanceof FileSystemDirectoryHandle)) continue;
      const facts = await readFacts(folder);
      const whole = await fileIn(folder, wholeName);
      const file = whole ?? (await fileIn(folder, partName));
      if (facts && file) listed.push({ url: facts.url, bytes: file.size, whole: whole !== null });
    }
    return listed;
  },
};

class OpfsPart implements PartialDownload {
  readonly facts: DownloadFacts | null;
  bytes: number;
  readonly #folder: FileSystemDirectoryHandle;
  #access: SyncAccessHandle | null;

  constructor(folder: FileSystemDirectoryHandle, access: SyncAccessHandle, facts: DownloadFacts | null) {
    this.#folder = folder;
    this.#access = access;
    this.facts = facts;
    this.bytes = access.getSize();
  }

  async restart(facts: DownloadFacts): Promise<void> {
    this.#access?.truncate(0);
    this.bytes = 0;
    const handle = (await this.#folder.getFileHandle(factsName, { create: true })) as FileHandle;
    const access = await handle.createSyncAccessHandle();
    access.truncate(0);
    access.write(new TextEncoder().encode(JSON.stringify(facts)), { at: 0 });
    access.close();
  }

  append(chunk: Uint8Array): void {
    try {
      // Some browsers tell a full disk by a short write instead of an error.
      const written = this.#access?.write(chunk, { at: this.bytes }) ?? 0;
      if (written < chunk.length) throw new DOMException('not all was written', 'QuotaExceededError');
    } catch (cause) {
      this.#access?.truncate(this.bytes);
      if (!isNamed(cause, 'QuotaExceededError')) throw cause;
      const message = `The browser gives this page no more room after ${Math.floor(this.bytes / 1e6)} MB of the download. Delete runs or downloads that you no longer need.`;
      throw new UserError('storage-full', message, { bytes: this.bytes }, { cause });
    }
    this.bytes += chunk.length;
  }

  close(): Promise<void> {
    this.#access?.flush();
    this.#access?.close();
    this.#access = null;
    return Promise.resolve();
  }
}

async function readFacts(folder: FileSystemDirectoryHandle): Promise<DownloadFacts | null> {
  const file = await fileIn(folder, factsName);
  try {
    return file && (JSON.parse(await file.text()) as DownloadFacts);
  } catch {
    // Cut off by a crash: the download begins anew.
    return null;
  }
}

async function fileIn(folder: FileSystemDirectoryHandle, name: string): Promise<File | null> {
  try {
    return await (await folder.getFileHandle(name)).getFile();
  } catch (error) {
    if (isNamed(error, 'NotFoundError')) return null;
    throw error;
  }
}

async function urlFolder(url: string, create: true): Promise<FileSystemDirectoryHandle>;
async function urlFolder(url: string, create: boolean): Promise<FileSystemDirectoryHandle | null>;
async function urlFolder(url: string, create: boolean): Promise<FileSystemDirectoryHandle | null> {
  try {
    return await (await downloadsFolder()).getDirectoryHandle(await nameOf(url), { create });
  } catch (error) {
    if (!create && isNamed(error, 'NotFoundError')) return null;
    throw error;
  }
}

async function downloadsFolder(): Promise<FileSystemDirectoryHandle> {
  try {
    return await (await navigator.storage.getDirectory()).getDirectoryHandle(folderName, { create: true });
  } catch (cause) {
    const message = 'The browser does not let this page keep files (private window or storage switched off).';
    throw new UserError('storage-unavailable', message, {}, { cause });
  }
}

/** Addresses hold characters that no file name may have. */
async function nameOf(url: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(url));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name;
}
