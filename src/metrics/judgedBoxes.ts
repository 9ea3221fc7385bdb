// Pictures with the boxes that are on them and the boxes that were found, as detection metrics read them.

/** x1, y1, x2, y2 in pixels. */
export type Corners = readonly [number, number, number, number];

export interface TrueBox {
  readonly box: Corners;
  /** Class number. */
  readonly category: number;
  /** VOC neither rewards nor punishes finding it; COCO does not know the mark. */
  readonly difficult?: boolean;
}

export interface FoundBox {
  readonly box: Corners;
  readonly category: number;
  readonly score: number;
}

export interface JudgedPicture {
  readonly truth: readonly TrueBox[];
  readonly found: readonly FoundBox[];
}

/** Overlap of two boxes; `border` is added to every width and height: 1 in the oldest VOC code, 0 elsewhere. */
export function cornersIou(a: Corners, b: Corners, border = 0): number {
  const across = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]) + border);
  const down = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]) + border);
  const areaOf = (box: Corners): number => (box[2] - box[0] + border) * (box[3] - box[1] + border);
  const union = areaOf(a) + areaOf(b) - across * down;
  return union > 0 ? (across * down) / union : 0;
}

/** Best score first; equal ones keep their order. */
export function byFallingScore<T extends { readonly score: number }>(found: readonly T[]): T[] {
  return [...found].sort((a, b) => b.score - a.score);
}

/** The mean of what is not null; null where nothing is. */
export function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
