// Which clips make up which batch: a function of (seed, epoch) alone, so that a resumed run rebuilds the same order.
import { invariant } from '../errors';
import { CounterRandom, streams } from './random';

/**
 * Batches per epoch. The last batch is dropped where it would be smaller than the others (a compiled step has
 * one batch size; shuffling gives every clip its turn). Fewer clips than one batch make one batch an epoch.
 */
export function batchesPerEpoch(clips: number, batch: number): number {
  return Math.max(1, Math.floor(clips / batch));
}

/** The clips of one epoch in the order in which they are taken; `epoch` counts from 1. */
export function epochOrder(clips: number, seed: number, epoch: number): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length: clips }, (_, i) => i);
  const random = new CounterRandom(seed, streams.order, epoch);
  for (let last = clips - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    const swapped = order[last]!;
    order[last] = order[other]!;
    order[other] = swapped;
  }
  return order;
}

/** Clips of the batch at `position` (from 0); goes round the order again when there are fewer clips than `batch`. */
export function batchClips(order: Uint32Array, batch: number, position: number): number[] {
  invariant(order.length > 0, 'no clips to sample from');
  return Array.from({ length: batch }, (_, i) => order[(position * batch + i) % order.length]!);
}
