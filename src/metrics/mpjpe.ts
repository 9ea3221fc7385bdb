// Errors of 3D poses per frame and joint: P1, P2, N-MPJPE, velocity, acceleration, PCK and AUC.
import { alignPose } from './procrustes';

/** Joints of the Human3.6M skeleton. */
export const jointCount = 17;
const frameValues = jointCount * 3;

/** Poses [frames, 17, 3], in millimetres wherever the metric is. */
export type Poses = Float32Array | Float64Array;

function distance(a: ArrayLike<number>, b: ArrayLike<number>, i: number, j: number): number {
  const x = a[i]! - b[j]!;
  const y = a[i + 1]! - b[j + 1]!;
  const z = a[i + 2]! - b[j + 2]!;
  return Math.sqrt(x * x + y * y + z * z);
}

/** Distance of every joint, [frames, 17]. */
export function jointErrors(prediction: Poses, truth: Poses): Float64Array {
  const out = new Float64Array(truth.length / 3);
  for (let i = 0; i < out.length; i++) out[i] = distance(prediction, truth, i * 3, i * 3);
  return out;
}

/** Mean over the joints of each frame, [frames]: P1 from `jointErrors`. */
export function frameMeans(errors: Float64Array): Float64Array {
  const out = new Float64Array(errors.length / jointCount);
  for (let i = 0; i < errors.length; i++) out[Math.floor(i / jointCount)]! += errors[i]! / jointCount;
  return out;
}

/** P2 per frame: mean joint distance after Procrustes alignment (pose spec, section 11.4). */
export function alignedErrors(prediction: Poses, truth: Poses): Float64Array {
  const out = new Float64Array(truth.length / frameValues);
  const aligned = new Float64Array(frameValues);
  for (let frame = 0; frame < out.length; frame++) {
    const at = frame * frameValues;
    alignPose(prediction, truth, at, jointCount, aligned);
    for (let i = 0; i < frameValues; i += 3) out[frame]! += distance(aligned, truth, i, at + i) / jointCount;
  }
  return out;
}

/** N-MPJPE per frame: mean joint distance after the best scale (pose spec, section 10.3). */
export function scaledErrors(prediction: Poses, truth: Poses): Float64Array {
  const out = new Float64Array(truth.length / frameValues);
  const scaled = new Float64Array(frameValues);
  for (let frame = 0; frame < out.length; frame++) {
    const at = frame * frameValues;
    let yp = 0;
    let pp = 0;
    for (let i = at; i < at + frameValues; i++) {
      yp += truth[i]! * prediction[i]!;
      pp += prediction[i]! * prediction[i]!;
    }
    const scale = pp > 0 ? yp / pp : 0;
    for (let i = 0; i < frameValues; i++) scaled[i] = scale * prediction[at + i]!;
    for (let i = 0; i < frameValues; i += 3) out[frame]! += distance(scaled, truth, i, at + i) / jointCount;
  }
  return out;
}

/** Mean joint distance of the first differences, [frames - 1]: one value per pair of consecutive frames. */
export function velocityErrors(prediction: Poses, truth: Poses): Float64Array {
  return differenceErrors(prediction, truth, [-1, 1]);
}

/** Mean joint distance of the second differences, [frames - 2]. */
export function accelerationErrors(prediction: Poses, truth: Poses): Float64Array {
  return differenceErrors(prediction, truth, [1, -2, 1]);
}

function differenceErrors(prediction: Poses, truth: Poses, weights: readonly number[]): Float64Array {
  const frames = truth.length / frameValues;
  const out = new Float64Array(Math.max(0, frames - weights.length + 1));
  for (let frame = 0; frame < out.length; frame++) {
    for (let i = frame * frameValues; i < (frame + 1) * frameValues; i += 3) {
      let squares = 0;
      for (let axis = i; axis < i + 3; axis++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++)
          sum += weights[k]! * (prediction[axis + k * frameValues]! - truth[axis + k * frameValues]!);
        squares += sum * sum;
      }
      out[frame]! += Math.sqrt(squares) / jointCount;
    }
  }
  return out;
}

/** Poses minus their joint 0, frame by frame. */
export function rootRelative(poses: Poses): Float64Array {
  const out = new Float64Array(poses.length);
  for (let i = 0; i < poses.length; i++) out[i] = poses[i]! - poses[i - (i % frameValues) + (i % 3)]!;
  return out;
}

/** Share of joint errors below `millimetres` (PCK), 0 to 1. */
export function shareWithin(errors: Float64Array, millimetres: number): number {
  let count = 0;
  for (const error of errors) if (error < millimetres) count++;
  return count / errors.length;
}

/** Mean PCK over the thresholds 0, 5, …, 150 mm (MPI-INF-3DHP), 0 to 1. */
export function areaUnderCurve(errors: Float64Array): number {
  let sum = 0;
  for (let threshold = 0; threshold <= 150; threshold += 5) sum += shareWithin(errors, threshold);
  return sum / 31;
}

/**
 * The seed report's own number: mean distance of the raw normalised arrays times 500, without root alignment and
 * without millimetres per pixel (pose spec, section 10.1).
 */
export function normalisedError(prediction: Poses, label: Poses): number {
  const errors = jointErrors(prediction, label);
  return (errors.reduce((sum, error) => sum + error, 0) / errors.length) * 500;
}
