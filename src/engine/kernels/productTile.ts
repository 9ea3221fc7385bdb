// Chooses the tile per invocation and the number of chunks of the inner axis for a product.
import { sizeOf } from '../graph/tensor';
import type { Inner } from './operand';
import type { Target } from './target';

export interface ProductSize {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: Inner;
}
export interface ProductTile {
  readonly rows: number;
  readonly columns: number;
  readonly chunks: number;
  /** Lanes that share the loads of their common rows; 0 where every lane loads for itself. */
  readonly team: number;
}

/** Tile that keeps enough invocations busy; a chunk count above 1 means a second dispatch sums the parts. */
export function productTile(size: ProductSize, target: Target, mostChunks: number): ProductTile {
  const busy = target.software ? 128 : 16384;
  const team = teamTile(size, target);
  if (team) return { ...team, chunks: Math.min(mostChunks, chunkCount(size, team, busy)) };
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
    const idle = Math.max(1, (terms(size) > 512 ? 64 : busy) / tiles);
    const cost = waste * (1 + 2 * loads) * idle;
    if (cost < bestCost - 1e-9) {
      bestCost = cost;
      best = choice;
    }
  }
  const [rows, columns] = best;
  return { rows, columns, chunks: Math.min(mostChunks, chunkCount(size, { rows, columns }, busy)), team: 0 };
}

function chunkCount(size: ProductSize, tile: { rows: number; columns: number }, busy: number): number {
  const tiles = size.batch * Math.ceil(size.rows / tile.rows) * Math.ceil(size.columns / tile.columns);
  const taps = sizeOf(size.inner.taps);
  const most = Math.min(Math.floor(terms(size) / 64), taps > 1 ? taps : Infinity);
  return terms(size) < 256 ? 1 : Math.max(1, Math.min(Math.floor(busy / tiles), most));
}

function terms({ inner }: ProductSize): number {
  return sizeOf(inner.taps) * inner.length;
}

/** A CPU's lanes share loads where whole teams fit side by side along the columns. */
function teamTile(size: ProductSize, target: Target): Omit<ProductTile, 'chunks'> | null {
  const lanes = target.subgroupSize;
  if (!target.software || lanes < 4 || lanes > 16 || size.inner.length % lanes !== 0 || size.rows < 8) return null;
  const columns = [4, 2].find((count) => size.columns % (count * lanes) === 0);
  return columns === undefined ? null : { rows: 8, columns, team: lanes };
}
