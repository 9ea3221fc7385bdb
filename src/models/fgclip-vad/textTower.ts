// CLIP's text transformer for short captions and, by two more tables of positions, for long ones.
//
// Radford et al. 2021, arXiv:2103.00020; long texts as Zhang et al. 2024, Long-CLIP, arXiv:2403.15378, and FG-CLIP have
// them; parameter names of Hugging Face's CLIPTextModel.
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { add } from '../../engine/ops/arithmetic';
import { embedding } from '../../engine/ops/gather';
import { concat } from '../../engine/ops/concat';
import { slice } from '../../engine/ops/view';
import { endOfText } from '../../layers/endOfText';
import { layerNorm } from '../../layers/layerNorm';
import type { TextConfig } from './config';
import { encoderLayer } from './encoderLayer';

/** tokens u32 [texts, length] → [texts, width], before the projection that belongs to short or long texts. */
export function textTower(p: Parameters, tokens: Tensor, config: TextConfig, kind: 'short' | 'long'): Tensor {
  const { graph } = p;
  const { width, vocabulary } = config;
  const place = p.at('embeddings');
  const table = place.at('token_embedding').weight('weight', [vocabulary, width], { kind: 'normal', deviation: 0.02 });
  let x = add(embedding(table, tokens), positions(place, tokens.shape[1] ?? 1, config, kind));
  for (let k = 0; k < config.layers; k++) {
    const [layer, input] = [p.at('encoder').at('layers').at(k), x];
    x = graph.recompute(() => graph.scope(layer.path, () => encoderLayer(layer, input, config, true)));
  }
  return layerNorm(p.at('final_layer_norm'), endOfText(x, tokens, vocabulary - 1));
}

/** [length, width]; a long text starts by the one table and goes on by the other. */
function positions(p: Parameters, length: number, config: TextConfig, kind: 'short' | 'long'): Tensor {
  const { width, kept, shortLength, longLength } = config;
  const rows = (name: string, count: number, from: number, to: number): Tensor =>
    slice(p.at(name).weight('weight', [count, width], { kind: 'normal', deviation: 0.02 }), 0, from, to - from);
  if (kind === 'short') return rows('position_embedding', shortLength, 0, length);
  const start = rows('position_embedding_ori', longLength, 0, Math.min(kept, length));
  return length <= kept ? start : concat([start, rows('position_embedding_res', longLength, kept, length)], 0);
}
