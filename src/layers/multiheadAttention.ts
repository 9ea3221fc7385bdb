// torch.nn.MultiheadAttention with the batch first, over a place in the parameter tree.
import { defaultInitializer, zeros, type Parameters } from '../engine/graph/parameters';
import type { Tensor } from '../engine/graph/tensor';
import { attention } from '../engine/ops/attention';
import { linear as product } from '../engine/ops/matmul';
import { slice } from '../engine/ops/view';

export interface MultiheadAttentionOptions {
  readonly heads: number;
  /** Keys and values come from here, [N, M, D]; from the queries by default. */
  readonly memory?: Tensor;
  /** Token i sees tokens 0 … i only. */
  readonly causal?: boolean;
  /** Keys count where it is not 0; broadcasts to [N, heads, L, M], or [N, L, M] of one head. */
  readonly mask?: Tensor;
  /** Probability with which an attention weight is dropped; in training only. */
  readonly dropout?: number;
}

/** x [N, L, D] attends; the same shape comes out. Projections `in_proj_weight` (rows q, k, v) and `out_proj`. */
export function multiheadAttention(p: Parameters, x: Tensor, options: MultiheadAttentionOptions): Tensor {
  const { memory, ...rest } = options;
  const width = x.shape[2] ?? 1;
  // Xavier's bound over the fused matrix, as PyTorch starts it.
  const weight = p.weight('in_proj_weight', [3 * width, width], { kind: 'uniform', bound: Math.sqrt(1.5 / width) });
  const bias = p.weight('in_proj_bias', [3 * width], zeros);
  const out = p.at('out_proj');
  const project = (input: Tensor, third: number): Tensor =>
    product(input, slice(weight, 0, third * width, width), slice(bias, 0, third * width, width));
  const mixed = memory
    ? attention(project(x, 0), project(memory, 1), project(memory, 2), rest)
    : attention(product(x, weight, bias), rest);
  return product(
    mixed,
    out.weight('weight', [width, width], defaultInitializer(width)),
    out.weight('bias', [width], zeros),
  );
}
