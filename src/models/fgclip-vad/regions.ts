// What a place in a video shows: features of patches, averaged over a box and over the frames where the box is.
import type { Tensor } from '../../engine/graph/tensor';
import { divide, maximum, multiply } from '../../engine/ops/arithmetic';
import { sum } from '../../engine/ops/reduce';
import { roiAlign } from '../../engine/ops/roiAlign';
import { concat } from '../../engine/ops/concat';
import { permute, reshape } from '../../engine/ops/view';

/**
 * dense [frames, patches, width] of a square grid, boxes [frames, boxes, 4] as x1, y1, x2, y2 in shares of the frame
 * → [frames, boxes, width]; at full precision.
 */
export function boxFeatures(dense: Tensor, boxes: Tensor): Tensor {
  const { graph } = dense.node;
  const [frames = 1, patches = 1, width = 1] = dense.shape;
  const each = boxes.shape[1] ?? 1;
  const grid = Math.sqrt(patches);
  return graph.fullPrecision(() => {
    const map = permute(reshape(dense, [frames, grid, grid, width]), [0, 3, 1, 2]);
    const frame = Float32Array.from({ length: frames * each }, (_, k) => Math.floor(k / each));
    const places = reshape(multiply(boxes, grid), [frames * each, 4]);
    const numbered = concat([graph.constant(frame, [frames * each, 1]), places], 1);
    const found = roiAlign(map, numbered, { outputSize: [1, 1], samplingRatio: -1, aligned: true });
    return reshape(found, [frames, each, width]);
  });
}

/** Mean over the frames where a box is: found [videos, frames, boxes, width], mask [videos, frames, boxes]. */
export function overFrames(found: Tensor, mask: Tensor): Tensor {
  const [videos = 1, frames = 1, boxes = 1] = mask.shape;
  const total = sum(multiply(found, reshape(mask, [videos, frames, boxes, 1])), [1]);
  return divide(total, maximum(reshape(sum(mask, [1]), [videos, boxes, 1]), 1));
}
