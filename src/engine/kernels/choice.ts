// Kernels that can be made in several ways: what they are asked by, and how alike two sizes are.

/** A question that a kernel of some class of shapes asked while it was made, and the answer it got. */
export interface Choice {
  /** Kind of kernel and class of shapes: kernels with equal keys take the same way. */
  readonly key: string;
  /** Names of the ways, the best guess first. */
  readonly variants: readonly string[];
  readonly taken: string;
}

/** Answers by key; undefined leaves it to the best guess. */
export type Chooser = (key: string, variants: readonly string[]) => string | undefined;

/** Sizes of a class differ by less than a factor of two: the nearest power of two. */
export function sizeClass(size: number): number {
  return 2 ** Math.round(Math.log2(Math.max(1, size)));
}
