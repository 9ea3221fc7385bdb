// Training windows: a random stretch of each video, placed, mirrored and recoloured by chance, with what its points shall say.
import { joinedFloats } from '../../formats/joined';
import { drawMmactionJitter, drawOrder, type JitterOp } from '../../engine/frames/colourJitter';
import { drawCrop, shortSideSize } from '../../engine/frames/mmactionPlacement';
import type { Rect, Size } from '../../engine/frames/placement';
import { drawRandAugment, drawSigns } from '../../engine/frames/randAugment';
import type { ClipFrames, VideoStore } from '../../frames/videoStore';
import { CounterRandom, streams, type Random } from '../../samples/random';
import type { Batch } from '../../training/runtime';
import { filedFrames, type OpenedActions } from './actionVideos';
import type { AdatadDataSettings } from './dataSettings';
import { pointTargets } from './points';
import { trainingWindow, type TrainingWindow } from './windows';

/** Short side at which upstream draws its crops for pictures of 160. */
const CROPPED_SHARE = 182 / 160;

export class TrainWindows {
  readonly #videos: readonly OpenedActions[];
  readonly #classes: number;
  readonly #settings: AdatadDataSettings;
  readonly #store: VideoStore;
  /** Of colour jitter, drawn once as upstream does; so are the ways that operations go. */
  readonly #order: readonly JitterOp[];
  readonly #signs: ReturnType<typeof drawSigns>;

  constructor(videos: readonly OpenedActions[], classes: number, settings: AdatadDataSettings, store: VideoStore) {
    this.#videos = videos;
    this.#classes = classes;
    this.#settings = settings;
    this.#store = store;
    const random = new CounterRandom(0, streams.augmentation, 0);
    this.#order = drawOrder(() => random.next());
    this.#signs = drawSigns(() => random.next());
  }

  get count(): number {
    return this.#videos.length * this.#settings.windowsPerVideo;
  }

  /** `clips` [B, T, 3, S, S], `mask` [B, T], `classes` [B, points, classes] and `distances` [B, points, 2]. */
  batch(indices: readonly number[], random: Random): Batch {
    const { rule, levels, look } = this.#settings;
    const drawn = indices.map((i) => {
      const video = this.#videos[i % this.#videos.length]!;
      const integer = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
      return { video, window: trainingWindow(video, rule, integer) };
    });
    const clips = drawn.map(({ video, window }) => this.#disturbed(video, window, random));
    const targets = drawn.map(({ window }) => pointTargets(window.segments, levels, this.#classes));
    return {
      clips: this.#store.input(clips, look),
      mask: masksOf(
        drawn.map(({ window }) => window.valid),
        rule.snippets,
      ),
      classes: joinedFloats(targets.map((one) => one.classes)),
      distances: joinedFloats(targets.map((one) => one.distances)),
    };
  }

  #disturbed(video: OpenedActions, { frames }: TrainingWindow, random: Random): ClipFrames {
    const { flip, operations, jitter, randomCrop, placement, look } = this.#settings;
    const { facts } = video.video;
    const window = randomCrop ? cropOf(facts, look.size, random) : stillWindow(facts, look.size, placement);
    return {
      ...{ video: video.video, frames: filedFrames(video, frames), window },
      flip: random() < flip,
      augment: drawRandAugment(operations, this.#signs, random),
      jitter: drawMmactionJitter(jitter, this.#order, random),
    };
  }
}

/** [B, T] of 1 up to the number of valid snippets, then 0. */
export function masksOf(valid: readonly number[], snippets: number): Float32Array {
  return Float32Array.from({ length: valid.length * snippets }, (_, i) =>
    i % snippets < valid[Math.floor(i / snippets)]! ? 1 : 0,
  );
}

/** What undisturbed windows see, in pixels of the look: all of the picture, or the largest square in its middle. */
export function stillWindow(picture: Size, look: Size, placement: AdatadDataSettings['placement']): Rect {
  if (placement === 'stretch') return { x: 0, y: 0, ...look };
  const side = Math.min(picture.width, picture.height);
  const square = { x: (picture.width - side) / 2, y: (picture.height - side) / 2, width: side, height: side };
  return scaled(square, picture, look);
}

/** A crop as upstream draws it, whole pixels of the picture with its short side resized. */
function cropOf(picture: Size, look: Size, random: Random): Rect {
  const resized = shortSideSize(picture, Math.round(look.width * CROPPED_SHARE));
  return scaled(drawCrop(resized, random), resized, look);
}

function scaled({ x, y, width, height }: Rect, from: Size, to: Size): Rect {
  const [across, down] = [to.width / from.width, to.height / from.height];
  return { x: x * across, y: y * down, width: width * across, height: height * down };
}
