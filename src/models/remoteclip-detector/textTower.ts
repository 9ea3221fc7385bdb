// CLIP's text tower: a causal transformer whose row at the end token stands for the text.
//
// Radford et al. 2021, arXiv:2103.00020, section 2.4; parameter names of OpenAI and open_clip.
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { add } from '../../engine/ops/arithmetic';
import { embedding } from '../../engine/ops/gather';
import { matmul } from '../../engine/ops/matmul';
import { slice } from '../../engine/ops/view';
import { endOfText } from '../../layers/endOfText';
import { layerNorm } from '../../layers/layerNorm';
import { residualAttentionBlock } from '../../layers/residualAttentionBlock';
import type { TextTowerConfig } from './config';

/**
 * tokens u32 [texts, length] → what the texts say, [texts, features]; of any length. Sequences may be cut behind the longest
 * text: no token sees a later one.
 */
export function textTower(p: Parameters, tokens: Tensor, config: TextTowerConfig, features: number): Tensor {
  const { width, layers, heads, vocabulary, length, activation } = config;
  const table = p.at('token_embedding').weight('weight', [vocabulary, width], { kind: 'normal', deviation: 0.02 });
  const positions = p.weight('positional_embedding', [length, width], { kind: 'normal', deviation: 0.01 });
  let x = add(embedding(table, tokens), slice(positions, 0, 0, tokens.shape[1] ?? length));
  for (let k = 0; k < layers; k++) {
    const place = p.at('transformer').at('resblocks').at(k);
    x = residualAttentionBlock(place, x, { heads, activation, causal: true });
  }
  const projection = p.weight('text_projection', [width, features], { kind: 'normal', deviation: width ** -0.5 });
  return matmul(endOfText(layerNorm(p.at('ln_final'), x), tokens, vocabulary - 1), projection);
}
