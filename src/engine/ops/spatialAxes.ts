// Which axes a pooling or a resize works on unless it is told.
import type { Tensor } from '../graph/tensor';

/** All axes after batch and channels. */
export function spatialAxes(x: Tensor): number[] {
  return x.shape.map((_, axis) => axis).slice(2);
}
