// Recorded geometry of poses of any size: flip, normalisation, limb lengths, angles, clip splitting.
import { clipFrames, trainingStarts } from '../../../src/figure/motionClips';
import { normalisePoses } from '../../../src/figure/projection';
import { boneAngles, flipPoses, limbLengths } from '../../../src/figure/skeleton';
import { equalLists, type GoldenResult } from '../../helpers/golden';
import type { Recording } from '../../helpers/recording';

/** Flip, normalisation, limb lengths, angles and clip splitting of metrics.safetensors. */
export function skeletonCases(file: Recording): readonly GoldenResult[] {
  // The file's absolute tolerance is for millimetres: these are in units of 1.
  const { rtol } = file.json<{ output: { rtol: number } }>('tolerance').output;
  const tolerance = { rtol, atol: 1e-7 };
  const y = file.given('input.y')!;
  const resolution = file.given('input.resolution')!;
  const normalised = (name: string, channels: 2 | 3) => {
    const poses = file.given(name)!;
    return Array.from({ length: resolution.length / 2 }, (_, i) => {
      const frame = poses.subarray(i * 17 * channels, (i + 1) * 17 * channels);
      return [...normalisePoses(frame, channels, resolution[i * 2]!, resolution[i * 2 + 1]!)];
    }).flat();
  };
  return [
    file.compare('output.flip_data', flipPoses(y, 3), { atol: 0 }),
    file.compare('output.limb_lens', limbLengths(y), tolerance),
    file.compare('output.angles', boneAngles(y), tolerance),
    file.compare('output.normalized_2d', normalised('input.pixels', 2), tolerance),
    file.compare('output.normalized_3d', normalised('input.joint3d_image', 3), tolerance),
    ...(file.has('output.crop_scale') ? [file.compare('output.crop_scale', croppedToBox(file), tolerance)] : []),
    ...splitCases(file.json<RecordedSplit[]>('clip_splits')),
  ];
}

/** Upstream's crop to the square around a clip's poses: our normalisation, with that square for the picture. */
function croppedToBox(file: Recording): number[] {
  const poses = file.given('input.joint3d_image')!;
  const of = (axis: number) => poses.filter((_, i) => i % 3 === axis);
  const [low, high] = [Math.min, Math.max].map((pick) => [pick(...of(0)), pick(...of(1))] as const);
  const side = Math.max(high![0] - low![0], high![1] - low![1]);
  const corner = [0, 1].map((axis) => (low![axis]! + high![axis]! - side) / 2);
  const shifted = poses.map((value, i) => value - (corner[i % 3] ?? 0));
  // Channel 2 is a confidence of 1 there.
  return Array.from(normalisePoses(shifted, 3, side, side), (value, i) => (i % 3 === 2 ? 1 : value));
}

interface RecordedSplit {
  readonly video_lengths: readonly number[];
  readonly n_frames: number;
  readonly stride: number;
  readonly clips: readonly (readonly number[])[];
}

/** Stretched clips are random upstream: there only length, order and range are compared. */
function splitCases(splits: readonly RecordedSplit[]): GoldenResult[] {
  return splits.map(({ video_lengths: lengths, n_frames: frames, stride, clips }, k) => {
    const [got, want]: [unknown[], unknown[]] = [[], []];
    let [first, clip] = [0, 0];
    for (const length of lengths) {
      for (const start of trainingStarts(length, frames, stride)) {
        const ours = [...clipFrames(start, length, frames)].map((frame) => frame + first);
        const theirs = clips[clip++] ?? [];
        const stretched = theirs.length > 2;
        const rising = ours.every((frame, i) => i === 0 || frame >= ours[i - 1]!);
        got.push([ours[0], ours.at(-1), ours.length, rising]);
        want.push([...(stretched ? [first, first + length - 1, theirs.length] : [theirs[0], theirs[1], frames]), true]);
      }
      first += length;
    }
    return equalLists(`clip split ${k}`, [...got, clip], [...want, clips.length]);
  });
}
