// What the anomaly detector learns from: videos against their captions, regions against theirs.
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { add, minimum, multiply } from '../../engine/ops/arithmetic';
import { clipContrastive, hardNegativeContrastive, type ContrastBank } from '../../losses/contrastive';
import { logitScale } from './model';

/** Logarithm of 100: CLIP lets a video's similarity grow no steeper. At it the scale still learns downwards. */
const LARGEST_SCALE = 4.6052;

export interface VideoPairs {
  /** [videos, features] of length 1, both. */
  readonly videos: Tensor;
  readonly captions: Tensor;
  /** Regions with their captions and which of them count, [regions, features] twice and [regions]. */
  readonly regions: Tensor;
  readonly regionCaptions: Tensor;
  readonly regionValid: Tensor;
  readonly bank?: ContrastBank;
}

interface Losses {
  readonly total: Tensor;
  readonly parts: ReadonlyMap<string, Tensor>;
}

/** Videos and regions, each against all captions of their kind in the batch. */
export function videoLoss(p: Parameters, pairs: VideoPairs, regionWeight: number): Losses {
  return p.graph.fullPrecision(() => {
    const scale = minimum(logitScale(p, 'logit_scale'), LARGEST_SCALE);
    const whole = clipContrastive(pairs.videos, pairs.captions, scale);
    const region = clipContrastive(pairs.regions, pairs.regionCaptions, logitScale(p, 'logit_scale_finegraind'), {
      valid: pairs.regionValid,
      ...(pairs.bank && { bank: pairs.bank }),
    });
    const parts = new Map([
      ['global', whole],
      ['region', region],
    ]);
    return { total: add(whole, multiply(region, regionWeight)), parts };
  });
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
