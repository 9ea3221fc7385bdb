// Chooses the tile per invocation and the number of chunks of the inner size for a matrix product.
import type { Target } from './target';

export interface MatmulSize {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
}
export interface MatmulTile {
  readonly rows: number;
  readonly columns: number;
  readonly chunks: number;
}

/** Tile that keeps enough invocations busy; a chunk count above 1 means a second dispatch sums the parts. */
export function matmulTile(size: MatmulSize, target: Target): MatmulTile {
  const busy = target.software ? 512 : 16384;
  const choices: readonly (readonly [number, number])[] = [
    [4, 8],
    [8, 4],
    [4, 4],
    [2, 4],
    [1, 4],
    [1, 1],
  ];
  let best = choices[0] as readonly [number, number];
  let bestCost = Infinity;
  for (const choice of choices) {
    const [rows, columns] = choice;
    const tiles = size.batch * Math.ceil(size.rows / rows) * Math.ceil(size.columns / columns);
    const waste = (tiles * rows * columns) / (size.batch * size.rows * size.columns);
    const loads = 1 / rows + 1 / columns;
    const idle = Math.max(1, (size.inner > 512 ? 64 : busy) / tiles);
    const cost = waste * (1 + 2 * loads) * idle;
    if (cost < bestCost - 1e-9) {
      bestCost = cost;
      best = choice;
    }
  }
  const [rows, columns] = best;
  const tiles = size.batch * Math.ceil(size.rows / rows) * Math.ceil(size.columns / columns);
  const chunks = size.inner < 256 ? 1 : Math.max(1, Math.min(Math.floor(busy / tiles), Math.floor(size.inner / 64)));
  return { rows, columns, chunks };
}
