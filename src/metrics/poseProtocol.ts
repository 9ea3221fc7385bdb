// The Human3.6M evaluation protocol: frames of several clips averaged, then frames of an action, then actions.
import {
  accelerationErrors,
  alignedErrors,
  areaUnderCurve,
  frameMeans,
  jointCount,
  jointErrors,
  scaledErrors,
  shareWithin,
  velocityErrors,
  type Poses,
} from './mpjpe';

/** Videos of subject 9 whose ground truth is broken (pose spec, section 11.5). */
export const blockedVideos: ReadonlySet<string> = new Set([
  's_09_act_05_subact_02',
  's_09_act_10_subact_02',
  's_09_act_13_subact_01',
]);

/** True for a source such as `s_09_act_05_subact_02_ca_01` of a blocked video. */
export function isBlocked(source: string): boolean {
  return blockedVideos.has(source.replace(/_ca_\d+$/, ''));
}

/** One clip's poses, root-relative in millimetres, and the frames of the data set that they belong to. */
export interface JudgedClip {
  /** [frames of the clip]; indices into all frames, consecutive in time, possibly repeating. */
  readonly frames: ArrayLike<number>;
  /** [frames of the clip, 17, 3]. */
  readonly prediction: Poses;
  readonly truth: Poses;
}

/** Means over frames, in millimetres; shares from 0 to 1. */
export interface ProtocolNumbers {
  readonly p1: number;
  readonly p2: number;
  readonly nMpjpe: number;
  readonly velocity: number;
  readonly acceleration: number;
  readonly pck150: number;
  readonly auc: number;
  /** P1 of each joint, [17]. */
  readonly joints: readonly number[];
}

export interface ProtocolResult {
  /** Mean over the actions of their means over frames. */
  readonly total: ProtocolNumbers;
  readonly actions: ReadonlyMap<string, ProtocolNumbers & { readonly frames: number }>;
  /** P1 of each frame, NaN where no clip covers it. */
  readonly frameP1: Float64Array;
  readonly frameP2: Float64Array;
  /** Clips that cover each frame. */
  readonly frameCount: Uint32Array;
}

/** A quantity per frame (or per frame and joint) that several clips may add to; its mean is over those that did. */
class FrameMean {
  readonly counts: Uint32Array;
  readonly #values: Float64Array;
  readonly #width: number;

  constructor(frames: number, width = 1) {
    this.#values = new Float64Array(frames * width);
    this.counts = new Uint32Array(frames);
    this.#width = width;
  }

  add(frames: ArrayLike<number>, values: Float64Array): void {
    for (let i = 0; i * this.#width < values.length; i++) {
      const frame = frames[i]!;
      this.counts[frame]!++;
      for (let k = 0; k < this.#width; k++) this.#values[frame * this.#width + k]! += values[i * this.#width + k]!;
    }
  }

  /** NaN where nothing was added. */
  means(): Float64Array {
    return this.#values.map((value, i) => value / this.counts[Math.floor(i / this.#width)]!);
  }

  /** Mean over those of the frames that something was added to; 0 when there is none. */
  meanOver(frames: readonly number[]): number {
    const known = frames.filter((frame) => this.counts[frame]! > 0);
    return known.length > 0 ? mean(known.map((frame) => this.#values[frame]! / this.counts[frame]!)) : 0;
  }
}

/**
 * Judges clips by the protocol (pose spec, section 11). Velocity and acceleration belong to the first frame of their
 * difference, as upstream counts them.
 * @param actions the action of every frame of the data set; null for the frames of a video that is not judged (a blocked one).
 */
export function judgeClips(clips: Iterable<JudgedClip>, actions: readonly (string | null)[]): ProtocolResult {
  const joints = new FrameMean(actions.length, jointCount);
  const p2 = new FrameMean(actions.length);
  const scaled = new FrameMean(actions.length);
  const velocity = new FrameMean(actions.length);
  const acceleration = new FrameMean(actions.length);
  for (const { frames, prediction, truth } of clips) {
    if (actions[frames[0]!] === null) continue;
    joints.add(frames, jointErrors(prediction, truth));
    p2.add(frames, alignedErrors(prediction, truth));
    scaled.add(frames, scaledErrors(prediction, truth));
    velocity.add(frames, velocityErrors(prediction, truth));
    acceleration.add(frames, accelerationErrors(prediction, truth));
  }
  const jointMeans = joints.means();
  const frameP1 = frameMeans(jointMeans);
  const frameP2 = p2.means();

  const framesOf = new Map<string, number[]>();
  for (const [frame, action] of actions.entries()) {
    if (action === null || joints.counts[frame] === 0) continue;
    const list = framesOf.get(action);
    if (list) list.push(frame);
    else framesOf.set(action, [frame]);
  }
  const byAction = new Map<string, ProtocolNumbers & { frames: number }>();
  for (const [action, frames] of [...framesOf].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const errors = new Float64Array(frames.length * jointCount);
    for (const [i, frame] of frames.entries())
      errors.set(jointMeans.subarray(frame * jointCount, (frame + 1) * jointCount), i * jointCount);
    byAction.set(action, {
      p1: mean(frames.map((frame) => frameP1[frame]!)),
      p2: p2.meanOver(frames),
      nMpjpe: scaled.meanOver(frames),
      velocity: velocity.meanOver(frames),
      acceleration: acceleration.meanOver(frames),
      pck150: shareWithin(errors, 150),
      auc: areaUnderCurve(errors),
      joints: Array.from({ length: jointCount }, (_, joint) =>
        mean(frames.map((_, i) => errors[i * jointCount + joint]!)),
      ),
      frames: frames.length,
    });
  }
  return {
    total: meanOfActions([...byAction.values()]),
    actions: byAction,
    frameP1,
    frameP2,
    frameCount: joints.counts,
  };
}

function meanOfActions(actions: readonly ProtocolNumbers[]): ProtocolNumbers {
  const over = (pick: (numbers: ProtocolNumbers) => number): number => mean(actions.map(pick));
  return {
    p1: over(({ p1 }) => p1),
    p2: over(({ p2 }) => p2),
    nMpjpe: over(({ nMpjpe }) => nMpjpe),
    velocity: over(({ velocity }) => velocity),
    acceleration: over(({ acceleration }) => acceleration),
    pck150: over(({ pck150 }) => pck150),
    auc: over(({ auc }) => auc),
    joints: Array.from({ length: jointCount }, (_, joint) => over(({ joints }) => joints[joint]!)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
