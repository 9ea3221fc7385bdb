// Draws the clips of an epoch with replacement so that every class is equally likely, however rare it is.
import { invariant } from '../errors';
import { CounterRandom, streams } from './random';

/** Cumulative chances of the clips, [clips]: each class has the same share, evenly spread over its clips; the last is 1. */
export function balancedChances(labels: readonly number[]): Float64Array {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const cumulative = new Float64Array(labels.length);
  let sum = 0;
  labels.forEach((label, i) => {
    sum += 1 / counts.get(label)!;
    cumulative[i] = sum;
  });
  return cumulative.map((one) => one / sum);
}

/** The first clip whose cumulative chance is above `u`, which lies in [0, 1). */
export function drawClip(cumulative: Float64Array, u: number): number {
  let [low, high] = [0, cumulative.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > u) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** As many draws as there are clips; takes the place of `epochOrder`. `epoch` counts from 1. */
export function balancedOrder(labels: readonly number[], seed: number, epoch: number): Uint32Array<ArrayBuffer> {
  invariant(labels.length > 0, 'no clips to sample from');
  const cumulative = balancedChances(labels);
  const random = new CounterRandom(seed, streams.order, epoch);
  return Uint32Array.from(labels, () => drawClip(cumulative, random.next()));
}
