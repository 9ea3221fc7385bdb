// What a useful model must beat: the mean training pose, and ridge regression from one frame's 2D points.
import { choleskySolve } from '../../metrics/choleskySolve';
import { judgeClips } from '../../metrics/poseProtocol';
import { toMillimetres } from '../../figure/projection';
import { JOINTS } from '../../figure/skeleton';
import type { PoseVideo } from './poseVideos';

const outputs = JOINTS * 3;
const inputs = JOINTS * 2;

/** Frames as regression sees them. */
export interface RegressionSet {
  /** Normalised 2D points, [frames, 34]. */
  readonly points: Float64Array;
  /** Root-relative mm, [frames, 51]. */
  readonly poses: Float64Array;
}

/** All frames of some videos; poses as the protocol judges them (spec section 11.3). */
export function regressionSet(videos: readonly PoseVideo[]): RegressionSet {
  const frames = videos.reduce((sum, video) => sum + video.frames, 0);
  const points = new Float64Array(frames * inputs);
  const poses = new Float64Array(frames * outputs);
  let at = 0;
  for (const video of videos) {
    for (let i = 0; i < video.frames * JOINTS; i++) {
      points[at * inputs + i * 2] = video.input[i * 3]!;
      points[at * inputs + i * 2 + 1] = video.input[i * 3 + 1]!;
    }
    poses.set(millimetresOf(video), at * outputs);
    at += video.frames;
  }
  return { points, poses };
}

/** The video's truth, root-relative mm, [frames, 17, 3]. */
export function millimetresOf(video: PoseVideo): Float64Array<ArrayBuffer> {
  const frames = Int32Array.from({ length: video.frames }, (_, i) => i);
  return toMillimetres(video.label, 0, frames, video.factor, video.width, false);
}

/** P1 in mm on the validation videos of predicting the mean training pose, and of ridge regression per frame. */
export function poseBaselines(train: readonly PoseVideo[], validation: readonly PoseVideo[]): Record<string, number> {
  const known = regressionSet(train);
  const mean = meansOf(known.poses, outputs);
  const ridge = chooseRidge(train);
  return {
    meanPose: judge(validation, () => mean),
    ridge: judge(validation, (points, at) => ridge(points, at)),
  };
}

function judge(videos: readonly PoseVideo[], predict: (points: Float64Array, at: number) => Float64Array): number {
  const actions: (string | null)[] = [];
  const clips = videos.map((video) => {
    const { points, poses } = regressionSet([video]);
    const prediction = new Float64Array(poses.length);
    for (let frame = 0; frame < video.frames; frame++) {
      const pose = predict(points, frame * inputs);
      for (let i = 0; i < outputs; i++) prediction[frame * outputs + i] = pose[i]! - pose[i % 3]!;
    }
    const first = actions.length;
    for (let frame = 0; frame < video.frames; frame++) actions.push(video.blocked ? null : video.action);
    return { frames: Int32Array.from({ length: video.frames }, (_, i) => first + i), prediction, truth: poses };
  });
  return judgeClips(clips, actions).total.p1;
}

/** Penalties to try, as shares of the mean variance of a point times the number of frames. */
const penalties = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];

/** Ridge regression fitted on all training videos, its penalty chosen on every fifth of them. */
function chooseRidge(train: readonly PoseVideo[]): (points: Float64Array, at: number) => Float64Array {
  const names = [...new Set(train.map(({ name }) => name))].sort();
  const aside = new Set(names.filter((_, i) => i % 5 === 4));
  const judged = train.filter(({ name }) => aside.has(name));
  let best = penalties[2]!;
  if (judged.length > 0) {
    const moments = new Moments(regressionSet(train.filter(({ name }) => !aside.has(name))));
    const set = regressionSet(judged);
    const errors = penalties.map((penalty) => meanError(set, moments.solve(penalty)));
    best = penalties[errors.indexOf(Math.min(...errors))]!;
  }
  return new Moments(regressionSet(train)).solve(best);
}

/** Mean joint distance over all frames, mm. */
function meanError(
  { points, poses }: RegressionSet,
  predict: (points: Float64Array, at: number) => Float64Array,
): number {
  let sum = 0;
  for (let frame = 0; frame * outputs < poses.length; frame++) {
    const pose = predict(points, frame * inputs);
    const at = frame * outputs;
    for (let i = 0; i < outputs; i += 3)
      sum += Math.hypot(
        pose[i]! - poses[at + i]!,
        pose[i + 1]! - poses[at + i + 1]!,
        pose[i + 2]! - poses[at + i + 2]!,
      );
  }
  return (sum * 3) / poses.length;
}

/** Centred second moments of a regression set: XᵀX and XᵀY. */
class Moments {
  readonly #meanX: Float64Array;
  readonly #meanY: Float64Array;
  readonly #xx = new Float64Array(inputs * inputs);
  readonly #xy = new Float64Array(inputs * outputs);

  constructor({ points, poses }: RegressionSet) {
    this.#meanX = meansOf(points, inputs);
    this.#meanY = meansOf(poses, outputs);
    const x = new Float64Array(inputs);
    for (let frame = 0; frame * inputs < points.length; frame++) {
      for (let i = 0; i < inputs; i++) x[i] = points[frame * inputs + i]! - this.#meanX[i]!;
      for (let i = 0; i < inputs; i++) {
        const xi = x[i]!;
        for (let j = 0; j <= i; j++) this.#xx[i * inputs + j]! += xi * x[j]!;
        for (let j = 0; j < outputs; j++)
          this.#xy[i * outputs + j]! += xi * (poses[frame * outputs + j]! - this.#meanY[j]!);
      }
    }
  }

  /** The fitted function from points to a pose; the bias is not penalised. */
  solve(penalty: number): (points: Float64Array, at: number) => Float64Array {
    let trace = 0;
    for (let i = 0; i < inputs; i++) trace += this.#xx[i * inputs + i]!;
    const matrix = this.#xx.slice();
    for (let i = 0; i < inputs; i++) matrix[i * inputs + i]! += (penalty * trace) / inputs + 1e-12;
    const weights = choleskySolve(matrix, inputs, this.#xy, outputs);
    const out = new Float64Array(outputs);
    return (points, at) => {
      out.set(this.#meanY);
      for (let i = 0; i < inputs; i++) {
        const x = points[at + i]! - this.#meanX[i]!;
        for (let j = 0; j < outputs; j++) out[j]! += x * weights[i * outputs + j]!;
      }
      return out;
    };
  }
}

function meansOf(values: Float64Array, width: number): Float64Array {
  const out = new Float64Array(width);
  const rows = values.length / width;
  for (let i = 0; i < values.length; i++) out[i % width]! += values[i]! / rows;
  return out;
}
