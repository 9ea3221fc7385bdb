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

const folderName = 'frames';
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

  /** Whether `frames` frames would fit without crowding out checkpoints. */
  async hasRoom(frames: number, width: number, height: number): Promise<boolean> {
    if (!this.#enabled) return false;
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    return frames * width * height * BYTES_PER_PIXEL <= shareOfFree * (quota - usage);
  }

  /** Writes all frames of a video; false where there was no room for them after all. */
  async write(key: FrameCacheKey, frames: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<boolean> {
    if (!this.#enabled) return false;
    const name = await nameOf(key);
    const folder = await framesFolder(true);
    const handle = await folder!.getFileHandle(name, { create: true });
    // Nothing is seen of the file before the stream is closed.
    const stream = await handle.createWritable();
    try {
      for await (const frame of frames) await stream.write(frame);
      await stream.close();
      return true;
    } catch (error) {
      await stream.abort().catch(() => undefined);
      await folder!.removeEntry(name).catch(() => undefined);
      if (error instanceof DOMException && error.name === 'QuotaExceededError') return false;
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
      const part = await file.slice(frames[i]! * bytes, (frames[i]! + end - i) * bytes).arrayBuffer();
      if (part.byteLength !== (end - i) * bytes) return null;
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
  let bytes = 0;
  let videos = 0;
  const folder = await framesFolder(false);
  if (folder)
    for await (const handle of folder.values()) {
      if (handle.kind !== 'file') continue;
      bytes += (await handle.getFile()).size;
      videos++;
    }
  return { bytes, videos, freeBytes: Math.max(0, quota - usage) };
}

export async function clearFrameCache(): Promise<void> {
  const root = await rootFolder();
  await root.removeEntry(folderName, { recursive: true }).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/** Cached frames as frames again; whoever takes one closes it. */
export function* cachedFrames(bytes: Uint8Array<ArrayBuffer>, { width, height }: FrameCacheKey): Generator<VideoFrame> {
  const frameBytes = width * height * BYTES_PER_PIXEL;
  for (let at = 0; at < bytes.byteLength; at += frameBytes) {
    const init = { format: 'RGBX', codedWidth: width, codedHeight: height, timestamp: 0 } as const;
    yield new VideoFrame(bytes.subarray(at, at + frameBytes), init);
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

/** A digest, since names of files may hold what folders do not take, and are nobody's business. */
async function nameOf({ file, width, height, recipe }: FrameCacheKey): Promise<string> {
  const text = JSON.stringify([file.name, file.size, file.lastModified, width, height, recipe]);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isMissing(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotFoundError';
}
