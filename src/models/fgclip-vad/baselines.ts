// What a useful detector must beat: chance, and the largest change from one frame to the next, which learns nothing.
import type { Progress } from '../../formats/progress';
import type { Still } from '../../frames/videoStore';
import { frameLabels, frameScores, joined, repeated, type JudgedFrames } from '../../metrics/frameScores';
import type { FgclipDataSettings } from './dataSettings';
import { spansWithin } from './judge';
import type { ScoredVideo } from './scoredWindows';

/** Pairs of frames that are looked at, of all videos together. */
const mostPairs = 1500;
/** Changes are averaged over squares of so many pixels of a frame of 96. */
const blurOf = (side: number): number => Math.max(1, Math.round((5 * side) / 96));

/** Frame AUC on the held-out videos by name. */
export async function anomalyBaselines(
  videos: readonly ScoredVideo[],
  { look, sampleEvery }: Pick<FgclipDataSettings, 'look' | 'sampleEvery'>,
  progress: Progress,
): Promise<Record<string, number>> {
  const known = videos.filter(({ item, part }) => part === 'validation' && item.spans !== null);
  const total = known.reduce((sum, { samples }) => sum + samples.length, 0);
  const judged: JudgedFrames[] = [];
  let done = 0;
  for (const { item, samples } of known) {
    const few = Math.max(1, Math.round((samples.length * mostPairs) / Math.max(total, mostPairs)));
    const changes: number[] = [];
    for (let k = 0; k < few; k++) {
      const frame = samples[Math.floor((k * samples.length) / few)]!;
      const next = Math.min(frame + 1, item.video.times.length - 1);
      const [a, b] = [await item.video.still(frame, look.size), await item.video.still(next, look.size)];
      changes.push(largestChange(a, b));
      progress('baselines', ++done, Math.min(total, mostPairs));
    }
    const frames = item.range[1] - item.range[0];
    const each = samples.map((_, k) => changes[Math.floor((k * few) / samples.length)]!);
    judged.push({
      scores: repeated(each, sampleEvery).subarray(0, frames),
      labels: frameLabels(frames, spansWithin(item)),
    });
  }
  return { chance: 0.5, frameDifference: frameScores(joined(judged)).auc ?? NaN };
}

/** Of the blurred difference of two pictures. */
function largestChange(a: Still, b: Still): number {
  const { width, height } = a;
  const change = Float32Array.from({ length: width * height }, (_, i) => grey(a, i) - grey(b, i));
  const reach = Math.floor(blurOf(width) / 2);
  // A running sum along rows, then along columns.
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      sums[(y + 1) * (width + 1) + x + 1] =
        change[y * width + x]! +
        sums[y * (width + 1) + x + 1]! +
        sums[(y + 1) * (width + 1) + x]! -
        sums[y * (width + 1) + x]!;
  let most = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [top, bottom] = [Math.max(0, y - reach), Math.min(height, y + reach + 1)];
      const [left, right] = [Math.max(0, x - reach), Math.min(width, x + reach + 1)];
      const at = (row: number, column: number): number => sums[row * (width + 1) + column]!;
      const sum = at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left);
      most = Math.max(most, Math.abs(sum) / ((bottom - top) * (right - left)));
    }
  return most;
}

/** Luma of BT.601 of one pixel. */
function grey({ pixels }: Still, i: number): number {
  return 0.299 * pixels[4 * i]! + 0.587 * pixels[4 * i + 1]! + 0.114 * pixels[4 * i + 2]!;
}
