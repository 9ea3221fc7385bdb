// Region features of earlier batches as more negatives: two queues that the newest entries push forward.
//
// He et al. 2020, arXiv:1911.05722, section 3.2, with the encoder itself in place of a slow copy; names of the seed.
import type { Parameters } from '../../engine/graph/parameters';
import { zeros } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import {
  abs,
  add,
  greater,
  greaterEqual,
  maximum,
  minimum,
  multiply,
  stopGradient,
  subtract,
} from '../../engine/ops/arithmetic';
import { cumulativeSum } from '../../engine/ops/cumulativeSum';
import { matmul } from '../../engine/ops/matmul';
import { sum } from '../../engine/ops/reduce';
import { reshape, transpose } from '../../engine/ops/view';
import type { ContrastBank } from '../../losses/contrastive';

export interface BankConfig {
  /** Pairs that it holds. */
  readonly entries: number;
  /** Batches that go by before it is read. */
  readonly warmUp: number;
}

export const bankConfig: BankConfig = { entries: 128, warmUp: 200 };

/** Pairs of a batch, [regions, features] of length 1 twice, and which of them count, [regions]. */
export interface BankPairs {
  readonly regions: Tensor;
  readonly regionCaptions: Tensor;
  readonly regionValid: Tensor;
}

interface State {
  readonly images: Tensor;
  readonly texts: Tensor;
  readonly place: Tensor;
  readonly full: Tensor;
  readonly batches: Tensor;
}

/** Queues are [features, entries], as the seed saves them; counts are one number each. */
function stateOf(p: Parameters, features: number, { entries }: BankConfig): State {
  const queue = (name: string): Tensor => p.buffer(name, [features, entries], zeros);
  const number = (name: string): Tensor => p.buffer(name, [1], zeros);
  return {
    images: queue('region_image_queue'),
    texts: queue('region_text_queue'),
    place: number('queue_ptr'),
    full: number('queue_is_full'),
    batches: number('training_steps'),
  };
}

/** The numbers 0 … n − 1. */
function numbers(like: Tensor, count: number): Tensor {
  return like.node.graph.constant(
    Float32Array.from({ length: count }, (_, k) => k),
    [count],
  );
}

/** What earlier batches left, for a batch's loss; nothing of it counts before the warm-up is over. */
export function memoryBank(p: Parameters, features: number, config: BankConfig = bankConfig): ContrastBank {
  const { images, texts, place, full, batches } = stateOf(p, features, config);
  const written = maximum(greater(place, numbers(place, config.entries)), full);
  return {
    images: transpose(images, 0, 1),
    texts: transpose(texts, 0, 1),
    filled: multiply(written, greaterEqual(batches, config.warmUp)),
  };
}

/** After the batch its pairs take the places of the oldest ones. */
export function pushIntoBank(p: Parameters, pairs: BankPairs, config: BankConfig = bankConfig): void {
  const { entries } = config;
  const [regions = 1, features = 1] = pairs.regions.shape;
  const state = stateOf(p, features, config);
  const valid = pairs.regionValid;
  const count = reshape(sum(valid), [1]);
  const end = add(state.place, count);
  /** Where a pair goes: behind the ones that count before it, and from the start again past the end. */
  const running = add(state.place, subtract(cumulativeSum(valid, 0), valid));
  const places = subtract(running, multiply(greaterEqual(running, entries), entries));
  /** [regions, entries], 1 where a pair goes to a place. */
  const apart = abs(subtract(reshape(places, [regions, 1]), numbers(valid, entries)));
  const goes = multiply(greater(0.5, apart), reshape(valid, [regions, 1]));
  const stays = subtract(1, minimum(sum(goes, [0], true), 1));
  const pushed = (queue: Tensor, rows: Tensor): Tensor =>
    add(multiply(queue, stays), matmul(transpose(stopGradient(rows), 0, 1), goes));
  p.update('region_image_queue', pushed(state.images, pairs.regions));
  p.update('region_text_queue', pushed(state.texts, pairs.regionCaptions));
  p.update('queue_is_full', maximum(state.full, greaterEqual(end, entries)));
  p.update('queue_ptr', subtract(end, multiply(greaterEqual(end, entries), entries)));
  p.update('training_steps', add(state.batches, 1));
}
