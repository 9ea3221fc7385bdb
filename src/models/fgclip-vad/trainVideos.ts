// Training batches: whole videos, each as some of its frames, with its captions, regions and labels.
import { drawJitter } from '../../engine/frames/colourJitter';
import type { VideoStore } from '../../frames/videoStore';
import type { Rect, Size } from '../../engine/frames/placement';
import type { Random } from '../../samples/random';
import { epochOrder } from '../../samples/sampler';
import { padFrames, type PaddedFrames } from '../../samples/timeline';
import { uniformFrames } from '../../samples/uniformFrames';
import type { Corners } from '../../metrics/judgedBoxes';
import type { ClipTokenizer } from '../../text/clipTokenizer';
import type { Batch } from '../../training/runtime';
import type { OpenedAnomaly } from './anomalies';
import type { FgclipDataSettings } from './dataSettings';
import type { TextSizes } from './definition';
import type { RegionTrack } from './regionTracks';

export class TrainVideos {
  readonly #videos: readonly OpenedAnomaly[];
  readonly #classes: readonly string[];
  readonly #settings: FgclipDataSettings;
  readonly #store: VideoStore;
  readonly #tokenizer: ClipTokenizer;
  readonly #sizes: TextSizes;
  /** Width and height of a box of each region that has any, in shares of the frame. */
  readonly #boxSizes: readonly (readonly [number, number])[];

  constructor(
    videos: readonly OpenedAnomaly[],
    classes: readonly string[],
    settings: FgclipDataSettings,
    store: VideoStore,
    texts: { readonly tokenizer: ClipTokenizer; readonly sizes: TextSizes },
  ) {
    this.#videos = videos;
    this.#classes = classes;
    this.#settings = settings;
    this.#store = store;
    this.#tokenizer = texts.tokenizer;
    this.#sizes = texts.sizes;
    this.#boxSizes = videos.flatMap(({ regions }) => regions.flatMap(boxSize));
  }

  get count(): number {
    return this.#videos.length;
  }

  /** Every video once; or normal and abnormal ones in turn, of which the rarer kind comes again and again. */
  order(seed: number, epoch: number): Uint32Array {
    const shuffled = epochOrder(this.count, seed, epoch);
    const kinds = [true, false].map((kind) => [...shuffled].filter((i) => this.#videos[i]!.abnormal === kind));
    if (!this.#settings.balancedSampler || kinds.some((own) => own.length === 0)) return shuffled;
    return Uint32Array.from({ length: this.count }, (_, k) => {
      const own = kinds[k % 2]!;
      // An epoch starts where the one before it stopped, so that each video has its turn.
      const start = Math.ceil(this.count / 2) * (epoch - 1);
      return own[(start + (k >> 1)) % own.length]!;
    });
  }

  /** A batch as `detectorDefinition` takes it. */
  batch(indices: readonly number[], random: Random): Batch {
    const { look, flip, zoom, jitter, frames: length, regions: slots } = this.#settings;
    const chosen = indices.map((i) => {
      const item = this.#videos[i]!;
      const drawn = { ...this.#frames(item, random), flip: random() < flip, jitter: drawJitter(jitter, random) };
      return { item, ...drawn, part: drawPart(zoom, random) };
    });
    const asClips = this.#settings.regionPath === 'clips';
    const [V, T, A] = [indices.length, length, slots];
    const boxes = new Float32Array(V * T * A * 4);
    const boxMask = new Float32Array(V * T * A);
    const regionValid = new Float32Array(V * A);
    const said = Array.from({ length: V * A }, () => '');
    const learned = chosen.map(({ item, frames, valid }) =>
      (asClips ? item.regions : this.#regions(item, frames.slice(0, valid), random)).slice(0, A),
    );
    chosen.forEach(({ frames, valid, part, flip: mirrored }, v) =>
      learned[v]!.forEach(({ caption, boxAt }, a) => {
        said[v * A + a] = caption;
        if (asClips) {
          // Boxes play no part.
          regionValid[v * A + a] = 1;
          return;
        }
        frames.slice(0, valid).forEach((frame, t) => {
          const box = within(part, boxAt(frame));
          if (!box) return;
          const [x0, y0, x1, y1] = box;
          const at = (v * T + t) * A + a;
          boxes.set(mirrored ? [1 - x1, y0, 1 - x0, y1] : [x0, y0, x1, y1], at * 4);
          boxMask[at] = 1;
          regionValid[v * A + a] = 1;
        });
      }),
    );
    const seen = (
      { item, part, flip: mirrored, jitter: colours }: (typeof chosen)[number],
      shown: PaddedFrames['frames'],
    ) => ({
      ...{ video: item.video, frames: shown, flip: mirrored, jitter: colours },
      ...(zoom > 0 && { window: windowOf(part, look.size) }),
    });
    const tokens = (texts: readonly string[], most: number): Uint32Array => this.#tokenizer.sequences(texts, most).ids;
    return {
      frames: this.#store.input(
        chosen.map((one) => seen(one, one.frames)),
        look,
      ),
      mask: Float32Array.from({ length: V * T }, (_, k) => (k % T < chosen[Math.floor(k / T)]!.valid ? 1 : 0)),
      captions: tokens(
        chosen.map(({ item }) => item.caption),
        this.#sizes.captionLength,
      ),
      regionCaptions: tokens(said, this.#sizes.regionLength),
      regionValid,
      ...(asClips
        ? {
            clips: this.#store.input(
              chosen.flatMap((one, v) =>
                Array.from({ length: A }, (_, a) => seen(one, this.#clip(one.item, learned[v]![a]))),
              ),
              look,
            ),
          }
        : { boxes, boxMask }),
      labels: Float32Array.from(
        chosen.flatMap(({ item }) => this.#classes.map((name) => (name === item.className ? 1 : 0))),
      ),
    };
  }

  /**
   * What is learned of a video: its regions, or of a normal one places as large as boxes are, drawn anew each time. Each
   * is there for one of the frames alone: over time people leave it, and what passes by would never be seen as normal.
   */
  #regions({ abnormal, regions }: OpenedAnomaly, frames: ArrayLike<number>, random: Random): readonly RegionTrack[] {
    const { normalPlaces, regions: slots } = this.#settings;
    const [whole] = regions;
    if (abnormal || !normalPlaces || !whole || this.#boxSizes.length === 0) return regions;
    return Array.from({ length: slots }, () => {
      const [wide, tall] = this.#boxSizes[Math.floor(random() * this.#boxSizes.length)]!;
      const [x, y] = [random() * (1 - wide), random() * (1 - tall)];
      const moment = frames[Math.floor(random() * frames.length)];
      const boxAt = (frame: number) => (frame === moment ? ([x, y, x + wide, y + tall] as const) : null);
      return { caption: whole.caption, boxAt, extent: null };
    });
  }

  /** Frames evenly from the first of a region to its last; of a place without one, the video's first again and again. */
  #clip({ video, range }: OpenedAnomaly, region: RegionTrack | undefined): readonly number[] {
    const { clipFrames } = this.#settings;
    const [start, end] = region ? (region.extent ?? range) : [range[0], range[0] + 1];
    const first = Math.min(start, video.times.length - 1);
    const { frames } = uniformFrames(video.times.subarray(first, Math.max(end, first + 1)), clipFrames);
    return frames.map((frame) => first + frame);
  }

  #frames({ video, range: [start, end] }: OpenedAnomaly, random: Random): PaddedFrames {
    const { frames: length, sampling, sampleEvery } = this.#settings;
    const total = end - start;
    const shifted = ({ frames, valid }: PaddedFrames): PaddedFrames => ({
      frames: frames.map((frame) => start + frame),
      valid,
    });
    if (sampling === 'window') {
      const samples = Math.ceil(total / sampleEvery);
      const first = Math.floor(random() * Math.max(1, samples - length + 1)) * sampleEvery;
      const some = Array.from({ length: Math.min(length, samples) }, (_, k) => first + k * sampleEvery);
      return shifted(padFrames(some, length));
    }
    if (sampling === 'whole' || total <= length)
      return shifted(uniformFrames(video.times.subarray(start, end), length));
    const parts = Array.from({ length }, (_, k) => Math.floor(((k + random()) * total) / length));
    return { frames: parts.map((frame) => start + frame), valid: length };
  }
}

/** Of the box in the middle of the region's time; none of a region that is always there. */
function boxSize({ extent, boxAt }: RegionTrack): (readonly [number, number])[] {
  const box = extent && boxAt(Math.floor((extent[0] + extent[1]) / 2));
  return box ? [[box[2] - box[0], box[3] - box[1]]] : [];
}

/** A part of the frame of its own form, in shares: up to `zoom` smaller along each side, anywhere. */
function drawPart(zoom: number, random: Random): Corners {
  if (zoom === 0) return [0, 0, 1, 1];
  const side = 1 - zoom * random();
  const [x, y] = [random() * (1 - side), random() * (1 - side)];
  return [x, y, x + side, y + side];
}

function windowOf([x0, y0, x1, y1]: Corners, { width, height }: Size): Rect {
  return { x: x0 * width, y: y0 * height, width: (x1 - x0) * width, height: (y1 - y0) * height };
}

/** A box in shares of the part; null where the part shows less than half of it. */
function within([left, top, right, bottom]: Corners, box: Corners | null): Corners | null {
  if (!box) return null;
  const [x0, x1] = [Math.max(left, box[0]), Math.min(right, box[2])];
  const [y0, y1] = [Math.max(top, box[1]), Math.min(bottom, box[3])];
  const whole = left <= box[0] && right >= box[2] && top <= box[1] && bottom >= box[3];
  const shown = Math.max(0, x1 - x0) * Math.max(0, y1 - y0);
  if (!whole && shown < 0.5 * Math.min((box[2] - box[0]) * (box[3] - box[1]), (right - left) * (bottom - top)))
    return null;
  const [wide, tall] = [right - left, bottom - top];
  return [(x0 - left) / wide, (y0 - top) / tall, (x1 - left) / wide, (y1 - top) / tall];
}
