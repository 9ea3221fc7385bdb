// How much boxes overlap, with penalties that still have a slope where they do not: the losses are 1 minus these.
//
// Boxes are [..., 4] as x1, y1, x2, y2 and segments [..., 2] as start, end, in any unit; a and b broadcast against each
// other, so [N, 1, 4] and [M, 4] give all pairs. Results drop the last axis. `epsilon` is added to every divisor.
import { ShapeError } from '../engine/graph/graph';
import { shapeText, type Tensor } from '../engine/graph/tensor';
import {
  add,
  divide,
  maximum,
  minimum,
  multiply,
  negate,
  square,
  stopGradient,
  subtract,
} from '../engine/ops/arithmetic';
import { atan } from '../engine/ops/power';
import { concat } from '../engine/ops/concat';
import { reshape, slice } from '../engine/ops/view';

/** What is added to every divisor unless the caller says otherwise. */
const EPSILON = 1e-7;

/** One axis of two boxes; all tensors are [..., 1]. */
interface Extent {
  readonly overlap: Tensor;
  /** Length of the span that covers both. */
  readonly cover: Tensor;
  readonly sizeA: Tensor;
  readonly sizeB: Tensor;
  /** Between the centres. */
  readonly distance: Tensor;
}

function extents(a: Tensor, b: Tensor): readonly Extent[] {
  const columns = a.shape.at(-1) ?? 0;
  if (columns !== b.shape.at(-1) || (columns !== 2 && columns !== 4)) {
    throw new ShapeError(
      `boxes [..., 4] or segments [..., 2] wanted, ${shapeText(a.shape)} and ${shapeText(b.shape)} came`,
    );
  }
  return Array.from({ length: columns / 2 }, (_, axis) => {
    const ends = (x: Tensor): [Tensor, Tensor] => [slice(x, -1, axis, 1), slice(x, -1, columns / 2 + axis, 1)];
    const [lowA, highA] = ends(a);
    const [lowB, highB] = ends(b);
    return {
      overlap: maximum(subtract(minimum(highA, highB), maximum(lowA, lowB)), 0),
      cover: subtract(maximum(highA, highB), minimum(lowA, lowB)),
      sizeA: subtract(highA, lowA),
      sizeB: subtract(highB, lowB),
      distance: multiply(subtract(add(lowA, highA), add(lowB, highB)), 0.5),
    };
  });
}

const product = (factors: readonly Tensor[]): Tensor => factors.reduce((a, b) => multiply(a, b));
const total = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b));
const ratio = (a: Tensor, b: Tensor, epsilon: number): Tensor => divide(a, add(b, epsilon));
const withoutLast = (x: Tensor): Tensor => reshape(x, x.shape.slice(0, -1));

function overlaps(axes: readonly Extent[], epsilon: number): { iou: Tensor; union: Tensor } {
  const shared = product(axes.map(({ overlap }) => overlap));
  const areas = add(product(axes.map(({ sizeA }) => sizeA)), product(axes.map(({ sizeB }) => sizeB)));
  const union = subtract(areas, shared);
  return { iou: ratio(shared, union, epsilon), union };
}

function lessDistance(axes: readonly Extent[], overlap: Tensor, epsilon: number): Tensor {
  const apart = total(axes.map(({ distance }) => square(distance)));
  const diagonal = total(axes.map(({ cover }) => square(cover)));
  return subtract(overlap, ratio(apart, diagonal, epsilon));
}

/** Intersection over union, in [0, 1]. */
export function iou(a: Tensor, b: Tensor, epsilon = EPSILON): Tensor {
  return withoutLast(overlaps(extents(a, b), epsilon).iou);
}

/** IoU minus the share of the covering box that is in neither: Rezatofighi et al. 2019, arXiv:1902.09630. */
export function generalizedIou(a: Tensor, b: Tensor, epsilon = EPSILON): Tensor {
  const axes = extents(a, b);
  const { iou: overlap, union } = overlaps(axes, epsilon);
  const cover = product(axes.map((axis) => axis.cover));
  return withoutLast(subtract(overlap, ratio(subtract(cover, union), cover, epsilon)));
}

/** IoU minus (distance of the centres / diagonal of the covering box)²: Zheng et al. 2020, arXiv:1911.08287. */
export function distanceIou(a: Tensor, b: Tensor, epsilon = EPSILON): Tensor {
  const axes = extents(a, b);
  return withoutLast(lessDistance(axes, overlaps(axes, epsilon).iou, epsilon));
}

/** DIoU minus what the aspect ratios differ by, for boxes [..., 4]: the same paper; its weight α is a constant. */
export function completeIou(a: Tensor, b: Tensor, epsilon = EPSILON): Tensor {
  const axes = extents(a, b);
  const [across, down] = axes;
  if (!across || !down) throw new ShapeError(`segments ${shapeText(a.shape)} have no aspect ratio`);
  const { iou: overlap } = overlaps(axes, epsilon);
  const angle = (size: 'sizeA' | 'sizeB'): Tensor => atan(divide(across[size], maximum(down[size], epsilon)));
  const aspect = multiply(square(subtract(angle('sizeB'), angle('sizeA'))), 4 / Math.PI ** 2);
  const weight = stopGradient(ratio(aspect, add(subtract(1, overlap), aspect), epsilon));
  return withoutLast(subtract(lessDistance(axes, overlap, epsilon), multiply(weight, aspect)));
}

/** Segments around a common point from their distances to its left and right, both [..., 2]. */
export function segmentsAround(distances: Tensor): Tensor {
  return concat([negate(slice(distances, -1, 0, 1)), slice(distances, -1, 1, 1)], -1);
}
