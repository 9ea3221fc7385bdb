// The two ways to write boxes (or segments): corners, and centre with size.
import type { Tensor } from '../engine/graph/tensor';
import { add, multiply, subtract } from '../engine/ops/arithmetic';
import { concat } from '../engine/ops/concat';
import { slice } from '../engine/ops/view';

function halves(x: Tensor): [Tensor, Tensor] {
  const half = (x.shape.at(-1) ?? 0) / 2;
  return [slice(x, -1, 0, half), slice(x, -1, half, half)];
}

/** [..., x1, y1, x2, y2] → [..., cx, cy, w, h]; segments [..., start, end] → [..., centre, length]. */
export function xyxyToCxcywh(boxes: Tensor): Tensor {
  const [low, high] = halves(boxes);
  return concat([multiply(add(low, high), 0.5), subtract(high, low)], -1);
}

/** [..., cx, cy, w, h] → [..., x1, y1, x2, y2]; segments [..., centre, length] → [..., start, end]. */
export function cxcywhToXyxy(boxes: Tensor): Tensor {
  const [centre, size] = halves(boxes);
  const reach = multiply(size, 0.5);
  return concat([subtract(centre, reach), add(centre, reach)], -1);
}
