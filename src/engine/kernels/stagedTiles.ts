// Tiles for products that pass through a GPU's workgroup memory, and which of them suits a product best.
import { sizeOf } from '../graph/tensor';
import type { Along } from './operand';
import type { ProductSize } from './productParts';

/** A workgroup makes rows × columns outputs, an invocation `down` × `across` of them, `step` offsets at a time. */
export interface StagedTile {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly down: 3 | 4 | 8;
  readonly across: 4 | 8;
  readonly step: number;
  /** Multiply-adds take this many times as long as in the best tile: loads, and few subgroups to hide them behind. */
  readonly slowness: number;
}

function tile(rows: number, columns: number, side: 4 | 8, step: number, slowness: number): StagedTile {
  const name = `staged ${rows}x${columns}${side === 8 ? ' by 8' : ''}`;
  return { name, rows, columns, down: side, across: side, step, slowness };
}

const SMALLEST = tile(32, 32, 4, 16, 1.6);

const stagedTiles: readonly StagedTile[] = [
  tile(128, 128, 8, 8, 1),
  tile(128, 64, 8, 16, 1.03),
  tile(64, 128, 8, 16, 1.03),
  tile(64, 64, 8, 16, 1.15),
  tile(64, 64, 4, 16, 1.25),
  tile(32, 64, 4, 16, 1.4),
  tile(64, 32, 4, 16, 1.4),
  SMALLEST,
];

/** Three quarters of the smallest tile for as many invocations. */
const LOW: StagedTile = { ...tile(24, 32, 4, 32, 1.62), down: 3 };

/** A tile, and the parts that the inner axis is cut into; above 1 a second dispatch adds them. */
export interface Staged extends StagedTile {
  readonly chunks: number;
}

interface StagingLimits {
  readonly workgroupStorageBytes: number;
  readonly invocationsPerWorkgroup: number;
}

/** Workgroups that run side by side on a GPU of middling size. */
const PLACES = 96;
/** Multiply-adds that a workgroup makes in the time that one more dispatch and its barrier take, some 10 µs. */
const DISPATCH = 3 * 2 ** 20;
/** As long as these many multiply-adds for each output take writing and adding up a part, and starting and ending. */
const PART = 24;
const LEAST_TERMS = 64;
/** A long sum for few tiles is better cut into many chunks of register tiles. */
const LEAST_GROUPS = 12;
const LONG_SUM = 1024;

/** Invocations of a workgroup. */
export function invocationsOf({ rows, columns, down, across }: StagedTile): number {
  return (rows / down) * (columns / across);
}

/** Rows that an invocation makes side by side. */
export function blockOf({ down }: StagedTile): 3 | 4 {
  return down === 3 ? 3 : 4;
}

/** Bytes of workgroup memory: between every two blocks a vector is left out. */
export function stagedBytes(tile: StagedTile): number {
  const { rows, columns, step } = tile;
  return (rows + columns) * step * 4 + (rows / blockOf(tile) + columns / 4) * 16;
}

/** Whether the product fills at least half of such a tile along every axis and the device has room for it. */
function suits({ rows, columns, inner }: ProductSize, tile: StagedTile, limits: StagingLimits): boolean {
  const room =
    stagedBytes(tile) <= limits.workgroupStorageBytes && invocationsOf(tile) <= limits.invocationsPerWorkgroup;
  const filled = rows >= tile.rows / 2 && columns >= tile.columns / 2;
  return room && filled && sizeOf(inner.taps) * inner.length >= 2 * tile.step && inner.length >= tile.step / 2;
}

/**
 * All tiles that suit, the best guess first: that with the least waste and the fewest turns of workgroups. `left` says
 * how the left operand lies in memory.
 */
export function stagedWays(size: ProductSize, limits: StagingLimits, mostChunks: number, left: Along): Staged[] {
  const taps = sizeOf(size.inner.taps);
  const terms = taps * size.inner.length;
  const most = Math.min(mostChunks, taps > 1 ? taps : Infinity, Math.floor(terms / LEAST_TERMS));
  const costs = new Map<Staged, number>();
  for (const tile of stagedTiles) {
    if (!suits(size, tile, limits)) continue;
    let best: { way: Staged; cost: number } | null = null;
    for (let chunks = 1; chunks <= Math.max(1, most); chunks *= 2) {
      const cost = costOf(size, tile, chunks);
      if (!best || cost < best.cost) best = { way: { ...tile, chunks }, cost };
    }
    if (best) costs.set(best.way, best.cost);
  }
  const ways = [...costs].sort(([, a], [, b]) => a - b).map(([way]) => way);
  // Rows that lie side by side are staged as vectors of four, which rows in threes cannot take apart.
  if (left !== 'offset' || !suits(size, LOW, limits)) return ways;
  const low = { ...LOW, chunks: 1 };
  const [guess] = ways;
  return guess?.name === SMALLEST.name && guess.chunks === 1 && occupiesMore(size, LOW, SMALLEST)
    ? [low, ...ways]
    : [...ways, low];
}

/** Whether one tile occupies all places where another leaves some empty, and makes no more outputs for it. */
function occupiesMore(size: ProductSize, tile: StagedTile, than: StagedTile): boolean {
  const made = (one: StagedTile): number => groupsOf(size, one) * one.rows * one.columns;
  return groupsOf(size, than) < PLACES && groupsOf(size, tile) >= PLACES && made(tile) <= made(than);
}

/** A tile of which less than this is filled loses more than it saves in loads. */
const LEAST_FILLED = 0.6;

/** Whether the staged way is a better guess than tiles in registers. */
export function worthStaging(size: ProductSize, way: Staged): boolean {
  const groups = groupsOf(size, way);
  const filled = (size.batch * size.rows * size.columns) / (groups * way.rows * way.columns);
  const busy = groups * way.chunks >= LEAST_GROUPS || sizeOf(size.inner.taps) * size.inner.length < LONG_SUM;
  return busy && filled >= LEAST_FILLED;
}

function groupsOf({ batch, rows, columns }: ProductSize, tile: StagedTile): number {
  return batch * Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns);
}

function costOf(size: ProductSize, tile: StagedTile, chunks: number): number {
  // Workgroups of one turn do not wait for those of another, so only the last turn may leave places empty.
  const groups = groupsOf(size, tile) * chunks;
  const turns = groups <= PLACES ? 1 : groups / PLACES + 0.3;
  const terms = (sizeOf(size.inner.taps) * size.inner.length) / chunks;
  const group = tile.rows * tile.columns * (terms * tile.slowness + PART * (chunks > 1 ? 2 : 1));
  return turns * group + (chunks > 1 ? DISPATCH : 0);
}
