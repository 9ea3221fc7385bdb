// Pictures that are judged at each validation: cut into overlapping tiles, undisturbed, and joined again.
import { invariant } from '../../errors';
import type { Rect } from '../../engine/frames/placement';
import type { VideoStore } from '../../frames/videoStore';
import type { FoundBox, JudgedPicture } from '../../metrics/judgedBoxes';
import type { Batch, Outputs } from '../../training/runtime';
import type { DetectorDataSettings } from './dataSettings';
import type { OpenedPicture } from './labelledPictures';
import { foundBoxes } from './results';
import { mergeTiles, tileGrid } from './tiles';
import { clipOf } from './trainPictures';

/** Of a picture. */
const MOST_BOXES = 100;
/** Of a tile, before tiles are joined. */
const MOST_CANDIDATES = 300;

export interface ScoredPicture extends JudgedPicture {
  readonly picture: OpenedPicture;
  /** Before suppression, best first. */
  readonly candidates: readonly FoundBox[];
  /** Mean over its tiles of the probability of each class. */
  readonly similarity: readonly number[];
}

export class ScoredPictures {
  readonly clips: readonly { readonly picture: OpenedPicture; readonly tile: Rect }[];
  readonly #pictures: readonly OpenedPicture[];
  readonly #settings: DetectorDataSettings;
  readonly #store: VideoStore;

  constructor(pictures: readonly OpenedPicture[], settings: DetectorDataSettings, store: VideoStore) {
    const { stage, look, overlap } = settings;
    this.#settings = settings;
    this.#store = store;
    this.#pictures = stage === 'classifier' ? pictures.filter(({ boxes }) => boxes.length > 0) : pictures;
    this.clips = this.#pictures.flatMap((picture) => {
      const { width, height } = picture.video.facts;
      const tiles =
        settings.pictures === 'tiles'
          ? tileGrid({ width, height }, look.size.width, overlap)
          : [{ x: 0, y: 0, width, height }];
      return tiles.map((tile) => ({ picture, tile }));
    });
  }

  batch(indices: readonly number[]): Batch {
    const { look } = this.#settings;
    const chosen = indices.map((i) => this.clips[i]!);
    return {
      images: this.#store.input(
        chosen.map(({ picture, tile }) => clipOf(picture, { rect: tile, flip: false, turn: 0 }, look.size)),
        look,
      ),
      labels: Uint32Array.from(chosen, ({ picture }) => picture.boxes[0]?.category ?? 0),
    };
  }

  /** Joins outputs (`similarity`, and of stage B `boxes` and `logits`) with the pictures they are of. */
  read(outputs: readonly Outputs[], classes: number): ScoredPicture[] {
    invariant(outputs.length === this.clips.length, `${outputs.length} outputs for ${this.clips.length} tiles`);
    const { minScore, nmsThreshold } = this.#settings;
    const byPicture = new Map<OpenedPicture, number[]>(this.#pictures.map((picture) => [picture, []]));
    this.clips.forEach(({ picture }, clip) => byPicture.get(picture)!.push(clip));
    return [...byPicture].map(([picture, clips]) => {
      const tiles = clips.map((clip) => {
        const { tile } = this.clips[clip]!;
        const { boxes, logits } = outputs[clip]!;
        if (!boxes || !logits) return { tile, found: [] };
        const predicted = { logits, boxes, queries: boxes.length / 4, classes };
        return {
          tile,
          found: foundBoxes(predicted, 0, tile, { minScore, iouThreshold: 1, most: MOST_CANDIDATES }),
        };
      });
      const size = picture.video.facts;
      const similarity = Array.from(
        { length: classes },
        (_, k) => clips.reduce((sum, clip) => sum + outputs[clip]!['similarity']![k]!, 0) / clips.length,
      );
      return {
        picture,
        truth: picture.boxes,
        candidates: mergeTiles(tiles, size, { iouThreshold: 1, most: MOST_CANDIDATES }),
        found: mergeTiles(tiles, size, { iouThreshold: nmsThreshold, most: MOST_BOXES }),
        similarity,
      };
    });
  }
}
