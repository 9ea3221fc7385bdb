// What the anomaly detector learns from: videos against their captions, regions against theirs.
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { add, minimum, multiply } from '../../engine/ops/arithmetic';
import { clipContrastive, hardNegativeContrastive, type ContrastBank } from '../../losses/contrastive';
import { logitScale } from './model';

/** Logarithm of 100: CLIP lets a video's similarity grow no steeper. At it the scale still learns downwards. */
const LARGEST_SCALE = 4.6052;

/** Features of length 1, row i of one belonging to row i of the other, [pairs, features] both. */
export interface VideoPairs {
  readonly videos: Tensor;
  readonly captions: Tensor;
  /** Which of them count, [pairs]; all by default. */
  readonly valid?: Tensor;
}

export interface RegionPairs {
  readonly regions: Tensor;
  readonly captions: Tensor;
  readonly valid: Tensor;
  readonly bank?: ContrastBank;
}

/** A loss with its parts as they count in it. */
export interface Losses {
  readonly total: Tensor;
  readonly parts: ReadonlyMap<string, Tensor>;
}

/** Videos and regions, each against all captions of their kind; what is null is left out. */
export function videoLoss(
  p: Parameters,
  videos: VideoPairs | null,
  regions: RegionPairs | null,
  weights: { readonly global: number; readonly region: number },
): Losses {
  return p.graph.fullPrecision(() => {
    const parts = new Map<string, Tensor>();
    if (videos) {
      const scale = minimum(logitScale(p, 'logit_scale'), LARGEST_SCALE);
      const { valid } = videos;
      const loss = clipContrastive(videos.videos, videos.captions, scale, { ...(valid && { valid }) });
      parts.set('global', weighted(loss, weights.global));
    }
    if (regions) {
      const { valid, bank } = regions;
      const loss = clipContrastive(regions.regions, regions.captions, logitScale(p, 'logit_scale_finegraind'), {
        valid,
        ...(bank && { bank }),
      });
      parts.set('region', weighted(loss, weights.region));
    }
    return { total: [...parts.values()].reduce((a, b) => add(a, b)), parts };
  });
}

/** Times what it counts; 1 leaves it as it is. */
export function weighted(loss: Tensor, weight: number): Tensor {
  return weight === 1 ? loss : multiply(loss, weight);
}

export interface ImagePairs {
  /** [images, features] each. */
  readonly images: Tensor;
  readonly longTexts: Tensor;
  readonly shortTexts: Tensor;
  /** [regions, features] twice and [regions]. */
  readonly regions: Tensor;
  readonly regionTexts: Tensor;
  readonly regionValid: Tensor;
  /** The right text and then wrong ones that are much like it, [regions, texts, features]. */
  readonly hardTexts: Tensor;
}

/** FG-CLIP's second stage: Xie et al. 2025, arXiv:2505.05071, equation 7. */
export function imageLoss(p: Parameters, pairs: ImagePairs): Losses & { readonly hardLogits: Tensor } {
  const { images, regions, regionValid: valid } = pairs;
  return p.graph.fullPrecision(() => {
    const scale = logitScale(p, 'logit_scale');
    const fine = logitScale(p, 'logit_scale_finegraind');
    const hard = hardNegativeContrastive(regions, pairs.hardTexts, logitScale(p, 'logit_scale_hardneg'), valid);
    const parts = new Map([
      ['long', clipContrastive(images, pairs.longTexts, scale)],
      ['short', clipContrastive(images, pairs.shortTexts, scale)],
      ['region', clipContrastive(regions, pairs.regionTexts, fine, { valid })],
      ['hard', hard.loss],
    ]);
    const weights: Readonly<Record<string, number>> = { long: 1, short: 1, region: 0.1, hard: 0.5 };
    const total = [...parts].map(([name, one]) => multiply(one, weights[name]!)).reduce((a, b) => add(a, b));
    return { total, parts, hardLogits: hard.logits };
  });
}
