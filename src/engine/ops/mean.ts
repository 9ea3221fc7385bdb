// Means over axes.
import { normalAxis, type Tensor } from '../graph/tensor';
import { multiply } from './arithmetic';
import { sum } from './reduce';

/** Mean over the axes (all of them by default). */
export function mean(x: Tensor, axes: readonly number[] = x.shape.map((_, axis) => axis), keepAxes = false): Tensor {
  const count = axes.reduce((product, axis) => product * (x.shape[normalAxis(axis, x.shape.length)] ?? 1), 1);
  return multiply(sum(x, axes, keepAxes), 1 / count);
}
