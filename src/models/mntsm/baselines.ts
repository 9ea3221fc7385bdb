// What a useful classifier must beat: chance, and logistic regression on six hand-made numbers.
import { fitLogistic } from '../../metrics/logisticRegression';
import { areaUnderRoc, rocCurve } from '../../metrics/rocCurve';
import type { Progress } from '../../formats/progress';
import type { Still } from '../../frames/videoStore';
import type { OpenedFace } from './faceVideos';
import { handMadeFeatures } from './handMade';

/** Side of the pictures, pairs of frames per video, and at most so many videos of each side of the split. */
const side = 160;
const pairsEach = 6;
const mostVideos = 200;

/** Video AUC on the held-out videos, by name. */
export async function faceBaselines(
  training: readonly OpenedFace[],
  held: readonly OpenedFace[],
  progress: Progress,
): Promise<Record<string, number>> {
  const [known, unknown] = [spread(training), spread(held)];
  const total = known.length + unknown.length;
  let done = 0;
  const featuresOf = async (faces: readonly OpenedFace[]): Promise<Float64Array[]> => {
    const rows: Float64Array[] = [];
    for (const face of faces) {
      rows.push(await featuresOfVideo(face));
      progress('baselines', ++done, total);
    }
    return rows;
  };
  const rule = fitLogistic(
    await featuresOf(known),
    known.map(({ manipulated }) => manipulated),
  );
  const rows = await featuresOf(unknown);
  const judged = rows.map((row, i) => ({ score: rule(row), positive: unknown[i]!.manipulated }));
  return { chance: 0.5, handMade: areaUnderRoc(rocCurve(judged)) ?? NaN };
}

/** At most `mostVideos` of them, evenly spread. */
function spread(faces: readonly OpenedFace[]): OpenedFace[] {
  const count = Math.min(mostVideos, faces.length);
  return Array.from({ length: count }, (_, i) => faces[Math.floor((i * faces.length) / count)]!);
}

async function featuresOfVideo({ video }: OpenedFace): Promise<Float64Array> {
  const frames = video.times.length;
  const grey = async (frame: number): Promise<Float32Array> =>
    greyOf(await video.still(frame, { width: side, height: side }));
  const pairs: [Float32Array, Float32Array][] = [];
  for (let k = 0; k < Math.min(pairsEach, Math.max(1, frames - 1)); k++) {
    const first = Math.floor((k * Math.max(1, frames - 1)) / pairsEach);
    pairs.push([await grey(first), await grey(Math.min(first + 1, frames - 1))]);
  }
  return handMadeFeatures({ side, pairs });
}

/** Luma of BT.601, [height, width] in 0..255. */
function greyOf({ pixels }: Still): Float32Array {
  return Float32Array.from(
    { length: pixels.length / 4 },
    (_, i) => 0.299 * pixels[4 * i]! + 0.587 * pixels[4 * i + 1]! + 0.114 * pixels[4 * i + 2]!,
  );
}
