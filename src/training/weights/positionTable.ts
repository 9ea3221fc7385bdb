// Resizes learned position tables to another grid, as PyTorch's bicubic interpolate does without aligned corners.

export interface TableGrids {
  /** Height and width of the grid that the table was learned on. */
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  /** Leading rows that belong to no place (class token): kept as they are. */
  readonly keptRows: number;
}

/**
 * A table of `keptRows + h·w` rows, one per place of a grid in row-major order, resized to another grid.
 * Cubic convolution with a = -0.75, edges repeated, align_corners false, no antialiasing; float64 within.
 */
export function resizePositionTable(values: Float32Array, { from, to, keptRows }: TableGrids): Float32Array {
  const width = values.length / (keptRows + from[0] * from[1]);
  const out = new Float32Array((keptRows + to[0] * to[1]) * width);
  out.set(values.subarray(0, keptRows * width));
  const rows = Array.from({ length: to[0] }, (_, y) => taps(y, from[0], to[0]));
  const columns = Array.from({ length: to[1] }, (_, x) => taps(x, from[1], to[1]));
  for (const [y, row] of rows.entries())
    for (const [x, column] of columns.entries())
      for (let channel = 0; channel < width; channel++) {
        let sum = 0;
        for (const [fromY, weightY] of row)
          for (const [fromX, weightX] of column)
            sum += weightY * weightX * values[(keptRows + fromY * from[1] + fromX) * width + channel]!;
        out[(keptRows + y * to[1] + x) * width + channel] = sum;
      }
  return out;
}

/** Four places and their weights. */
function taps(at: number, from: number, to: number): [place: number, weight: number][] {
  const source = ((at + 0.5) * from) / to - 0.5;
  const base = Math.floor(source);
  return [-1, 0, 1, 2].map((offset) => [
    Math.min(from - 1, Math.max(0, base + offset)),
    cubic(Math.abs(source - base - offset)),
  ]);
}

/** Keys' cubic convolution kernel. */
function cubic(distance: number): number {
  const a = -0.75;
  if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  return ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a;
}
