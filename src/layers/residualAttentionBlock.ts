// The pre-norm transformer block of CLIP with OpenAI's and open_clip's parameter names.
import type { Parameters } from '../engine/graph/parameters';
import type { Tensor } from '../engine/graph/tensor';
import { gelu, quickGelu } from '../engine/ops/activation';
import { add } from '../engine/ops/arithmetic';
import { layerNorm } from './layerNorm';
import { linear } from './linear';
import { multiheadAttention, type MultiheadAttentionOptions } from './multiheadAttention';

/** x Φ(x) by the error function, or x sigmoid(1.702 x), by which OpenAI's CLIP was trained. */
export type ClipActivation = 'gelu' | 'quick_gelu';

export const clipActivations = { gelu, quick_gelu: quickGelu } as const;

export interface ResidualAttentionBlockOptions extends Omit<MultiheadAttentionOptions, 'memory'> {
  readonly activation: ClipActivation;
}

/** x [N, L, D] → x + Attn(ln_1 x), then + c_proj(act(c_fc(ln_2 x))) with an inner width of 4 D. */
export function residualAttentionBlock(p: Parameters, x: Tensor, options: ResidualAttentionBlockOptions): Tensor {
  const { activation, ...attend } = options;
  const y = add(x, multiheadAttention(p.at('attn'), layerNorm(p.at('ln_1'), x), attend));
  return add(y, clipMlp(p.at('mlp'), layerNorm(p.at('ln_2'), y), activation));
}

/** c_proj(act(c_fc x)) over the last axis, four times as wide inside. */
export function clipMlp(p: Parameters, x: Tensor, activation: ClipActivation): Tensor {
  const width = x.shape.at(-1) ?? 1;
  return linear(p.at('c_proj'), clipActivations[activation](linear(p.at('c_fc'), x, 4 * width)), width);
}
