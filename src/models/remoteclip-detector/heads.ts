// From a query to a class and a box: the heads that queries of either kind share.
import type { Initializer } from '../../engine/graph/graph';
import { defaultInitializer, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { relu } from '../../engine/ops/activation';
import { multiply } from '../../engine/ops/arithmetic';
import { dropout } from '../../engine/ops/dropout';
import { linear as product, matmul } from '../../engine/ops/matmul';
import { transpose } from '../../engine/ops/view';
import { linear } from '../../layers/linear';
import { normalize } from '../../layers/normalize';
import type { DetectorConfig } from './config';

/** What a set of queries says of each picture. */
export interface Candidates {
  /** [pictures, queries, 4] as centre and size, shares of the picture. */
  readonly boxes: Tensor;
  /** [pictures, queries, classes + 1], the background last. */
  readonly logits: Tensor;
}

interface ClassHeadOptions {
  readonly config: DetectorConfig;
  /** Dropout; 0 outside training. */
  readonly rate: number;
  /** [pictures, classes + 1, features], of length 1. */
  readonly known: Tensor;
}

/** Logits [pictures, queries, classes + 1] of queries [pictures, queries, width], and what they are compared by. */
export function classify(
  p: Parameters,
  queries: Tensor,
  { config: { decoder, temperature }, rate, known }: ClassHeadOptions,
): { logits: Tensor; localFeatures: Tensor } {
  const inner = dropout(relu(linear(p.at(0), queries, decoder.classInner)), rate);
  const localFeatures = normalize(linear(p.at(3), inner, known.shape[2] ?? 1));
  return {
    logits: multiply(matmul(localFeatures, transpose(known, 1, 2)), 1 / temperature),
    localFeatures,
  };
}

/** Four numbers of each query: a box before the sigmoid, or what is added to one; `start` of the last weights. */
export function boxNumbers(p: Parameters, queries: Tensor, start?: Initializer): Tensor {
  const width = queries.shape[2] ?? 1;
  const last = p.at(4);
  const inner = relu(linear(p.at(2), relu(linear(p.at(0), queries, width)), width));
  return product(
    inner,
    last.weight('weight', [4, width], start ?? defaultInitializer(width)),
    last.weight('bias', [4], start ?? defaultInitializer(width)),
  );
}
