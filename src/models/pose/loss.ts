// What the pose lifter learns from: distances of joints, their motion, limb lengths and angles (spec section 10).
import type { Tensor } from '../../engine/graph/tensor';
import {
  abs,
  acos,
  add,
  clamp,
  divide,
  greater,
  minimum,
  multiply,
  select,
  sqrt,
  square,
  subtract,
} from '../../engine/ops/arithmetic';
import { matmul } from '../../engine/ops/matmul';
import { mean } from '../../engine/ops/mean';
import { sum } from '../../engine/ops/reduce';
import { slice } from '../../engine/ops/view';
import { ANGLE_PAIRS, BONES, JOINTS } from '../../figure/skeleton';

/** Weights of the loss's terms; absent terms are not built. */
export interface PoseLossWeights {
  readonly mpjpe?: number;
  readonly nMpjpe?: number;
  readonly velocity?: number;
  readonly limbVariance?: number;
  readonly limbLength?: number;
  readonly angle?: number;
  readonly angleVelocity?: number;
}

/** ‖x‖ over the last axis, gradient 0 where it is 0. [..., n] → [...]. */
function norm(x: Tensor): Tensor {
  return sqrt(sum(square(x), [-1]));
}

/** Mean distance; p, y [B, T, 17, 3]. */
export function mpjpe(p: Tensor, y: Tensor): Tensor {
  return mean(norm(subtract(p, y)));
}

/** Mean distance times a weight that broadcasts over [B, T, 17]. */
export function weightedMpjpe(p: Tensor, y: Tensor, weight: Tensor): Tensor {
  return mean(multiply(weight, norm(subtract(p, y))));
}

/** Mean distance in x and y, differences first weighted by a confidence [B, T, 17, 1]. */
export function weighted2d(p: Tensor, y: Tensor, confidence: Tensor): Tensor {
  return mean(norm(multiply(subtract(slice(p, 3, 0, 2), slice(y, 3, 0, 2)), confidence)));
}

/** Mean absolute difference of the coordinates. */
export function jointDistance(p: Tensor, y: Tensor): Tensor {
  return mean(abs(subtract(p, y)));
}

/** MPJPE after the best scale of each frame; the gradient flows through the scale. */
export function nMpjpe(p: Tensor, y: Tensor): Tensor {
  const scale = divide(sum(multiply(p, y), [2, 3], true), sum(square(p), [2, 3], true));
  return mean(norm(subtract(multiply(scale, p), y)));
}

function difference(x: Tensor): Tensor {
  const frames = x.shape[1] ?? 1;
  return subtract(slice(x, 1, 1, frames - 1), slice(x, 1, 0, frames - 1));
}

/** MPJPE of the frame to frame differences; 0 for a single frame. */
export function velocity(p: Tensor, y: Tensor): Tensor {
  if ((p.shape[1] ?? 1) < 2) return p.node.graph.scalar(0);
  return mean(norm(subtract(difference(p), difference(y))));
}

/** A matrix that picks or combines rows, as a constant that broadcasts over clips and frames. */
function matrix(
  x: Tensor,
  rows: readonly (readonly (readonly [column: number, value: number])[])[],
  columns: number,
): Tensor {
  const data = new Float32Array(rows.length * columns);
  rows.forEach((row, r) => {
    for (const [column, value] of row) data[r * columns + column] = value;
  });
  return x.node.graph.constant(data, [1, 1, rows.length, columns]);
}

/** Bone vectors, first joint minus second: [B, T, 17, 3] → [B, T, 16, 3]. */
function bones(x: Tensor): Tensor {
  const incidence = BONES.map(([a, b]) => [[a, 1] as const, [b, -1] as const]);
  return matmul(matrix(x, incidence, JOINTS), x);
}

/** Mean over clips and bones of the unbiased variance over time of the predicted length. */
export function limbVariance(p: Tensor): Tensor {
  const frames = p.shape[1] ?? 1;
  if (frames < 2) return p.node.graph.scalar(0);
  const lengths = norm(bones(p));
  const centred = subtract(lengths, mean(lengths, [1], true));
  return mean(multiply(sum(square(centred), [1]), 1 / (frames - 1)));
}

/** Mean absolute difference of bone lengths. */
export function limbLength(p: Tensor, y: Tensor): Tensor {
  return mean(abs(subtract(norm(bones(p)), norm(bones(y)))));
}

/** Upstream clamps the cosine to ±(1 − 1e-7): nearer to 0 or π an angle has no gradient. */
const LEAST_ANGLE = Math.acos(1 - 1e-7);

/**
 * Angles between neighbouring bones: [B, T, 18]. Near 0 and π the cosine keeps few digits of an angle in f32, and fewer
 * of the gradient, 1 / sin. So θ comes from unit vectors u and v: |u − v| = 2 sin(θ/2), |u + v| = 2 cos(θ/2), and the
 * arccosine is asked of the smaller of the two, where it is least steep.
 */
function angles(x: Tensor): Tensor {
  const all = bones(x);
  const pick = (side: 0 | 1): Tensor => {
    const chosen = ANGLE_PAIRS.map((pair) => [[pair[side], 1] as const]);
    const picked = matmul(matrix(x, chosen, BONES.length), all);
    return divide(picked, sqrt(sum(square(picked), [-1], true)));
  };
  const [u, v] = [pick(0), pick(1)];
  const sine = multiply(0.5, norm(subtract(u, v)));
  const cosine = multiply(0.5, norm(add(u, v)));
  const twice = multiply(2, acos(minimum(sine, cosine)));
  const angle = select(greater(cosine, sine), subtract(Math.PI, twice), twice);
  return clamp(angle, LEAST_ANGLE, Math.PI - LEAST_ANGLE);
}

/** Mean absolute difference of bone angles. */
export function angle(p: Tensor, y: Tensor): Tensor {
  return mean(abs(subtract(angles(p), angles(y))));
}

/** Mean absolute difference of the angles' frame to frame changes; 0 for a single frame. */
export function angleVelocity(p: Tensor, y: Tensor): Tensor {
  if ((p.shape[1] ?? 1) < 2) return p.node.graph.scalar(0);
  return mean(abs(subtract(difference(angles(p)), difference(angles(y)))));
}

/** The weighted sum and its parts before weighting, in the order of upstream's recipe; all of it at full precision. */
export function poseLoss(
  p: Tensor,
  y: Tensor,
  weights: PoseLossWeights,
): { total: Tensor; parts: ReadonlyMap<string, Tensor> } {
  return p.node.graph.fullPrecision(() => weightedLoss(p, y, weights));
}

function weightedLoss(
  p: Tensor,
  y: Tensor,
  weights: PoseLossWeights,
): { total: Tensor; parts: ReadonlyMap<string, Tensor> } {
  const terms: readonly (readonly [string, number | undefined, () => Tensor])[] = [
    ['mpjpe', weights.mpjpe, () => mpjpe(p, y)],
    ['n_mpjpe', weights.nMpjpe, () => nMpjpe(p, y)],
    ['velocity', weights.velocity, () => velocity(p, y)],
    ['limb_var', weights.limbVariance, () => limbVariance(p)],
    ['limb_gt', weights.limbLength, () => limbLength(p, y)],
    ['angle', weights.angle, () => angle(p, y)],
    ['angle_velocity', weights.angleVelocity, () => angleVelocity(p, y)],
  ];
  const parts = new Map<string, Tensor>();
  let total: Tensor = p.node.graph.scalar(0);
  for (const [name, weight, build] of terms) {
    if (!weight) continue;
    const part = build();
    parts.set(name, part);
    total = add(total, multiply(part, weight));
  }
  return { total, parts };
}
