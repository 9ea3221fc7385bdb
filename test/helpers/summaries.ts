// Tensors of which a file holds no more than their size and their first values.
import type { GoldenResult } from './golden';
import { compare, length, type Tolerance } from './golden';

interface Summary {
  /** [size, first values...] as recorded. */
  readonly recorded: ArrayLike<number>;
  /** Euclidean length by default, or the root of the mean square. */
  readonly size?: 'length' | 'rms';
  readonly sizeTolerance: Tolerance;
  /** For the first values, from their recorded size and how many values there are. */
  readonly firstTolerance: (size: number, first: ArrayLike<number>) => Tolerance;
}

/** Verdicts on the size of a whole tensor and on its first values. */
export function compareSummary(
  name: string,
  got: Float32Array,
  { recorded, size = 'length', sizeTolerance, firstTolerance }: Summary,
): GoldenResult[] {
  const whole = length(got) / (size === 'rms' ? Math.sqrt(got.length) : 1);
  // Where a tensor has fewer values than a summary has places, the rest of the recorded ones is padding.
  const first = Array.from(recorded).slice(1, 1 + Math.min(recorded.length - 1, got.length));
  return [
    compare(`${size} of ${name}`, [whole], [recorded[0]!], sizeTolerance),
    compare(`first of ${name}`, got.subarray(0, first.length), first, firstTolerance(recorded[0]!, first)),
  ];
}
