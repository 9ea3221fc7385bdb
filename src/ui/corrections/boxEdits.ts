// Boxes that a person moves: always within the picture, never without area, whole pixels.
import { isList, isRecord } from '../../formats/json';
import { cornersIou, type Corners } from '../../metrics/judgedBoxes';
import type { Mark } from './marks';

export interface BoxMark extends Mark {
  readonly box: Corners;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A corner by the places of its two edges in a box: left or right, and top or bottom. */
export interface Corner {
  readonly x: 0 | 2;
  readonly y: 1 | 3;
}

/** Nothing smaller can be made by hand. */
export const LEAST_PIXELS = 2;

/** The whole box, as far as the picture goes. */
export function movedBox([x0, y0, x1, y1]: Corners, across: number, down: number, size: PictureSize): Corners {
  const left = Math.round(Math.max(0, Math.min(x0 + across, size.width - (x1 - x0))));
  const top = Math.round(Math.max(0, Math.min(y0 + down, size.height - (y1 - y0))));
  return [left, top, Math.min(size.width, left + x1 - x0), Math.min(size.height, top + y1 - y0)];
}

/** One edge elsewhere; it does not pass the opposite one. */
export function withSide(box: Corners, side: 0 | 1 | 2 | 3, to: number, { width, height }: PictureSize): Corners {
  const most = side % 2 === 0 ? width : height;
  const opposite = box[((side + 2) % 4) as 0 | 1 | 2 | 3];
  const limit = side < 2 ? [0, opposite - LEAST_PIXELS] : [opposite + LEAST_PIXELS, most];
  const moved: [number, number, number, number] = [...box];
  moved[side] = Math.round(Math.max(limit[0]!, Math.min(to, limit[1]!)));
  return moved;
}

export function withCorner(box: Corners, corner: Corner, x: number, y: number, size: PictureSize): Corners {
  return withSide(withSide(box, corner.x, x, size), corner.y, y, size);
}

/** The box between two points, wherever they lie; null where it is too small to be meant. */
export function boxBetween(
  a: readonly [number, number],
  b: readonly [number, number],
  { width, height }: PictureSize,
): Corners | null {
  const along = (k: 0 | 1, most: number): [number, number] => {
    const inside = (value: number): number => Math.round(Math.max(0, Math.min(value, most)));
    return [inside(Math.min(a[k], b[k])), inside(Math.max(a[k], b[k]))];
  };
  const [[x0, x1], [y0, y1]] = [along(0, width), along(1, height)];
  return x1 - x0 >= LEAST_PIXELS && y1 - y0 >= LEAST_PIXELS ? [x0, y0, x1, y1] : null;
}

export function boxOverlap(a: BoxMark, b: BoxMark): number {
  return cornersIou(a.box, b.box);
}

export function isBoxMark(value: unknown): value is BoxMark {
  if (!isRecord(value) || typeof value['label'] !== 'string') return false;
  const { box } = value;
  if (!isList(box) || box.length !== 4 || !box.every((side) => typeof side === 'number')) return false;
  const [x0, y0, x1, y1] = box as number[];
  return x0! >= 0 && y0! >= 0 && x1! > x0! && y1! > y0!;
}
