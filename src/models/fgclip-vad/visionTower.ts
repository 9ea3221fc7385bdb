// CLIP's vision transformer: what a frame shows as one feature, and as one for each patch.
//
// Radford et al. 2021, arXiv:2103.00020; parameter names of Hugging Face's CLIPVisionModel, whose `pre_layrnorm` is
// spelt so.
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { add, copy } from '../../engine/ops/arithmetic';
import { linear as product } from '../../engine/ops/matmul';
import { concat } from '../../engine/ops/concat';
import { expand } from '../../engine/ops/reduce';
import { permute, reshape } from '../../engine/ops/view';
import { layerNorm } from '../../layers/layerNorm';
import { gridOf, type VisionConfig } from './config';
import { encoderLayer, lastEncoderLayer } from './encoderLayer';

export interface VisionOutput {
  /** Of the whole frame, [frames, width]. */
  readonly whole: Tensor;
  /** Of each patch, row-major, [frames, patches, width]; null where nobody asked. */
  readonly dense: Tensor | null;
}

/** frames [N, 3, side, side], RGB as CLIP wants it; `dense` asks for the features of patches too. */
export function visionTower(
  p: Parameters,
  frames: Tensor,
  config: VisionConfig,
  { dense }: { readonly dense: boolean },
): VisionOutput {
  const { graph } = p;
  const [count = 1] = frames.shape;
  const layers = p.at('encoder').at('layers');
  let x = layerNorm(p.at('pre_layrnorm'), embedPatches(p.at('embeddings'), frames, config));
  for (let k = 0; k < config.layers - 1; k++) {
    const [place, input] = [layers.at(k), x];
    x = graph.recompute(() => graph.scope(place.path, () => encoderLayer(place, input, config, false)));
  }
  const last = layers.at(config.layers - 1);
  const ends = graph.recompute(() => graph.scope(last.path, () => lastEncoderLayer(last, x, config, dense)));
  const norm = p.at('post_layernorm');
  return {
    whole: reshape(layerNorm(norm, ends.first), [count, config.width]),
    dense: ends.dense && layerNorm(norm, ends.dense),
  };
}

/** The class row and the patches row by row, each with its position, [frames, 1 + patches, width]. */
function embedPatches(p: Parameters, frames: Tensor, config: VisionConfig): Tensor {
  const { width, patch } = config;
  const [count = 1, colours = 3] = frames.shape;
  const grid = gridOf(config);
  const cut = reshape(frames, [count, colours, grid, patch, grid, patch]);
  const patches = copy(reshape(permute(cut, [0, 2, 4, 1, 3, 5]), [count, grid * grid, colours * patch * patch]));
  const kernel = p
    .at('patch_embedding')
    .weight('weight', [width, colours, patch, patch], { kind: 'normal', deviation: 0.02 });
  const rows = product(patches, reshape(kernel, [width, colours * patch * patch]));
  const whole = p.weight('class_embedding', [width], { kind: 'normal', deviation: width ** -0.5 });
  const positions = p
    .at('position_embedding')
    .weight('weight', [1 + grid * grid, width], { kind: 'normal', deviation: 0.02 });
  return add(concat([expand(reshape(whole, [1, 1, width]), [count, 1, width]), rows], 1), positions);
}
