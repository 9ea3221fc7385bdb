// Validation clips: every frame of every held-out view, in order, and what the model's outputs for them are worth.
import { invariant } from '../../errors';
import { normalisedError } from '../../metrics/mpjpe';
import { judgeClips, type JudgedClip } from '../../metrics/poseProtocol';
import type { Batch, Evaluation, Outputs } from '../../training/runtime';
import { clipFrames, coveringStarts } from '../../figure/motionClips';
import type { PoseDataSettings } from './dataSettings';
import { toMillimetres } from '../../figure/projection';
import { flipInto, flipPoses, JOINT_NAMES, JOINTS } from '../../figure/skeleton';
import { centreInput, subtractRoot } from './trainClips';
import type { PoseVideo } from './poseVideos';
import { buildView, type PredictedClip } from './buildView';

const frameValues = JOINTS * 3;

interface ScoredClip {
  readonly video: number;
  /** Frames of the video, [T]. */
  readonly frames: Int32Array;
}

/** Frames of the clips that cover a recording, each [T]. */
export function coveringClips(length: number, frames: number): Int32Array<ArrayBuffer>[] {
  return coveringStarts(length, frames).map((start) => clipFrames(start, length, frames));
}

/** What the network sees of frames of a recording `input` [F, 17, 3]: [T, 17, dimIn]. */
export function clipInput(
  input: Float32Array,
  frames: Int32Array,
  { dimIn, centreInput: centred }: Pick<PoseDataSettings, 'dimIn' | 'centreInput'>,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(frames.length * JOINTS * dimIn);
  for (let i = 0; i < frames.length * JOINTS; i++) {
    const from = (frames[Math.floor(i / JOINTS)]! * JOINTS + (i % JOINTS)) * 3;
    for (let c = 0; c < dimIn; c++) out[i * dimIn + c] = input[from + c]!;
  }
  if (centred) centreInput(out, dimIn);
  return out;
}

/** With test-time flip the mirror images follow the clips: index `clips + i` is clip i mirrored. */
export class ScoredClips {
  readonly #videos: readonly PoseVideo[];
  readonly #clips: ScoredClip[];
  readonly #settings: PoseDataSettings;

  constructor(videos: readonly PoseVideo[], settings: PoseDataSettings) {
    this.#videos = videos.filter(({ blocked }) => !blocked);
    this.#settings = settings;
    this.#clips = this.#videos.flatMap(({ frames: length }, video) =>
      coveringClips(length, settings.frames).map((frames) => ({ video, frames })),
    );
  }

  /** Items to predict, mirror images included. */
  get count(): number {
    return this.#clips.length * (this.#settings.testFlip ? 2 : 1);
  }

  /** Clips as in training but undisturbed by chance. */
  batch(indices: readonly number[]): Batch {
    const { frames, dimIn } = this.#settings;
    const inputSize = frames * JOINTS * dimIn;
    const labelSize = frames * frameValues;
    const pose2d = new Float32Array(indices.length * inputSize);
    const pose3d = new Float32Array(indices.length * labelSize);
    for (const [i, index] of indices.entries()) {
      const clip = this.#clips[index % this.#clips.length]!;
      const mirrored = index >= this.#clips.length;
      const input = clipInput(this.#videos[clip.video]!.input, clip.frames, this.#settings);
      const label = this.#label(clip);
      if (this.#settings.rootRelative) subtractRoot(label);
      if (mirrored) {
        flipInto(input, 0, pose2d, i * inputSize, frames, dimIn);
        flipInto(label, 0, pose3d, i * labelSize, frames, 3);
      } else {
        pose2d.set(input, i * inputSize);
        pose3d.set(label, i * labelSize);
      }
    }
    return { pose2d, pose3d };
  }

  #label({ video, frames }: ScoredClip): Float32Array {
    const out = new Float32Array(frames.length * frameValues);
    const { label } = this.#videos[video]!;
    for (const [t, frame] of frames.entries())
      out.set(label.subarray(frame * frameValues, (frame + 1) * frameValues), t * frameValues);
    return out;
  }

  /** Metrics by the protocol (spec section 11); `pose3d` of `outputs[i]` is [T, 17, 3] for item i of `count`. */
  evaluate(outputs: readonly Outputs[]): Evaluation {
    const { frames: T, rootRelative, testFlip } = this.#settings;
    invariant(outputs.length === this.count, `${outputs.length} outputs for ${this.count} validation clips`);
    const firstFrames: number[] = [];
    const actions: string[] = [];
    for (const { frames, action } of this.#videos) {
      firstFrames.push(actions.length);
      for (let frame = 0; frame < frames; frame++) actions.push(action);
    }
    const predicted: PredictedClip[] = [];
    const judged: JudgedClip[] = [];
    let rawError = 0;
    for (const [i, clip] of this.#clips.entries()) {
      const said = outputs[i]!['pose3d']!;
      const output = testFlip ? averaged(said, outputs[this.#clips.length + i]!['pose3d']!) : said;
      invariant(output.length === T * frameValues, `an output of ${output.length} values for a clip of ${T} frames`);
      const { factor, width } = this.#videos[clip.video]!;
      const label = this.#label(clip);
      const truth = toMillimetres(label, 0, clip.frames, factor, width, false);
      const prediction = toMillimetres(output, 0, clip.frames, factor, width, rootRelative);
      if (rootRelative) subtractRoot(label);
      rawError += normalisedError(output, label) / this.#clips.length;
      predicted.push({ video: clip.video, frames: clip.frames, prediction, truth });
      judged.push({ frames: clip.frames.map((frame) => frame + firstFrames[clip.video]!), prediction, truth });
    }
    const { total, actions: byAction } = judgeClips(judged, actions);
    return {
      metrics: {
        P1: total.p1,
        P2: total.p2,
        'N-MPJPE': total.nMpjpe,
        velocity: total.velocity,
        acceleration: total.acceleration,
        'PCK@150': total.pck150 * 100,
        AUC: total.auc * 100,
        'normalised error ×500': rawError,
      },
      tables: {
        joint: Object.fromEntries(JOINT_NAMES.map((name, joint) => [name, total.joints[joint]!])),
        action: Object.fromEntries([...byAction].map(([action, { p1 }]) => [action, p1])),
      },
      view: buildView(this.#videos, predicted, this.#settings.frameRate),
    };
  }
}

/** Mean of a prediction and the mirrored prediction of the mirror image (spec section 11.1). */
export function averaged(plain: Float32Array, mirrored: Float32Array): Float32Array {
  const back = flipPoses(mirrored, 3);
  return plain.map((value, i) => (value + back[i]!) / 2);
}
