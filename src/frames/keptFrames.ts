// Resized frames of videos that need not be decoded again: small sets in memory, all of them in the browser's own files.
import { UserError } from '../errors';
import { BYTES_PER_PIXEL, type ClaimedRoom, type FrameCache, type FrameCacheKey } from '../video/frameCache';

/** All frames of a video at one size. */
export interface FrameSet {
  readonly key: FrameCacheKey;
  readonly frames: number;
  /** Whether the video will be there at the next visit too; what a page makes for itself is not worth the room. */
  readonly lasting: boolean;
}

/** In files frames are found again at the next visit; in memory they are as long as the run. */
export type KeptPlace = 'files' | 'memory';

const MEMORY_BYTES = 256 * 2 ** 20;

export class KeptFrames {
  readonly #cache: FrameCache;
  readonly #memory = new Map<string, Promise<Uint8Array<ArrayBuffer> | null>>();
  #memoryLeft: number;
  #files = true;
  /** Whether the files have room for what is written now. */
  #roomInFiles = false;

  /** `cache` is switched off where the person wants no files; memory is used all the same. */
  constructor(cache: FrameCache, memoryBytes = MEMORY_BYTES) {
    this.#cache = cache;
    this.#memoryLeft = memoryBytes;
  }

  /** Where all frames of the set are kept; null where they are not. */
  async find(set: FrameSet): Promise<KeptPlace | null> {
    if ((await this.#readFiles(set, [set.frames - 1])) !== null) return 'files';
    return (await this.#memory.get(nameOf(set))) ? 'memory' : null;
  }

  /**
   * Makes room for all of the `missing` sets, where need be in place of frames that no set of the run is made of.
   * @param sets all of the run's sets: they count as used now.
   */
  async claim(sets: readonly FrameSet[], missing: readonly FrameSet[]): Promise<ClaimedRoom> {
    const inMemory = bytesOfAll(missing) <= this.#memoryLeft;
    const filed = ({ lasting }: FrameSet): boolean => lasting || !inMemory;
    const keys = sets.filter(filed).map(({ key }) => key);
    const none: ClaimedRoom = { fits: false, removedBytes: 0 };
    const room =
      keys.length === 0
        ? none
        : await this.#inFiles(() => this.#cache.claim(keys, bytesOfAll(missing.filter(filed))), none);
    this.#roomInFiles = room.fits;
    return { ...room, fits: inMemory || room.fits };
  }

  /** Keeps all frames of a set, which come in order; null where there was no room after all. Call `claim` before. */
  async write(set: FrameSet, frames: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<KeptPlace | null> {
    const bytes = bytesOf(set);
    if (bytes > this.#memoryLeft) return (await this.#writeFiles(set, frames)) ? 'files' : null;
    this.#memoryLeft -= bytes;
    try {
      const all = new Uint8Array(bytes);
      let at = 0;
      for await (const frame of frames) {
        all.set(frame, at);
        at += frame.byteLength;
      }
      this.#memory.set(nameOf(set), Promise.resolve(all));
      return set.lasting && (await this.#writeFiles(set, oneAfterTheOther([all]))) ? 'files' : 'memory';
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

  async #writeFiles({ key }: FrameSet, frames: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<boolean> {
    return this.#roomInFiles && (await this.#inFiles(() => this.#cache.write(key, frames), false));
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

export function bytesOfAll(sets: readonly FrameSet[]): number {
  return sets.reduce((sum, set) => sum + bytesOf(set), 0);
}

function nameOf({ key }: FrameSet): string {
  const { file, width, height, recipe } = key;
  return JSON.stringify([file.name, file.size, file.lastModified, width, height, recipe]);
}

async function* oneAfterTheOther<T>(items: readonly T[]): AsyncGenerator<T> {
  await Promise.resolve();
  yield* items;
}
