// Pictures that are judged at each validation: cut into overlapping tiles, undisturbed, and joined again.
import { invariant } from '../../errors';
import type { Rect } from '../../engine/frames/placement';
import type { FrameInput } from '../../frames/frameInput';
import type { OpenVideo, VideoStore } from '../../frames/videoStore';
import type { JudgedPicture } from '../../metrics/judgedBoxes';
import type { Batch, Outputs } from '../../training/runtime';
import type { DetectorDataSettings } from './dataSettings';
import type { OpenedPicture } from './labelledPictures';
import { judgedTiles, pictureBoxes, type PictureBoxes } from './pictureBoxes';
import { MOST_BOXES, suppressed } from './results';
import { clipOf } from './trainPictures';

export interface ScoredPicture extends JudgedPicture, PictureBoxes {
  readonly picture: OpenedPicture;
}

/** Tiles as they lie in their pictures, for a predictor or an evaluation. */
export function tilesInput(
  tiles: readonly { readonly video: OpenVideo; readonly frame: number; readonly tile: Rect }[],
  { look }: Pick<DetectorDataSettings, 'look'>,
  store: VideoStore,
): FrameInput {
  return store.input(
    tiles.map(({ video, frame, tile }) => clipOf(video, frame, { rect: tile, flip: false, turn: 0 }, look.size)),
    look,
  );
}

export class ScoredPictures {
  readonly clips: readonly { readonly picture: OpenedPicture; readonly tile: Rect }[];
  readonly #pictures: readonly OpenedPicture[];
  readonly #settings: DetectorDataSettings;
  readonly #store: VideoStore;

  constructor(pictures: readonly OpenedPicture[], settings: DetectorDataSettings, store: VideoStore) {
    this.#settings = settings;
    this.#store = store;
    this.#pictures = settings.stage === 'classifier' ? pictures.filter(({ boxes }) => boxes.length > 0) : pictures;
    this.clips = this.#pictures.flatMap((picture) =>
      judgedTiles(picture.video.facts, settings).map((tile) => ({ picture, tile })),
    );
  }

  batch(indices: readonly number[]): Batch {
    const chosen = indices.map((i) => this.clips[i]!);
    return {
      images: tilesInput(
        chosen.map(({ picture: { video }, tile }) => ({ video, frame: 0, tile })),
        this.#settings,
        this.#store,
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
      const tiles = clips.map((clip) => ({ tile: this.clips[clip]!.tile, outputs: outputs[clip]! }));
      const said = pictureBoxes(tiles, picture.video.facts, classes, minScore);
      const found = suppressed(said.candidates, nmsThreshold).slice(0, MOST_BOXES);
      return { picture, truth: picture.boxes, found, ...said };
    });
  }
}
