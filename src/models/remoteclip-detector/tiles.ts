// Pictures larger than the input in pieces: where tiles lie, which boxes a tile keeps, how found ones are merged across seams.
import type { Rect, Size, Turn } from '../../engine/frames/placement';
import type { Corners, FoundBox } from '../../metrics/judgedBoxes';
import { suppressed } from './results';

/** Side of a square tile in pixels of the picture: the input's, or less where the picture is smaller. */
export function tileSide({ width, height }: Size, side: number): number {
  return Math.min(side, width, height);
}

/** Tiles that cover a picture, evenly spaced, neighbours sharing at least the share `overlap` of their side. */
export function tileGrid(size: Size, side: number, overlap: number): Rect[] {
  const own = tileSide(size, side);
  const along = (length: number): number[] => {
    const count = Math.max(1, Math.ceil((length - own) / (own * (1 - overlap))) + 1);
    return Array.from({ length: count }, (_, k) => (count === 1 ? 0 : Math.round(((length - own) * k) / (count - 1))));
  };
  return along(size.height).flatMap((y) => along(size.width).map((x) => ({ x, y, width: own, height: own })));
}

/** What a training picture sees and how it lies: part of the picture, mirrored, then turned clockwise. */
export interface Glimpse {
  readonly rect: Rect;
  readonly flip: boolean;
  readonly turn: Turn;
}

/** A box as the glimpse sees it, as centre and size in shares of it; null where less than `least` of its area is left. */
export function seenBox([x0, y0, x1, y1]: Corners, { rect, flip, turn }: Glimpse, least: number): Corners | null {
  const inside = (value: number, start: number, length: number): number =>
    Math.min(1, Math.max(0, (value - start) / length));
  let [a, c] = [inside(x0, rect.x, rect.width), inside(x1, rect.x, rect.width)];
  let [b, d] = [inside(y0, rect.y, rect.height), inside(y1, rect.y, rect.height)];
  const left = (c - a) * (d - b) * rect.width * rect.height;
  if (left <= 0 || left < least * (x1 - x0) * (y1 - y0)) return null;
  if (flip) [a, c] = [1 - c, 1 - a];
  if (turn === 90) [a, b, c, d] = [1 - d, a, 1 - b, c];
  else if (turn === 180) [a, b, c, d] = [1 - c, 1 - d, 1 - a, 1 - b];
  else if (turn === 270) [a, b, c, d] = [b, 1 - c, d, 1 - a];
  return [(a + c) / 2, (b + d) / 2, c - a, d - b];
}

/** Boxes that a tile found, in pixels of the tile. */
export interface TileBoxes {
  readonly tile: Rect;
  readonly found: readonly FoundBox[];
}

export interface MergeOptions {
  /** Of two boxes of a class that overlap more, the better one stays. */
  readonly iouThreshold: number;
  readonly most: number;
}

/** A box that ends within so many pixels of a seam may be a part of a larger one. */
const SEAM_PIXELS = 2;
/** It is one where another tile's box covers this share of it. */
const COVERED = 0.6;

/** Boxes of a whole picture in its pixels, best first. */
export function mergeTiles(tiles: readonly TileBoxes[], size: Size, { iouThreshold, most }: MergeOptions): FoundBox[] {
  const all = tiles.flatMap(({ tile, found }, number) =>
    found.map((one) => {
      const [x0, y0, x1, y1] = one.box;
      const box: Corners = [x0 + tile.x, y0 + tile.y, x1 + tile.x, y1 + tile.y];
      const cut =
        (tile.x > 0 && x0 < SEAM_PIXELS) ||
        (tile.y > 0 && y0 < SEAM_PIXELS) ||
        (tile.x + tile.width < size.width && x1 > tile.width - SEAM_PIXELS) ||
        (tile.y + tile.height < size.height && y1 > tile.height - SEAM_PIXELS);
      return { ...one, box, cut, number };
    }),
  );
  const whole = all.filter(
    (part) =>
      !part.cut ||
      !all.some(
        (other) =>
          other.number !== part.number &&
          other.category === part.category &&
          (!other.cut || areaOf(other.box) > areaOf(part.box)) &&
          sharedArea(part.box, other.box) > COVERED * areaOf(part.box),
      ),
  );
  return suppressed(
    whole.map(({ box, category, score }) => ({ box, category, score })),
    iouThreshold,
  ).slice(0, most);
}

function areaOf([x0, y0, x1, y1]: Corners): number {
  return (x1 - x0) * (y1 - y0);
}

function sharedArea(a: Corners, b: Corners): number {
  const across = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const down = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return Math.max(0, across) * Math.max(0, down);
}
