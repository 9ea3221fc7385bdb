// The ways to make a product: tiles kept in registers, with the inner axis whole or in chunks, or passed through
// workgroup memory. The first is the best guess, the others are for tuning to try.
import { sizeOf } from '../graph/tensor';
import { sizeClass } from './choice';
import { panelsOf, type Panel, type Reading } from './panels';
import type { ProductSize } from './productParts';
import { sharedWays, type Shared } from './sharedTiles';
import { stagedWays, worthStaging, type Staged } from './stagedTiles';
import type { Target } from './target';

/** A tile of outputs per invocation. */
export interface RegisterTile {
  readonly rows: number;
  readonly columns: number;
  /** Parts that the inner axis is cut into; above 1 a second dispatch adds them. */
  readonly chunks: number;
  /** Lanes that share the loads of their common rows; 0 where every lane loads for itself. */
  readonly team: number;
  /** Whether one workgroup makes all parts of its tiles and adds them itself: no second dispatch then. */
  readonly together: boolean;
}

export type ProductVariant =
  | ({ readonly kind: 'registers' } & RegisterTile)
  | ({ readonly kind: 'panel' } & Panel)
  | ({ readonly kind: 'staged' } & Staged);

/** Tiles of outputs per invocation, largest first. */
const TILES: readonly (readonly [number, number])[] = [
  [4, 8],
  [8, 4],
  [4, 4],
  [2, 4],
  [1, 4],
  [1, 1],
];

/** Multiply-adds of a product that a CPU is done with at once. */
const BRIEF = 2 ** 20;

/** All ways by name. `mostChunks` is 1 where outputs may not be stored in two dispatches. */
export function productVariants(
  size: ProductSize,
  target: Target,
  mostChunks: number,
  reading: Reading,
): ReadonlyMap<string, ProductVariant> {
  const variants = new Map<string, ProductVariant>();
  const addStaged = (way: Staged): void => {
    const parts = way.chunks > 1 ? `, ${sizeClass(way.chunks)} chunks` : '';
    variants.set(`${way.name}${parts}`, { kind: 'staged', ...way });
  };
  const addTile = ([rows, columns]: readonly [number, number], team: number, busy: number): void => {
    const chunks = Math.min(mostChunks, chunksFor(size, { rows, columns }, busy));
    const parts = chunks > 1 ? `, ${sizeClass(chunks)} chunks` : '';
    const name = `${rows}x${columns}${team > 0 ? ` by ${team} lanes` : ''}${parts}`;
    if (!variants.has(name)) variants.set(name, { kind: 'registers', rows, columns, chunks, team, together: false });
  };
  const usual = target.software ? 128 : 16384;
  const staged = stagedWays(size, target, mostChunks, reading.left);
  const [guess] = staged;
  const shared = target.software ? [] : sharedWays(size, target);
  const addShared = (way: Shared): void => {
    const { rows, columns, shares } = way;
    const variant = { kind: 'registers', rows, columns, chunks: shares, team: 0, together: true } as const;
    variants.set(`${rows}x${columns} by ${shares} in a workgroup`, variant);
  };
  const [few] = shared;
  if (few) addShared(few);
  if (guess && !target.software && worthStaging(size, guess)) addStaged(guess);
  const addPanels = (): void => {
    for (const panel of panelsOf(size, target, mostChunks, reading))
      variants.set(`panel of the ${panel.held}`, { kind: 'panel', ...panel });
  };
  // SwiftShader, whose teams are of four, takes ten times as long to translate a panel as the others, for little.
  const early = target.subgroupSize >= 8;
  const teams = teamTiles(size, target);
  const addTeams = (): void => {
    for (const columns of teams) addTile([8, columns], target.subgroupSize, usual);
  };
  if (early) addPanels();
  // Teams take ten times as long to translate as the tiles that a brief product is done with.
  if (!isBrief(size, target)) addTeams();
  addTile(guessTile(size, target, usual), 0, usual);
  if (!early) addPanels();
  addTeams();
  for (const tile of TILES) if (fits(size, tile)) addTile(tile, 0, usual);
  for (const busy of [usual / 4, usual * 4]) {
    for (const columns of teams) addTile([8, columns], target.subgroupSize, busy);
    addTile(guessTile(size, target, usual), 0, busy);
  }
  for (const way of staged) addStaged(way);
  for (const way of shared) addShared(way);
  return variants;
}

/** Products of a key take the same way. */
export function productKey(name: string, { batch, rows, columns, inner }: ProductSize): string {
  const sizes = [batch, rows, columns, sizeOf(inner.taps) * inner.length].map(sizeClass);
  const even = [64, 16, 4].find((divisor) => columns % divisor === 0) ?? 1;
  return `${name} ${sizes.join(' x ')}, columns by ${even}`;
}

/**
 * The tile whose loads, waste and idle invocations cost least. A CPU takes longer to translate a large tile than it
 * would save in thousands of runs of a product that is over in a tenth of a millisecond, and of 32 sums it has no
 * registers left: half as many take half as long to translate and no longer to run.
 */
function guessTile(size: ProductSize, target: Target, busy: number): readonly [number, number] {
  const most = !target.software ? Infinity : isBrief(size, target) ? 8 : 16;
  let best: readonly [number, number] = [1, 1];
  let bestCost = Infinity;
  for (const choice of TILES) {
    const [rows, columns] = choice;
    if (rows * columns > most) continue;
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
  return best;
}

/** Whether a CPU is done with it at once, and longer busy translating what is unrolled. */
export function isBrief(size: ProductSize, target: Target): boolean {
  return target.software && size.batch * size.rows * size.columns * terms(size) < BRIEF;
}

/** Whether less than half of such tiles would lie outside. */
function fits(size: ProductSize, [rows, columns]: readonly [number, number]): boolean {
  return rows < 2 * size.rows && columns < 2 * size.columns;
}

function chunksFor(size: ProductSize, tile: { rows: number; columns: number }, busy: number): number {
  const tiles = size.batch * Math.ceil(size.rows / tile.rows) * Math.ceil(size.columns / tile.columns);
  const taps = sizeOf(size.inner.taps);
  const most = Math.min(Math.floor(terms(size) / 64), taps > 1 ? taps : Infinity);
  return terms(size) < 256 ? 1 : Math.max(1, Math.min(Math.floor(busy / tiles), most));
}

function terms({ inner }: ProductSize): number {
  return sizeOf(inner.taps) * inner.length;
}

/**
 * Columns per lane where a CPU's lanes can share loads: whole teams have to fit side by side along the columns. Those of
 * products with few rows are too few for all cores where they are wide.
 */
function teamTiles(size: ProductSize, target: Target): number[] {
  const lanes = target.subgroupSize;
  if (!target.software || lanes < 4 || lanes > 16 || size.inner.length % lanes !== 0 || size.rows < 8) return [];
  return [2, 4].filter((count) => size.columns % (count * lanes) === 0);
}
