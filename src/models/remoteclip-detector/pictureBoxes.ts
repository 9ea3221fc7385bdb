// What the tiles of one picture say together: for judged pictures, for files that are tried, and for frames of videos.
import type { Rect, Size } from '../../engine/frames/placement';
import type { FoundBox } from '../../metrics/judgedBoxes';
import type { Outputs } from '../../training/batch';
import type { DetectorDataSettings } from './dataSettings';
import { foundBoxes } from './results';
import { mergeTiles, tileGrid } from './tiles';

/** Of a tile, before tiles are joined, and of a picture before suppression. */
const MOST_OF_TILE = 300;
const MOST_CANDIDATES = 1000;

/** The pieces in which a picture is judged; one that is stretched is one piece. */
export function judgedTiles(
  { width, height }: Size,
  { pictures, look, overlap }: Pick<DetectorDataSettings, 'pictures' | 'look' | 'overlap'>,
): Rect[] {
  if (pictures === 'stretch') return [{ x: 0, y: 0, width, height }];
  return tileGrid({ width, height }, look.size.width, overlap);
}

export interface HeardTile {
  readonly tile: Rect;
  /** `similarity`, and of stage B `boxes` and `logits`. */
  readonly outputs: Outputs;
}

export interface PictureBoxes {
  /** In the picture's pixels, joined across seams, before suppression, best first. */
  readonly candidates: readonly FoundBox[];
  /** Mean over the tiles of the probability of each class. */
  readonly similarity: readonly number[];
}

/** Joins what was said of all tiles of a picture. */
export function pictureBoxes(tiles: readonly HeardTile[], size: Size, classes: number, minScore: number): PictureBoxes {
  const found = tiles.map(({ tile, outputs: { boxes, logits } }) => {
    if (!boxes || !logits) return { tile, found: [] };
    const predicted = { logits, boxes, queries: boxes.length / 4, classes };
    return { tile, found: foundBoxes(predicted, 0, tile, { minScore, iouThreshold: 1, most: MOST_OF_TILE }) };
  });
  const mean = (k: number): number =>
    tiles.reduce((sum, { outputs }) => sum + outputs['similarity']![k]!, 0) / Math.max(1, tiles.length);
  return {
    candidates: mergeTiles(found, size, { iouThreshold: 1, most: MOST_CANDIDATES }),
    similarity: Array.from({ length: classes }, (_, k) => mean(k)),
  };
}
