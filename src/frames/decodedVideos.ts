// The videos of a run in a browser's worker: decoded by a pool of workers, or taken from the frames that are kept.
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
import { describe, frameSet } from './frameSets';
import { framesToBytes, framesToTensor } from './frameBatches';
import { asFrames, heard, numbered } from './frameStreams';
import { heardLater } from './heardLater';
import { HeldPicture } from './heldPicture';
import { inLanes } from './lanes';
import { bytesOfAll, KeptFrames, type FrameSet, type KeptPlace } from './keptFrames';
import { UrgentFirst } from './urgentFirst';
import { distinctFrames, placedFrames } from './placedFrames';
import type { DataFile } from '../formats/dataFile';
import type { KeptFramesReport } from './videoStore';
import type { FrameInput, FrameTarget } from './frameInput';
import type { ClipFrames, FrameLook, Still, OpenVideo, VideoStore } from './videoStore';

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

/** Frames that are being kept, and what was there before. */
interface Keeping {
  readonly look: KeptLook;
  readonly sets: ReadonlyMap<Opened, FrameSet>;
  readonly found: Readonly<Record<KeptPlace, FrameSet[]>>;
  readonly removedBytes: number;
  /** Empty where there is no room. */
  readonly missing: readonly Opened[];
  readonly queue: UrgentFirst<Opened>;
}

/** Colours of 0..1 as they are. */
const plain = { mean: [0, 0, 0], std: [1, 1, 1], jitter: [] } as const;

export class DecodedVideos implements VideoStore {
  readonly #parts: DecodedVideosParts;
  readonly #kept: KeptFrames;
  readonly #videos = new Map<OpenVideo, Opened>();
  readonly #closed = new AbortController();
  readonly #held = new HeldPicture();
  /** What was to be kept last. */
  #keeping: Promise<Keeping | null> = Promise.resolve(null);
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
    until?: AbortSignal,
  ): Promise<KeptFramesReport> {
    const planned = this.#planKeeping(videos, look);
    this.#keeping = heardLater(planned);
    const keeping = await planned;
    const { sets, found, removedBytes } = keeping;
    const written = await this.#keepMissing(keeping, progress, until);
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

  async #planKeeping(videos: readonly OpenVideo[], look: KeptLook): Promise<Keeping> {
    const sets = new Map<Opened, FrameSet>();
    for (const video of new Set(videos)) {
      const opened = this.#opened(video);
      sets.set(opened, await frameSet({ ...opened, facts: opened.pooled.facts }, look));
    }
    const found: Record<KeptPlace, FrameSet[]> = { files: [], memory: [] };
    const lacking: Opened[] = [];
    for (const [opened, set] of sets) {
      const place = await this.#kept.find(set);
      if (place === null) lacking.push(opened);
      else found[place].push(set);
      if (place !== null) opened.kept.set(sizeName(look.size), { set, look });
    }
    const { fits, removedBytes } = await this.#kept.claim(
      [...sets.values()],
      lacking.map((opened) => sets.get(opened)!),
    );
    const missing = fits ? lacking : [];
    return { look, sets, found, removedBytes, missing, queue: new UrgentFirst(missing) };
  }

  async #keepMissing(
    { look, sets, missing, queue }: Keeping,
    progress: (done: number, total: number) => void,
    until: AbortSignal = new AbortController().signal,
  ): Promise<Record<KeptPlace, FrameSet[]>> {
    const written: Record<KeptPlace, FrameSet[]> = { files: [], memory: [] };
    const total = missing.reduce((sum, opened) => sum + sets.get(opened)!.frames, 0);
    let done = 0;
    const signal = AbortSignal.any([this.#closed.signal, until]);
    const working = queue.inLanes(this.#parts.pool.size, signal, async (opened, signal) => {
      const set = sets.get(opened)!;
      const numbers = Array.from({ length: set.frames }, (_, i) => i);
      const region = withMargin(opened.crop, look);
      const frames = this.#resized(opened, { ...decoded(opened, numbers, signal), crop: region }, set.key);
      const counted = heard(frames, () => {
        signal.throwIfAborted();
        progress(++done, total);
      });
      const place = await this.#kept.write(set, counted);
      if (place === null) return;
      written[place].push(set);
      opened.kept.set(sizeName(look.size), { set, look });
    });
    await working.catch((error: unknown) => {
      if (error !== until.reason) throw error;
    });
    return written;
  }

  /** Frames of this size as they are kept; of those that are about to be, soon. Undefined where none are. */
  async #keptOf(opened: Opened, size: Size) {
    const name = sizeName(size);
    if (!opened.kept.has(name)) {
      const keeping = await this.#keeping.catch(() => null);
      if (keeping && sizeName(keeping.look.size) === name) await keeping.queue.over(opened);
    }
    return opened.kept.get(name);
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
    const kept = await this.#keptOf(opened, size);
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

function sizeName({ width, height }: Size): string {
  return `${width} x ${height}`;
}
