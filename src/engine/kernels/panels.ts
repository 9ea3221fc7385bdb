// How a product is laid out where a team of lanes holds a panel of one operand (panelProduct.ts).
import { sizeOf } from '../graph/tensor';
import type { Along } from './operand';
import type { ProductSize } from './productParts';
import type { Target } from './target';

export interface Panel {
  /** The operand of which each lane holds four places; the other is walked row by row. */
  readonly held: 'left' | 'right';
  /** Terms of the inner axis that are held at a time, a multiple of four, and how many such runs there are. */
  readonly terms: number;
  readonly steps: number;
  /** Rows of the other operand that a team walks over. */
  readonly walk: number;
  /** Parts that the runs are shared out into; above 1 a second dispatch adds them. */
  readonly chunks: number;
}

/** Filling a panel takes as long as some 25 rows. */
const LEAST_WALK = 32;
const MOST_WALK = 128;
/** Teams that keep a CPU's cores busy. */
const TEAMS = 16;
const LEAST_TERMS = 16;

/** How both operands lie in memory. */
export interface Reading {
  readonly left: Along;
  readonly right: Along;
}

/** Both layouts, or those that would use enough of a panel; the one to try first first. */
export function panelsOf(size: ProductSize, target: Target, mostChunks: number, reading: Reading): Panel[] {
  const panels = (['right', 'left'] as const).flatMap((held) => panelOf(size, target, held, mostChunks) ?? []);
  const [right, left] = panels;
  const leftFirst = right && left && cost(size, target, left, reading) < cost(size, target, right, reading);
  return leftFirst ? [left, right] : panels;
}

/** The layout; null where too little of a panel would be used. */
export function panelOf(size: ProductSize, target: Target, held: 'left' | 'right', mostChunks: number): Panel | null {
  const lanes = target.subgroupSize;
  if (!target.software || lanes < 4 || lanes > 16) return null;
  const { batch, rows, columns, inner } = size;
  const [heldSize, walkedSize] = held === 'left' ? [rows, columns] : [columns, rows];
  const total = sizeOf(inner.taps) * inner.length;
  const panels = Math.ceil(heldSize / (4 * lanes));
  if (total < LEAST_TERMS || walkedSize < LEAST_WALK / 2 || heldSize * 2 < panels * 4 * lanes) return null;
  const most = mostTerms(2 * batch * rows * columns * total);
  const terms = Math.ceil(total / Math.ceil(total / most) / 4) * 4;
  const steps = Math.ceil(total / terms);
  const room = Math.floor(target.workgroupStorageBytes / (16 * lanes));
  const strips = Math.max(
    Math.ceil(walkedSize / Math.min(MOST_WALK, room)),
    Math.min(Math.ceil(TEAMS / (batch * panels)), Math.floor(walkedSize / LEAST_WALK)),
  );
  const teams = batch * panels * strips;
  const wanted = Math.max(1, Math.min(mostChunks, Math.floor(TEAMS / teams), Math.floor(steps / 4)));
  const chunks = Math.ceil(steps / Math.ceil(steps / wanted));
  return { held, terms, steps, walk: Math.ceil(walkedSize / strips), chunks };
}

/**
 * Every term is unrolled. On lavapipe 32 take 0.15 s to translate, 48 take 0.22 s and 64 take 0.35 s; a product of
 * 1,024 then takes 1.4, 1.1 and 1 times as long, because the waiting sums are brought in less often.
 */
function mostTerms(flops: number): number {
  if (flops < 2 ** 26) return 32;
  return flops < 2 ** 30 ? 48 : 64;
}

/**
 * Instructions of lavapipe's code, roughly, as counted there: reading a vector of four takes ten per value, reading
 * values one by one sixteen, and more where neighbours along the inner axis lie far apart in memory.
 */
function cost({ rows, columns }: ProductSize, { subgroupSize: lanes }: Target, panel: Panel, reading: Reading): number {
  const { held, terms, steps, walk } = panel;
  const [heldSize, walkedSize] = held === 'left' ? [rows, columns] : [columns, rows];
  const [own, other] = held === 'left' ? [reading.left, reading.right] : [reading.right, reading.left];
  const far = other === 'own' ? walkedSize / 192 : 0;
  const perTerm = 9 + (other === 'offset' ? 10 : 16 + far);
  const fill = own === 'own' ? 400 : 700;
  const store = held === 'right' ? 200 : 350;
  const team = steps * (terms * (fill + walk * perTerm) + (steps > 1 ? 300 * walk : 0)) + walk * store;
  return Math.ceil(heldSize / (4 * lanes)) * Math.ceil(walkedSize / walk) * team;
}
