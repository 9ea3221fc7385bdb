// Tiles for products that pass through a GPU's workgroup memory, and which of them a product can fill.
import { sizeOf } from '../graph/tensor';
import type { ProductSize } from './productParts';

/** A workgroup makes rows × columns outputs, an invocation `side` × `side` of them, `step` offsets at a time. */
export interface StagedTile {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly side: 4 | 8;
  readonly step: number;
}

const small: StagedTile = { name: 'staged 32x32', rows: 32, columns: 32, side: 4, step: 16 };
const usual: StagedTile = { name: 'staged 64x64', rows: 64, columns: 64, side: 4, step: 16 };
const dense: StagedTile = { name: 'staged 64x64 by 8', rows: 64, columns: 64, side: 8, step: 16 };
const large: StagedTile = { name: 'staged 128x128', rows: 128, columns: 128, side: 8, step: 8 };

export const stagedTiles: readonly StagedTile[] = [small, usual, dense, large];

interface StagingLimits {
  readonly workgroupStorageBytes: number;
  readonly invocationsPerWorkgroup: number;
}

const FEW_TILES = 16;
const MANY_TILES = 128;
const LONG_SUM = 1024;

/** Invocations of a workgroup. */
export function invocationsOf({ rows, columns, side }: StagedTile): number {
  return (rows / side) * (columns / side);
}

/** Whether the product fills at least half of such a tile along every axis and the device has room for it. */
export function suitsStaging({ rows, columns, inner }: ProductSize, tile: StagedTile, limits: StagingLimits): boolean {
  const bytes = (tile.rows + tile.columns) * tile.step * 4;
  const room = bytes <= limits.workgroupStorageBytes && invocationsOf(tile) <= limits.invocationsPerWorkgroup;
  const filled = rows >= tile.rows / 2 && columns >= tile.columns / 2;
  return room && filled && sizeOf(inner.taps) * inner.length >= 2 * tile.step && inner.length >= tile.step / 2;
}

/** The tile to begin with; null where registers alone are the better guess. */
export function guessStaged(size: ProductSize, limits: StagingLimits): StagedTile | null {
  const tiles = ({ rows, columns }: StagedTile): number =>
    size.batch * Math.ceil(size.rows / rows) * Math.ceil(size.columns / columns);
  if (tiles(large) >= MANY_TILES && suitsStaging(size, large, limits)) return large;
  // A long sum for few tiles is cut into chunks elsewhere: these workgroups alone would leave most of a GPU idle.
  const busy = tiles(usual) >= FEW_TILES || sizeOf(size.inner.taps) * size.inner.length < LONG_SUM;
  return busy && suitsStaging(size, usual, limits) ? usual : null;
}
