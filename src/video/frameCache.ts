// Resized frames kept in the browser's own files (OPFS), so that a run that needs the same ones decodes them once.
import { UserError } from '../errors';

/** What makes cached frames those of this video at this size: any change of it is another entry. */
export interface FrameCacheKey {
  /** Name, size and time of change tell one file of the person's from another. */
  readonly file: Pick<File, 'name' | 'size' | 'lastModified'>;
  readonly width: number;
  readonly height: number;
  /** Everything else that changes the pixels: crop, orientation, filter. */
  readonly recipe: string;
}

export interface FrameCacheSize {
  readonly bytes: number;
  readonly videos: number;
  /** What the browser would still give this page. */
  readonly freeBytes: number;
}

/** What a run asked for and got. */
export interface ClaimedRoom {
  readonly fits: boolean;
  /** Of other videos, whose frames gave way. */
  readonly removedBytes: number;
}

interface KeptFile {
  readonly name: string;
  readonly bytes: number;
  readonly lastModified: number;
}

const folderName = 'frames';
/** When each file was last used, in milliseconds since 1970; one that is missing counts from when it was written. */
const usesName = 'uses.json';
/** Of what the browser has left, for checkpoints come first. */
const shareOfFree = 0.5;
export const BYTES_PER_PIXEL = 4;

/** Frames as red, green, blue and 255, one byte each, in presentation order; present whole or not at all. */
export class FrameCache {
  readonly #enabled: boolean;

  /** `enabled` is the person's switch: without it nothing is read or written. */
  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  /**
   * Says which videos a run uses and how many bytes of frames it would add. Where these would crowd out checkpoints, the
   * frames of other videos give way, those that were used longest ago first; none where that would still not do.
   */
  async claim(keys: readonly FrameCacheKey[], newBytes: number): Promise<ClaimedRoom> {
    if (!this.#enabled) return { fits: false, removedBytes: 0 };
    const folder = (await framesFolder(true))!;
    const own = new Set(await Promise.all(keys.map(nameOf)));
    const [files, uses] = [await keptFiles(folder), await readUses(folder)];
    const lastUse = ({ name, lastModified }: KeptFile): number => uses[name] ?? lastModified;
    const others = files.filter(({ name }) => !own.has(name)).sort((a, b) => lastUse(a) - lastUse(b));
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    const given: KeptFile[] = [];
    const removedBytes = () => given.reduce((sum, { bytes }) => sum + bytes, 0);
    const fits = () => newBytes <= shareOfFree * (quota - usage + removedBytes());
    for (const file of others) {
      if (fits()) break;
      given.push(file);
    }
    if (!fits()) given.length = 0;
    for (const { name } of given) await folder.removeEntry(name);
    const now = Date.now();
    const left = others.filter((file) => !given.includes(file)).map((file) => [file.name, lastUse(file)] as const);
    await writeUses(folder, Object.fromEntries([...left, ...[...own].map((name) => [name, now] as const)]));
    return { fits: fits(), removedBytes: removedBytes() };
  }

  /** Writes all frames of a video; false where there was no room for them after all, or they were deleted meanwhile. */
  async write(key: FrameCacheKey, frames: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<boolean> {
    if (!this.#enabled) return false;
    const name = await nameOf(key);
    const folder = (await framesFolder(true))!;
    const handle = await folder.getFileHandle(name, { create: true });
    // Nothing is seen of the file before the stream is closed.
    const stream = await handle.createWritable();
    try {
      for await (const frame of frames) await stream.write(frame);
      await stream.close();
      return true;
    } catch (error) {
      await stream.abort().catch(() => undefined);
      await folder.removeEntry(name).catch(() => undefined);
      if (error instanceof DOMException && (error.name === 'QuotaExceededError' || isMissing(error))) return false;
      throw error;
    }
  }

  /** The frames with these numbers, one after the other, or null where the video is not kept. */
  async read(key: FrameCacheKey, frames: readonly number[]): Promise<Uint8Array<ArrayBuffer> | null> {
    if (!this.#enabled) return null;
    const file = await this.#file(key);
    if (!file || file.size === 0) return null;
    const bytes = key.width * key.height * BYTES_PER_PIXEL;
    const result = new Uint8Array(frames.length * bytes);
    for (let i = 0; i < frames.length;) {
      // Neighbours are read together.
      let end = i + 1;
      while (end < frames.length && frames[end] === frames[end - 1]! + 1) end++;
      const part = await readPart(file, frames[i]! * bytes, (frames[i]! + end - i) * bytes);
      if (part?.byteLength !== (end - i) * bytes) return null;
      result.set(new Uint8Array(part), i * bytes);
      i = end;
    }
    return result;
  }

  async #file(key: FrameCacheKey): Promise<File | null> {
    const folder = await framesFolder(false);
    try {
      return folder && (await (await folder.getFileHandle(await nameOf(key))).getFile());
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }
}

/** What all cached frames take; for the page to tell and to offer `clearFrameCache`. */
export async function frameCacheSize(): Promise<FrameCacheSize> {
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  const folder = await framesFolder(false);
  const files = folder ? await keptFiles(folder) : [];
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { bytes, videos: files.length, freeBytes: Math.max(0, quota - usage) };
}

/** Deletes all cached frames. Not while frames are being written: hold the lock of `runs/trainLock`. */
export async function clearFrameCache(): Promise<void> {
  const root = await rootFolder();
  await root.removeEntry(folderName, { recursive: true }).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/** Deletes the frames in these files, of which some may be gone. As above, not while frames are being written. */
export async function removeFrames(names: readonly string[]): Promise<void> {
  const folder = await framesFolder(false);
  for (const name of names)
    await folder?.removeEntry(name).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
}

/** Cached frames as frames again; whoever takes one closes it. */
export function* cachedFrames(
  bytes: Uint8Array<ArrayBuffer>,
  { width, height }: Pick<FrameCacheKey, 'width' | 'height'>,
): Generator<VideoFrame> {
  const frameBytes = width * height * BYTES_PER_PIXEL;
  for (let at = 0; at < bytes.byteLength; at += frameBytes) {
    const init = { format: 'RGBX', codedWidth: width, codedHeight: height, timestamp: 0 } as const;
    yield new VideoFrame(bytes.subarray(at, at + frameBytes), init);
  }
}

/** Those that hold something: a file that is being written for the first time is empty. */
async function keptFiles(folder: FileSystemDirectoryHandle): Promise<KeptFile[]> {
  const files: KeptFile[] = [];
  for await (const handle of folder.values()) {
    if (handle.kind !== 'file' || handle.name === usesName) continue;
    const { size: bytes, lastModified } = await handle.getFile();
    if (bytes > 0) files.push({ name: handle.name, bytes, lastModified });
  }
  return files;
}

/** Nothing where it was never written, or is damaged: then files count from when they were written. */
async function readUses(folder: FileSystemDirectoryHandle): Promise<Readonly<Record<string, number>>> {
  try {
    const file = await (await folder.getFileHandle(usesName)).getFile();
    return JSON.parse(await file.text()) as Record<string, number>;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return {};
    throw error;
  }
}

async function writeUses(folder: FileSystemDirectoryHandle, uses: Readonly<Record<string, number>>): Promise<void> {
  const stream = await (await folder.getFileHandle(usesName, { create: true })).createWritable();
  await stream.write(JSON.stringify(uses));
  await stream.close();
}

/** Null where the file was deleted since it was opened. */
async function readPart(file: File, begin: number, end: number): Promise<ArrayBuffer | null> {
  try {
    return await file.slice(begin, end).arrayBuffer();
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function rootFolder(): Promise<FileSystemDirectoryHandle> {
  try {
    return await navigator.storage.getDirectory();
  } catch (cause) {
    const message = 'The browser does not let this page keep files (private window or storage switched off).';
    throw new UserError('storage-unavailable', message, {}, { cause });
  }
}

async function framesFolder(create: boolean): Promise<FileSystemDirectoryHandle | null> {
  const root = await rootFolder();
  try {
    return await root.getDirectoryHandle(folderName, { create });
  } catch (error) {
    if (!create && isMissing(error)) return null;
    throw error;
  }
}

/** Of the file that holds them: a digest, since names of files may hold what folders do not take. */
export async function nameOf({ file, width, height, recipe }: FrameCacheKey): Promise<string> {
  const text = JSON.stringify([file.name, file.size, file.lastModified, width, height, recipe]);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Browsers differ in what they say of a file that was opened and then deleted. */
function isMissing(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'NotFoundError' || error.name === 'NotReadableError');
}
