// What a training batch sees: a part of each picture, mirrored, turned and recoloured, with the boxes that it shows.
import { drawJitter } from '../../engine/frames/colourJitter';
import type { Rect } from '../../engine/frames/placement';
import type { ClipFrames, OpenVideo, VideoStore } from '../../frames/videoStore';
import type { Random } from '../../samples/random';
import type { Batch } from '../../training/runtime';
import { targetInputs } from './assignment';
import type { DetectorDataSettings } from './dataSettings';
import type { OpenedPicture } from './labelledPictures';
import { seenBox, tileGrid, tileSide, type Glimpse } from './tiles';

const turns = [0, 90, 180, 270] as const;

export class TrainPictures {
  /** The picture of each clip of an epoch. */
  readonly clips: readonly OpenedPicture[];
  readonly #settings: DetectorDataSettings;
  readonly #store: VideoStore;

  constructor(pictures: readonly OpenedPicture[], settings: DetectorDataSettings, store: VideoStore) {
    this.#settings = settings;
    this.#store = store;
    // A picture without a box has no class.
    const usable = settings.stage === 'classifier' ? pictures.filter(({ boxes }) => boxes.length > 0) : pictures;
    this.clips = usable.flatMap((picture) => Array<OpenedPicture>(this.#tilesOf(picture)).fill(picture));
  }

  #tilesOf({ video: { facts } }: OpenedPicture): number {
    const { pictures, tilesPerPicture, look } = this.#settings;
    if (pictures === 'stretch') return 1;
    const cover = tileGrid(facts, look.size.width, 0).length;
    return cover === 1 ? 1 : tilesPerPicture || cover;
  }

  batch(clips: readonly number[], random: Random): Batch {
    const { look, jitter, keptShare } = this.#settings;
    const drawn = clips.map((clip) => {
      const picture = this.clips[clip]!;
      return { picture, glimpse: this.#glimpse(picture, random), jitter: drawJitter(jitter, random) };
    });
    const targets = drawn.map(({ picture, glimpse }) => {
      const seen = picture.boxes.flatMap(({ box, category }) => {
        const shown = seenBox(box, glimpse, keptShare);
        return shown ? [{ shown, category }] : [];
      });
      return { classes: seen.map(({ category }) => category), boxes: seen.flatMap(({ shown }) => shown) };
    });
    return {
      images: this.#store.input(
        drawn.map(({ picture, glimpse, jitter: colours }) => clipOf(picture.video, 0, glimpse, look.size, colours)),
        look,
      ),
      labels: Uint32Array.from(drawn, ({ picture }) => picture.boxes[0]?.category ?? 0),
      ...targetInputs(targets),
    };
  }

  #glimpse(picture: OpenedPicture, random: Random): Glimpse {
    const { flip, turns: turned, pictures } = this.#settings;
    const rect = pictures === 'tiles' ? this.#tile(picture, random) : this.#crop(picture, random);
    return { rect, flip: random() < flip, turn: turned ? turns[Math.floor(random() * 4)]! : 0 };
  }

  /** A square at the picture's own resolution, by up to the jitter larger or smaller; often one that shows a box. */
  #tile({ boxes, video: { facts } }: OpenedPicture, random: Random): Rect {
    const { look, cropJitter, boxShare } = this.#settings;
    const scale = 1 + cropJitter * (2 * random() - 1);
    const side = Math.min(tileSide(facts, look.size.width) * scale, facts.width, facts.height);
    const around = random() < boxShare ? boxes[Math.floor(random() * boxes.length)]?.box : undefined;
    const along = (length: number, low?: number, high?: number): number => {
      const middle = low === undefined || high === undefined ? null : (low + high) / 2;
      const from = middle === null ? 0 : Math.max(0, middle - side);
      const to = middle === null ? length - side : Math.min(length - side, middle);
      return from + random() * Math.max(0, Math.min(to, length - side) - from);
    };
    const x = Math.min(along(facts.width, around?.[0], around?.[2]), facts.width - side);
    return {
      x,
      y: Math.min(along(facts.height, around?.[1], around?.[3]), facts.height - side),
      width: side,
      height: side,
    };
  }

  /** The whole picture, or a part of it with its aspect. */
  #crop({ video: { facts } }: OpenedPicture, random: Random): Rect {
    const share = 1 - this.#settings.cropJitter * random();
    const [width, height] = [facts.width * share, facts.height * share];
    return { x: random() * (facts.width - width), y: random() * (facts.height - height), width, height };
  }
}

/** A part of a picture, or of a frame of a video, as the store takes it: in pixels of the look. */
export function clipOf(
  video: OpenVideo,
  frame: number,
  { rect, flip, turn }: Glimpse,
  size: { readonly width: number; readonly height: number },
  jitter: ClipFrames['jitter'] = [],
): ClipFrames {
  const { width, height } = video.facts;
  const [across, down] = [size.width / width, size.height / height];
  const window = { x: rect.x * across, y: rect.y * down, width: rect.width * across, height: rect.height * down };
  return { video, frames: [frame], window, flip, turn, jitter };
}
