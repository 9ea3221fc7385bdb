// Resized frames of videos that need not be decoded again: small sets in memory, all of them in the browser's own files.
import { UserError } from '../errors';
import { BYTES_PER_PIXEL, type FrameCache, type FrameCacheKey } from '../video/frameCache';

/** All frames of a video at one size. */
export interface FrameSet {
  readonly key: FrameCacheKey;
  readonly frames: number;
  /** Whether the video will be there at the next visit too; what a page makes for itself is not worth the room. */
  readonly lasting: boolean;
}

const MEMORY_BYTES = 256 * 2 ** 20;

export class KeptFrames {
  readonly #cache: FrameCache;
  readonly #memory = new Map<string, Promise<Uint8Array<ArrayBuffer> | null>>();
  #memoryLeft: number;
  #files = true;

  /** `cache` is switched off where the person wants no files; memory is used all the same. */
  constructor(cache: FrameCache, memoryBytes = MEMORY_BYTES) {
    this.#cache = cache;
    this.#memoryLeft = memoryBytes;
  }

  /** Whether all frames of the set are kept. */
  async has(set: FrameSet): Promise<boolean> {
    const loaded = await this.#memory.get(nameOf(set));
    return loaded ? true : (await this.#readFiles(set, [set.frames - 1])) !== null;
  }

  /** Whether there is room for all of these sets. */
  async hasRoom(sets: readonly FrameSet[]): Promise<boolean> {
    const bytes = sets.reduce((sum, set) => sum + bytesOf(set), 0);
    if (bytes <= this.#memoryLeft) return true;
    const pixels = Math.ceil(bytes / BYTES_PER_PIXEL);
    return await this.#inFiles(() => this.#cache.hasRoom(1, pixels, 1), false);
  }

  /** Keeps all frames of a set, which come in order; false where there was no room after all. */
  async write(set: FrameSet, frames: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<boolean> {
    const bytes = bytesOf(set);
    if (bytes > this.#memoryLeft) return await this.#inFiles(() => this.#cache.write(set.key, frames), false);
    this.#memoryLeft -= bytes;
    try {
      const all = new Uint8Array(bytes);
      let at = 0;
      for await (const frame of frames) {
        all.set(frame, at);
        at += frame.byteLength;
      }
      this.#memory.set(nameOf(set), Promise.resolve(all));
      if (set.lasting) await this.#inFiles(() => this.#writeFiles(set, all), false);
      return true;
    } catch (error) {
      if (!this.#memory.has(nameOf(set))) this.#memoryLeft += bytes;
      throw error;
    }
  }

  /** The frames with these numbers, one after the other, or null where the set is not kept. */
  async read(set: FrameSet, frames: readonly number[]): Promise<Uint8Array<ArrayBuffer> | null> {
    const all = await this.#load(set);
    if (!all) return await this.#readFiles(set, frames);
    const size = bytesOf(set) / set.frames;
    const result = new Uint8Array(frames.length * size);
    frames.forEach((frame, i) => result.set(all.subarray(frame * size, (frame + 1) * size), i * size));
    return result;
  }

  /** All frames of the set in memory; null where they are too many, or not kept. */
  async #load(set: FrameSet): Promise<Uint8Array<ArrayBuffer> | null> {
    const name = nameOf(set);
    const bytes = bytesOf(set);
    const loaded = this.#memory.get(name);
    if (loaded || bytes > this.#memoryLeft) return (await loaded) ?? null;
    this.#memoryLeft -= bytes;
    let all: Uint8Array<ArrayBuffer> | null = null;
    try {
      const numbers = Array.from({ length: set.frames }, (_, i) => i);
      const loading = this.#readFiles(set, numbers);
      this.#memory.set(name, loading);
      return (all = await loading);
    } finally {
      if (!all) {
        this.#memory.delete(name);
        this.#memoryLeft += bytes;
      }
    }
  }

  async #writeFiles({ key, frames }: FrameSet, all: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const { width, height } = key;
    if (!(await this.#cache.hasRoom(frames, width, height))) return false;
    return await this.#cache.write(key, oneAfterTheOther([all]));
  }

  #readFiles({ key }: FrameSet, frames: readonly number[]): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#inFiles(() => this.#cache.read(key, frames), null);
  }

  /** A browser that lets the page keep no files (a private window) is asked once; nothing is kept in them then. */
  async #inFiles<T>(work: () => Promise<T>, without: T): Promise<T> {
    if (!this.#files) return without;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'storage-unavailable') throw error;
      this.#files = false;
      return without;
    }
  }
}

function bytesOf({ key, frames }: FrameSet): number {
  return frames * key.width * key.height * BYTES_PER_PIXEL;
}

function nameOf({ key }: FrameSet): string {
  const { file, width, height, recipe } = key;
  return JSON.stringify([file.name, file.size, file.lastModified, width, height, recipe]);
}

async function* oneAfterTheOther<T>(items: readonly T[]): AsyncGenerator<T> {
  await Promise.resolve();
  yield* items;
}
