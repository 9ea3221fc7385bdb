// Tiles in registers for products of few outputs and many terms on a GPU, such as weight gradients: the invocations of a
// workgroup share out the terms of a few tiles and add up their parts, so that no second dispatch has to.
import { sizeOf } from '../graph/tensor';
import type { ProductSize } from './productParts';

/** Invocations of a workgroup. */
export const SHARING = 256;

/** A tile of outputs, and the invocations that share out its terms. */
export interface Shared {
  readonly rows: number;
  readonly columns: number;
  readonly shares: number;
}

const TILES: readonly (readonly [number, number])[] = [
  [4, 4],
  [2, 4],
  [1, 4],
  [1, 1],
];
const SHARES = [64, 32, 16, 8];
/** Outputs above which staged tiles keep enough workgroups busy. */
const MOST_OUTPUTS = 8192;
/** Terms that an output and that an invocation has at least: fewer do not pay for adding up parts. */
const LEAST_TERMS = 256;
const LEAST_SHARE = 6;
/** Workgroups that are wanted; smaller tiles make more of them, with more instructions for each multiply-add. */
const WANTED = 16;

/** All ways for a product of few outputs and many terms for which the device has room, the best guess first. */
export function sharedWays(
  size: ProductSize,
  limits: { readonly workgroupStorageBytes: number; readonly invocationsPerWorkgroup: number },
): Shared[] {
  const terms = sizeOf(size.inner.taps) * size.inner.length;
  // A share is a range of taps where there are several.
  const most = Math.min(terms / LEAST_SHARE, sizeOf(size.inner.taps) > 1 ? sizeOf(size.inner.taps) : Infinity);
  const few = size.batch * size.rows * size.columns <= MOST_OUTPUTS;
  if (!few || terms < LEAST_TERMS || limits.invocationsPerWorkgroup < SHARING) return [];
  const ways = TILES.flatMap(([rows, columns]) => {
    const shares = SHARES.find((count) => count <= most);
    const room = rows * columns * SHARING * 4 <= limits.workgroupStorageBytes;
    if (shares === undefined || !room || rows >= 2 * size.rows || columns >= 2 * size.columns) return [];
    return [{ rows, columns, shares }];
  });
  const groups = ({ rows, columns, shares }: Shared): number =>
    (size.batch * Math.ceil(size.rows / rows) * Math.ceil(size.columns / columns) * shares) / SHARING;
  const enough = ways.find((way) => groups(way) >= WANTED) ?? ways.at(-1);
  return enough ? [enough, ...ways.filter((way) => way !== enough)] : [];
}
