// Recorded metrics of poses, and the evaluation protocol on a made-up data set of four videos.
import {
  accelerationErrors,
  alignedErrors,
  areaUnderCurve,
  frameMeans,
  jointErrors,
  normalisedError,
  rootRelative,
  scaledErrors,
  shareWithin,
  velocityErrors,
} from '../../../src/metrics/mpjpe';
import { judgeClips, type JudgedClip, type ProtocolNumbers } from '../../../src/metrics/poseProtocol';
import { toMillimetres, denormalisePoses } from '../../../src/figure/projection';
import { compare, equalLists, type GoldenResult } from '../../helpers/golden';
import { toleranceOf, type Recording } from '../../helpers/recording';

/** The metrics of every recorded prediction: noisy, a similarity transform of the truth, its mirror image. */
export function metricCases(file: Recording): readonly GoldenResult[] {
  const tolerance = toleranceOf(file.json<{ output: object }>('tolerance').output);
  const truth = file.given('input.gt')!;
  const results: GoldenResult[] = [];
  for (const name of file.after('input.').filter((one) => one.startsWith('pred'))) {
    const prediction = file.given(`input.${name}`)!;
    const relative = jointErrors(rootRelative(prediction), rootRelative(truth));
    const velocity = velocityErrors(prediction, truth);
    const ours: Record<string, ArrayLike<number>> = {
      mpjpe: frameMeans(jointErrors(prediction, truth)),
      p_mpjpe: alignedErrors(prediction, truth),
      acc_error: accelerationErrors(prediction, truth),
      jpe: jointErrors(prediction, truth),
      root_relative_mpjpe: frameMeans(relative),
      velocity_error: [velocity.reduce((sum, x) => sum + x, 0) / velocity.length],
      n_mpjpe_per_frame: scaledErrors(prediction, truth),
      pck150: [shareWithin(relative, 150)],
      auc_0_150_step5: [areaUnderCurve(relative)],
    };
    for (const [metric, values] of Object.entries(ours))
      if (file.has(`output.${metric}.${name}`))
        results.push(file.compare(`output.${metric}.${name}`, values, tolerance));
  }
  return results;
}

interface Recorded {
  readonly p1: number;
  readonly p2: number;
  readonly acc: number;
  readonly velocity: number;
  readonly joints?: readonly number[];
  readonly frames?: number;
}

/** Section 11 of the spec, from normalised predictions to the numbers of the report. */
export function protocolCases(file: Recording): readonly GoldenResult[] {
  const tolerance = toleranceOf(file.json('tolerance'));
  const config = file.json<{
    video_lengths: number[];
    actions: string[];
    n_frames: number;
    blocked_videos: number[];
  }>('config');
  const get = (name: string) => file.given(`input.${name}`)!;
  const factor = get('factor');
  const resolution = get('resolution');
  const image = get('joint3d_image');
  const label = get('label_normalised');
  const predictions = get('pred_normalised');
  const clipFrames = Array.from(get('clips'));
  const actions = config.video_lengths.flatMap((length, video) =>
    Array<string | null>(length).fill(config.blocked_videos.includes(video) ? null : config.actions[video]!),
  );
  const T = config.n_frames;
  const clips: JudgedClip[] = [];
  const rawLabels = new Float32Array(predictions.length);
  const back: number[] = [];
  const wantedBack: number[] = [];
  for (let clip = 0; clip * T < clipFrames.length; clip++) {
    const frames = clipFrames.slice(clip * T, (clip + 1) * T);
    const width = resolution[frames[0]! * 2]!;
    const labels = Float32Array.from(frames.flatMap((frame) => [...label.subarray(frame * 51, frame * 51 + 51)]));
    rawLabels.set(labels, clip * T * 51);
    back.push(...denormalisePoses(labels, width, resolution[frames[0]! * 2 + 1]!));
    wantedBack.push(...frames.flatMap((frame) => [...image.subarray(frame * 51, frame * 51 + 51)]));
    clips.push({
      frames,
      prediction: toMillimetres(predictions, clip * T * 51, frames, factor, width, true),
      truth: toMillimetres(labels, 0, frames, factor, width, false),
    });
  }
  const result = judgeClips(clips, actions);
  const recorded = file.json<Record<string, Recorded>>('per_action');
  const flat = (numbers: ProtocolNumbers, frames?: number) => [
    numbers.p1,
    numbers.p2,
    numbers.acceleration,
    numbers.velocity,
    ...(frames === undefined ? [] : [frames, ...numbers.joints]),
  ];
  const flatRecorded = ({ p1, p2, acc, velocity, frames, joints }: Recorded) => [
    p1,
    p2,
    acc,
    velocity,
    ...(frames === undefined ? [] : [frames, ...(joints ?? [])]),
  ];
  // Recorded per-frame values hold 0 where no clip covers the frame.
  const covered = (values: Float64Array) => values.map((value) => (Number.isNaN(value) ? 0 : value));
  return [
    // Pixels up to 1,000 from labels in f32, which keep 6e-8 of them.
    compare('de-normalisation', back, wantedBack, { rtol: 1e-6, atol: 1e-4 }),
    file.compare('output.frame_p1', covered(result.frameP1), tolerance),
    file.compare('output.frame_p2', covered(result.frameP2), tolerance),
    file.compare('output.frame_count', result.frameCount, { atol: 0 }),
    equalLists('actions', [...result.actions.keys()].sort(), Object.keys(recorded).sort()),
    ...Object.entries(recorded).map(([action, want]) => {
      const got = result.actions.get(action);
      return compare(`action ${action}`, got ? flat(got, got.frames) : [], flatRecorded(want), tolerance);
    }),
    compare('total', flat(result.total), flatRecorded(file.json<Recorded>('total')), tolerance),
    file.compare('output.seed_mpjpe_x500', [normalisedError(predictions, rawLabels)], tolerance),
  ];
}
