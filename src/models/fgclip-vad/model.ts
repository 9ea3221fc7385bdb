// FG-CLIP over videos: features of frames, videos, regions and texts, each in the space where they are compared.
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { linear as product } from '../../engine/ops/matmul';
import { reshape } from '../../engine/ops/view';
import { normalize } from '../../layers/normalize';
import type { FgclipConfig } from './config';
import { temporal, type TemporalOutput } from './temporal';
import { textTower } from './textTower';
import { visionTower, type VisionOutput } from './visionTower';

/** Projections without bias into the common space. */
type Projection = 'visual_projection' | 'roi_projection' | 'text_projection' | 'text_filip_projection';

/** x [..., width] → [..., features]. */
export function intoCommonSpace(p: Parameters, name: Projection, x: Tensor, features: number): Tensor {
  const width = x.shape.at(-1) ?? 1;
  return product(x, p.at(name).weight('weight', [features, width], { kind: 'normal', deviation: width ** -0.5 }));
}

export interface FrameFeatures extends VisionOutput {
  /** Of the whole frame in the common space, [frames, features]; of any length. */
  readonly embedding: Tensor;
}

/** frames [N, 3, side, side], in whatever chunks they come: none knows of another. */
export function frameFeatures(
  p: Parameters,
  frames: Tensor,
  config: FgclipConfig,
  options: { readonly dense: boolean },
): FrameFeatures {
  const seen = visionTower(p.at('vision_model'), frames, config.vision, options);
  return { ...seen, embedding: intoCommonSpace(p, 'visual_projection', seen.whole, config.features) };
}

/** videos [V, T, 3, side, side] as a whole: frames by themselves, then over time. */
export function videoFeatures(
  p: Parameters,
  videos: Tensor,
  config: FgclipConfig,
  options: { readonly mask?: Tensor; readonly training: boolean; readonly dense: boolean },
): TemporalOutput & { readonly seen: FrameFeatures } {
  const [count = 1, length = 1, ...picture] = videos.shape;
  const seen = frameFeatures(p, reshape(videos, [count * length, ...picture]), config, options);
  const embedded = reshape(seen.embedding, [count, length, config.features]);
  return { seen, ...temporal(p, embedded, config.temporal, options) };
}

/**
 * Of regions from features of patches, [..., width] → [..., features] of length 1; by the projection of whole frames
 * where no region was learned.
 */
export function regionFeatures(
  p: Parameters,
  found: Tensor,
  config: FgclipConfig,
  projection: 'roi_projection' | 'visual_projection' = 'roi_projection',
): Tensor {
  return p.graph.fullPrecision(() => normalize(intoCommonSpace(p, projection, found, config.features)));
}

/** tokens u32 [texts, length] → [texts, features] of length 1; long texts have a projection of their own. */
export function textFeatures(p: Parameters, tokens: Tensor, config: FgclipConfig, kind: 'short' | 'long'): Tensor {
  const said = textTower(p.at('text_model'), tokens, config.text, kind);
  const projection = kind === 'short' ? 'text_projection' : 'text_filip_projection';
  return p.graph.fullPrecision(() => normalize(intoCommonSpace(p, projection, said, config.features)));
}

/** Logarithm of 1 / 0.07, where CLIP starts. */
const FIRST_SCALE = 2.6593;

/** A logarithm of an inverse temperature, a trained scalar. */
export function logitScale(
  p: Parameters,
  name: 'logit_scale' | 'logit_scale_finegraind' | 'logit_scale_hardneg',
): Tensor {
  return p.weight(name, [], { kind: 'constant', value: FIRST_SCALE });
}
