// The videos of a run in a browser's worker: decoded by a pool of workers, or taken from the frames that are kept.
import { fileName } from '../formats/filePaths';
import { FramePass } from '../engine/frames/framePass';
import type { FrameRecipe } from '../engine/frames/frameRecipe';
import type { Placement, Rect, Size } from '../engine/frames/placement';
import { invariant, type UserError } from '../errors';
import type { DecodedFrame } from '../video/decodeFrames';
import type { DecodePool, PooledVideo } from '../video/decodePool';
import { cachedFrames, nameOf, type FrameCache } from '../video/frameCache';
import { PictureVideo, type PictureList } from '../video/pictureVideo';
import type { VideoFacts } from '../video/videoFile';
import { around, eachCrop, keptSize, partOf, wholly, withMargin, type Crops, type KeptLook } from './crops';
import { framesToBytes, framesToTensor } from './frameBatches';
import { asFrames, heard, numbered } from './frameStreams';
import { HeldPicture } from './heldPicture';
import { inLanes } from './lanes';
import { bytesOfAll, KeptFrames, type FrameSet, type KeptPlace } from './keptFrames';
import { distinctFrames, placedFrames } from './placedFrames';
import type { DataFile } from '../formats/dataFile';
import type { KeptFramesReport } from './videoStore';
import type { FrameInput, FrameTarget } from './frameInput';
import type { ClipFrames, FrameLook, Still, OpenVideo, VideoStore } from './videoStore';

/** Bytes at each end of a file that tell it from another of the same name, size and date. */
const FINGERPRINT_BYTES = 65536;

export interface DecodedVideosParts {
  readonly pool: DecodePool;
  /** Switched off where the person wants no files. */
  readonly cache: FrameCache;
  /** For frames that are resized outside of a training step. */
  readonly openDevice: () => Promise<GPUDevice>;
  /** Of resized frames that may be held; see KeptFrames. */
  readonly memoryBytes?: number;
}

/** What the store knows of a video that it opened. */
interface Opened {
  /** One, or the pictures that the video is made of. */
  readonly files: readonly DataFile[];
  readonly pooled: PooledVideo;
  readonly crop: Crops;
  /** Sets of its frames that are kept, by `sizeName` of a look, and that look. */
  readonly kept: Map<string, { readonly set: FrameSet; readonly look: KeptLook }>;
  /** Paths of files of which `onProblem` has heard. */
  readonly told: Set<unknown>;
  readonly onProblem: ((problem: UserError) => void) | undefined;
  /** False for a video that is seen through other crops than the one that was opened. */
  readonly isFirst: boolean;
}

/** Frames of a video, and what their resizing starts from. */
interface Source {
  readonly frames: AsyncIterable<DecodedFrame>;
  readonly crop: Crops;
  readonly coded: FrameRecipe['coded'];
}

/** Colours of 0..1 as they are. */
const plain = { mean: [0, 0, 0], std: [1, 1, 1], jitter: [] } as const;

export class DecodedVideos implements VideoStore {
  readonly #parts: DecodedVideosParts;
  readonly #kept: KeptFrames;
  readonly #videos = new Map<OpenVideo, Opened>();
  readonly #closed = new AbortController();
  readonly #held = new HeldPicture();
  #resizer: { readonly device: GPUDevice; readonly pass: FramePass } | null = null;

  constructor(parts: DecodedVideosParts) {
    this.#parts = parts;
    this.#kept = new KeptFrames(parts.cache, parts.memoryBytes);
  }

  async open(
    file: DataFile,
    crop: (facts: VideoFacts) => Rect | null,
    onProblem?: (problem: UserError) => void,
  ): Promise<OpenVideo> {
    this.#closed.signal.throwIfAborted();
    return this.#add(await this.#parts.pool.open(file.blob, file.path), [file], crop, onProblem);
  }

  async openPictures(
    list: PictureList,
    crop: (facts: VideoFacts) => Rect | null,
    onProblem?: (problem: UserError) => void,
  ): Promise<OpenVideo> {
    const { signal } = this.#closed;
    signal.throwIfAborted();
    return this.#add(await PictureVideo.open(list, signal, onProblem), list.pictures, crop, onProblem);
  }

  #add(
    pooled: PooledVideo,
    files: readonly DataFile[],
    crop: (facts: VideoFacts) => Rect | null,
    onProblem: ((problem: UserError) => void) | undefined,
  ): OpenVideo {
    const { facts } = pooled;
    return this.#seen({ files, pooled, told: new Set(), onProblem, isFirst: true }, crop(facts));
  }

  cropped(video: OpenVideo, crops: readonly Rect[]): OpenVideo {
    invariant(crops.length === video.times.length, `${crops.length} crops for ${video.times.length} frames`);
    return this.#seen({ ...this.#opened(video), isFirst: false }, crops);
  }

  #seen(source: Omit<Opened, 'crop' | 'kept'>, crop: Crops | null): OpenVideo {
    const { facts } = source.pooled;
    const video: OpenVideo = {
      facts,
      source: JSON.stringify(describe(source.files)),
      times: facts.times,
      crop,
      still: (frame, size) => this.#still(video, frame, size),
      frames: (options) => this.#opened(video).pooled.frames(options),
    };
    const whole = { x: 0, y: 0, width: facts.width, height: facts.height };
    this.#videos.set(video, { ...source, crop: crop ?? whole, kept: new Map() });
    return video;
  }

  async keep(
    videos: readonly OpenVideo[],
    look: KeptLook,
    progress: (done: number, total: number) => void,
  ): Promise<KeptFramesReport> {
    const sets = new Map<Opened, FrameSet>();
    for (const video of new Set(videos)) sets.set(this.#opened(video), await frameSet(this.#opened(video), look));
    const found: Record<KeptPlace, FrameSet[]> = { files: [], memory: [] };
    const missing: [Opened, FrameSet][] = [];
    for (const [opened, set] of sets) {
      const place = await this.#kept.find(set);
      if (place === null) missing.push([opened, set]);
      else found[place].push(set);
      if (place !== null) opened.kept.set(sizeName(look.size), { set, look });
    }
    const { fits, removedBytes } = await this.#kept.claim(
      [...sets.values()],
      missing.map(([, set]) => set),
    );
    const written = fits ? await this.#keepMissing(missing, look, progress) : { files: [], memory: [] };
    return {
      videos: sets.size,
      kept: [...sets.keys()].filter(({ kept }) => kept.has(sizeName(look.size))).length,
      foundBytes: bytesOfAll(found.files),
      writtenBytes: bytesOfAll(written.files),
      memoryBytes: bytesOfAll([...found.memory, ...written.memory]),
      removedBytes,
      files: await Promise.all([...found.files, ...written.files].map(({ key }) => nameOf(key))),
    };
  }

  input(clips: readonly ClipFrames[], look: FrameLook): FrameInput {
    return { writeFrames: (target) => this.#writeFrames(clips, look, target) };
  }

  close(video: OpenVideo): void {
    const opened = this.#videos.get(video);
    this.#held.forget(opened);
    this.#videos.delete(video);
    // A worker that went away holds nothing any more.
    if (opened?.isFirst === true) void opened.pooled.close().catch(() => undefined);
  }

  dispose(): void {
    this.#closed.abort(new DOMException('The videos were closed.', 'AbortError'));
    this.#parts.pool[Symbol.dispose]();
    this.#resizer?.pass.dispose();
    this.#resizer = null;
    this.#videos.clear();
  }

  async #writeFrames(clips: readonly ClipFrames[], look: FrameLook, target: FrameTarget): Promise<void> {
    const { size, mean, std } = look;
    const { pass, buffers, firstElement, elements: inBuffer, format } = target;
    const pixels = size.width * size.height;
    const places = clips[0]?.frames.length ?? 0;
    const strides = { frameStride: 3 * pixels, channelStride: pixels, rowStride: size.width, columnStride: 1 };
    invariant(
      clips.every(({ frames }) => frames.length === places),
      'the clips of a batch have equally many frames',
    );
    const elements = clips.length * places * strides.frameStride;
    const there = buffers.reduce((sum, { size: bytes }) => sum + bytes / (format === 'f16' ? 2 : 4), 0);
    invariant(there - firstElement >= elements, `${elements} values do not fit the input`);
    invariant(buffers.length === 1 || inBuffer % strides.frameStride === 0, 'each buffer holds whole frames');
    const { pool } = this.#parts;
    await inLanes([...clips.entries()], pool.size, this.#closed.signal, async ([number, clip], signal) => {
      const opened = this.#opened(clip.video);
      const { frames, crop, coded } = await this.#source(opened, clip, look, signal);
      const { flip, turn = 0, augment = [], jitter } = clip;
      invariant(turn % 180 === 0 || size.width === size.height, 'only square frames take quarter turns');
      const { colour } = opened.pooled.facts;
      const shared = { coded, colour, mean, std, augment, jitter };
      const recipe = recipesOf(crop, size, (placement) => ({ ...shared, placement: { ...placement, flip, turn } }));
      await framesToTensor(frames, pass, recipe, (frame) => {
        const at = (number * places + frame) * strides.frameStride;
        const buffer = buffers[Math.floor(at / inBuffer)]!;
        return { buffer, format, firstElement: firstElement + (at % inBuffer), ...strides };
      });
    });
  }

  async #still(video: OpenVideo, frame: number, size: Size): Promise<Still> {
    const { signal } = this.#closed;
    signal.throwIfAborted();
    const opened = this.#opened(video);
    const source = await this.#source(opened, { frames: [frame] }, { size }, signal);
    for await (const pixels of this.#resized(opened, source, size)) return { ...size, pixels };
    throw signal.reason;
  }

  async #keepMissing(
    missing: readonly [Opened, FrameSet][],
    look: KeptLook,
    progress: (done: number, total: number) => void,
  ): Promise<Record<KeptPlace, FrameSet[]>> {
    const written: Record<KeptPlace, FrameSet[]> = { files: [], memory: [] };
    const total = missing.reduce((sum, [, set]) => sum + set.frames, 0);
    let done = 0;
    await inLanes(missing, this.#parts.pool.size, this.#closed.signal, async ([opened, set], signal) => {
      const numbers = Array.from({ length: set.frames }, (_, i) => i);
      const region = withMargin(opened.crop, look);
      const frames = this.#resized(opened, { ...decoded(opened, numbers, signal), crop: region }, set.key);
      const counted = heard(frames, () => progress(++done, total));
      const place = await this.#kept.write(set, counted);
      if (place === null) return;
      written[place].push(set);
      opened.kept.set(sizeName(look.size), { set, look });
    });
    return written;
  }

  /** One frame for each place of a clip, and the part of it that the clip sees. */
  async #source(
    opened: Opened,
    clip: Pick<ClipFrames, 'frames' | 'window'>,
    look: KeptLook & Pick<FrameLook, 'asKept'>,
    signal: AbortSignal,
  ): Promise<Source> {
    const { size } = look;
    const { frames: wanted, window = { x: 0, y: 0, ...size } } = clip;
    const kept = opened.kept.get(sizeName(size));
    const bytes = kept && (await this.#kept.read(kept.set, wanted));
    if (bytes) {
      const { set, look } = kept;
      const frames = numbered(cachedFrames(bytes, set.key), wanted, opened.pooled.facts.times);
      return ofKept(frames, look, set.key, window);
    }
    if (look.asKept !== true)
      return { ...decoded(opened, wanted, signal), crop: eachCrop(opened.crop, (crop) => partOf(crop, size, window)) };
    const made =
      wanted.length === 1
        ? this.#held.get(opened, JSON.stringify([wanted, look]), () => this.#made(opened, wanted, look, signal))
        : this.#made(opened, wanted, look, signal);
    return ofKept(asFrames(made, keptSize(look), wanted, opened.pooled.facts.times), look, keptSize(look), window);
  }

  /** Frames as bytes, as kept ones are. */
  #made(
    opened: Opened,
    wanted: readonly number[],
    look: KeptLook,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const whole = { ...decoded(opened, wanted, signal), crop: withMargin(opened.crop, look) };
    return this.#resized(opened, whole, keptSize(look));
  }

  /** Frames as red, green, blue and 255, a byte each. */
  async *#resized(
    opened: Opened,
    { frames, crop, coded }: Source,
    size: Size,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const device = await this.#parts.openDevice();
    this.#closed.signal.throwIfAborted();
    if (this.#resizer?.device !== device) {
      this.#resizer?.pass.dispose();
      this.#resizer = { device, pass: new FramePass(device) };
    }
    const { colour } = opened.pooled.facts;
    const recipe = recipesOf(crop, size, (placement) => ({ ...plain, placement, coded, colour }));
    yield* framesToBytes(frames, device, this.#resizer.pass, recipe);
  }

  #opened(video: OpenVideo): Opened {
    this.#closed.signal.throwIfAborted();
    const opened = this.#videos.get(video);
    invariant(opened, `${video.facts.path} was not opened here`);
    return opened;
  }
}

/** The frames as a decoder gives them. */
function decoded(opened: Opened, wanted: readonly number[], signal: AbortSignal): Source {
  const { pooled, crop } = opened;
  const { width, height, orientation } = pooled.facts;
  const onProblem = (problem: UserError): void => {
    const { path } = problem.detail;
    if (!opened.told.has(path)) opened.onProblem?.(problem);
    opened.told.add(path);
  };
  const frames = placedFrames(pooled.frames({ wanted: distinctFrames(wanted), signal, onProblem }), wanted);
  return { frames, crop, coded: { upright: { width, height }, ...orientation } };
}

/** Frames as they are kept, and the window over them. */
function ofKept(frames: Source['frames'], look: KeptLook, { width, height }: Size, window: Rect): Source {
  const { margin = 0 } = look;
  const shifted = { ...window, x: margin + window.x, y: margin + window.y };
  const crop = partOf({ x: 0, y: 0, width, height }, around(look), shifted);
  return { frames, crop, coded: { upright: { width, height }, rotation: 0, mirrored: false } };
}

/** What becomes of each frame; frames that share a crop share it. */
function recipesOf(
  crop: Crops,
  size: Size,
  recipe: (placement: Placement) => FrameRecipe,
): (frame: number) => FrameRecipe {
  const placements = wholly(crop, size);
  if (!('width' in crop)) return (frame) => recipe(placements(frame));
  const shared = recipe(placements(0));
  return () => shared;
}

/** Of the files' description, the beginning of the first and the end of the last. */
async function fingerprint(files: readonly DataFile[], described: string): Promise<string> {
  const [first, last] = [files[0]!.blob, files.at(-1)!.blob];
  const ends = new Blob([described, first.slice(0, FINGERPRINT_BYTES), last.slice(-FINGERPRINT_BYTES)]);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await ends.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function sizeName({ width, height }: Size): string {
  return `${width} x ${height}`;
}

async function frameSet({ files, pooled, crop }: Opened, look: KeptLook): Promise<FrameSet> {
  const { path, times, orientation } = pooled.facts;
  const described = describe(files);
  const key = {
    file: {
      name: fileName(path),
      size: described.reduce((sum, [, size]) => sum + size, 0),
      lastModified: described.reduce((latest, [, , change]) => Math.max(latest, change), 0),
    },
    ...keptSize(look),
    recipe: JSON.stringify([
      'antialiased',
      withMargin(crop, look),
      orientation,
      await fingerprint(files, JSON.stringify(described)),
    ]),
  };
  return { key, frames: times.length, lasting: files.every(({ blob }) => blob instanceof File) };
}

function describe(files: readonly DataFile[]) {
  return files.map(({ path, blob }) => [fileName(path), blob.size, changeOf(blob)] as const);
}

function changeOf(blob: Blob): number {
  return blob instanceof File ? blob.lastModified : 0;
}
