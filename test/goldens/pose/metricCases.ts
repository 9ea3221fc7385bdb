// Recorded metrics of poses, and the evaluation protocol on a made-up data set of four videos.
import { floatValues } from '../../../src/formats/storedTensor';
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
import { toMillimetres, denormalisePoses } from '../../../src/models/pose/labels';
import { compare, readGolden, type GoldenResult } from '../../helpers/golden';

/** Compares the metrics of three predictions: noisy, a similarity transform of the truth, its mirror image. */
export async function metricCases(folder: string): Promise<GoldenResult[]> {
  const { tensors, metadata } = readGolden(folder, 'metrics');
  const { output: tolerance } = JSON.parse(metadata['tolerance']!) as { output: { rtol: number; atol: number } };
  const get = (name: string) => floatValues(tensors.get(name)!);
  const truth = get('input.gt');
  const results: GoldenResult[] = [];
  for (const name of ['pred', 'pred_similarity', 'pred_mirror']) {
    const prediction = get(`input.${name}`);
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
      results.push(compare(`${metric} of ${name}`, values, get(`output.${metric}.${name}`), tolerance));
  }
  return Promise.resolve(results);
}

interface Recorded {
  readonly p1: number;
  readonly p2: number;
  readonly acc: number;
  readonly velocity: number;
  readonly joints?: readonly number[];
  readonly frames?: number;
}

/** Compares section 11 from normalised predictions to the numbers of the report. */
export async function protocolCases(folder: string): Promise<GoldenResult[]> {
  const { tensors, metadata } = readGolden(folder, 'eval_protocol');
  const tolerance = JSON.parse(metadata['tolerance']!) as { rtol: number };
  const config = JSON.parse(metadata['config']!) as {
    video_lengths: number[];
    actions: string[];
    n_frames: number;
    blocked_videos: number[];
  };
  const get = (name: string) => floatValues(tensors.get(name)!);
  const factor = get('input.factor');
  const resolution = get('input.resolution');
  const image = get('input.joint3d_image');
  const label = get('input.label_normalised');
  const predictions = get('input.pred_normalised');
  const clipFrames = Array.from(tensors.get('input.clips')!.data as BigInt64Array, Number);
  const actions = config.video_lengths.flatMap((length, video) =>
    Array<string | null>(length).fill(config.blocked_videos.includes(video) ? null : config.actions[video]!),
  );
  const T = config.n_frames;
  const clips: JudgedClip[] = [];
  const rawLabels = new Float32Array(predictions.length);
  let denormalised = 0;
  for (let clip = 0; clip * T < clipFrames.length; clip++) {
    const frames = clipFrames.slice(clip * T, (clip + 1) * T);
    const width = resolution[frames[0]! * 2]!;
    const labels = Float32Array.from(frames.flatMap((frame) => [...label.subarray(frame * 51, frame * 51 + 51)]));
    rawLabels.set(labels, clip * T * 51);
    const back = denormalisePoses(labels, width, resolution[frames[0]! * 2 + 1]!);
    denormalised = Math.max(
      denormalised,
      compare(
        '',
        back,
        frames.flatMap((frame) => [...image.subarray(frame * 51, frame * 51 + 51)]),
        { atol: 1 },
      ).worst,
    );
    clips.push({
      frames,
      prediction: toMillimetres(predictions, clip * T * 51, frames, factor, width, true),
      truth: toMillimetres(labels, 0, frames, factor, width, false),
    });
  }
  const result = judgeClips(clips, actions);
  const recorded = JSON.parse(metadata['per_action']!) as Record<string, Recorded>;
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
  return Promise.resolve([
    { name: 'de-normalisation', worst: denormalised, tolerance: 1e-3, ok: denormalised <= 1e-3 },
    compare('P1 per frame', covered(result.frameP1), get('output.frame_p1'), tolerance),
    compare('P2 per frame', covered(result.frameP2), get('output.frame_p2'), tolerance),
    compare(
      'clips per frame',
      result.frameCount,
      Array.from(tensors.get('output.frame_count')!.data as BigInt64Array, Number),
      {},
    ),
    ...Object.entries(recorded).map(([action, want]) => {
      const got = result.actions.get(action);
      return compare(`action ${action}`, got ? flat(got, got.frames) : [], flatRecorded(want), tolerance);
    }),
    compare('total', flat(result.total), flatRecorded(JSON.parse(metadata['total']!) as Recorded), tolerance),
    compare(
      'normalised error ×500',
      [normalisedError(predictions, rawLabels)],
      get('output.seed_mpjpe_x500'),
      tolerance,
    ),
  ]);
}
