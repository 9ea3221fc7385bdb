// A few recordings as skeletons to look at before anything runs: one body each, as the first camera sees it.
import type { DataSample } from '../../annotations/dataReport';
import { sampledPlaces } from '../../annotations/labelSet';
import { limbs } from '../../figure/limbs';
import { videosOfAllCameras } from './poseVideos';
import type { PoseSequence } from './sequences';
import { JOINTS } from '../../figure/skeleton';

const still = { sigma: 0, outliers: 0 };
/** Of the picture's side, around the body. */
const margin = 0.1;

/** Six recordings with the body of their middle frame, the same each time. */
export function poseSamples(sequences: readonly PoseSequence[]): DataSample[] {
  return sampledPlaces(sequences.map(({ name }) => name)).map((place) => {
    const { name: path, action: label, split } = sequences[place]!;
    return { path, label, split, strokes: strokesOf(middlePose(sequences[place]!)) };
  });
}

/** Image coordinates of the middle frame's joints, [17, 3]. */
function middlePose(sequence: PoseSequence): Float32Array {
  const width = JOINTS * 3;
  const at = Math.floor(sequence.frames / 2) * width;
  if (sequence.kind === 'video') return sequence.label.subarray(at, at + width);
  const one = { ...sequence, frames: 1, world: sequence.world.subarray(at, at + width) };
  return videosOfAllCameras([one], still)[0]!.label;
}

/** Bones in a picture whose sides are 1, of which the body fills the larger. */
function strokesOf(pose: Float32Array): NonNullable<DataSample['strokes']> {
  const xs = Array.from({ length: JOINTS }, (_, i) => pose[i * 3]!);
  const ys = Array.from({ length: JOINTS }, (_, i) => pose[i * 3 + 1]!);
  const middle = (values: readonly number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  const extent = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  const scale = (1 - 2 * margin) / Math.max(extent(xs), extent(ys), 1e-6);
  const [centreX, centreY] = [middle(xs), middle(ys)];
  const x = (joint: number) => 0.5 + (xs[joint]! - centreX) * scale;
  const y = (joint: number) => 0.5 + (ys[joint]! - centreY) * scale;
  return limbs.map(({ from, to }) => ({ x0: x(from), y0: y(from), x1: x(to), y1: y(to) }));
}
