// Grainy textures for drawn pictures: random values on grids of several widths, smoothly joined and added.

type Random = () => number;

/** A square of one value per point that repeats on all sides; its mean is 0 and its standard deviation 1. */
export interface Texture {
  /** A power of two. */
  readonly side: number;
  readonly values: Float32Array;
}

/** Adds grids whose cells are `cells` points wide, each a power of two below `side`, at the strengths given. */
export function noiseTexture(random: Random, side: number, cells: Readonly<Record<number, number>>): Texture {
  const values = new Float32Array(side * side);
  for (const [cell, strength] of Object.entries(cells)) addGrid(values, side, Number(cell), strength, random);
  standardise(values);
  return { side, values };
}

function addGrid(values: Float32Array, side: number, cell: number, strength: number, random: Random): void {
  const count = side / cell;
  const grid = Float32Array.from({ length: count * count }, () => random() * 2 - 1);
  for (let y = 0; y < side; y++) {
    const top = Math.floor(y / cell);
    const down = smooth(y / cell - top);
    const [above, below] = [top * count, ((top + 1) % count) * count];
    for (let x = 0; x < side; x++) {
      const left = Math.floor(x / cell);
      const right = (left + 1) % count;
      const along = smooth(x / cell - left);
      const upper = grid[above + left]! + along * (grid[above + right]! - grid[above + left]!);
      const lower = grid[below + left]! + along * (grid[below + right]! - grid[below + left]!);
      values[y * side + x]! += strength * (upper + down * (lower - upper));
    }
  }
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

function standardise(values: Float32Array): void {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  const deviation = Math.sqrt(squares / values.length - mean * mean);
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) / deviation;
}

/** The texture's value between its points, x and y in points. */
export function sample({ side, values }: Texture, x: number, y: number): number {
  const wrap = side - 1;
  const column = Math.floor(x);
  const row = Math.floor(y);
  const along = x - column;
  const down = y - row;
  const left = column & wrap;
  const right = (column + 1) & wrap;
  const above = (row & wrap) * side;
  const below = ((row + 1) & wrap) * side;
  const upper = values[above + left]! + along * (values[above + right]! - values[above + left]!);
  const lower = values[below + left]! + along * (values[below + right]! - values[below + left]!);
  return upper + down * (lower - upper);
}
