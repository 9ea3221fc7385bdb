// What a clip classifier is made of: its network, its temporal shift, its pooling and what of it stays frozen.
import type { Architecture } from './architecture';
import type { ShiftPlacement } from './places';

/** How the frames of a clip become one logit (spec section 3). */
export type Pooling = 'mean' | 'max' | 'learned' | 'logit';

export interface MntsmConfig {
  readonly architecture: Architecture;
  /** Frames of a clip. */
  readonly segments: number;
  readonly shift: {
    readonly placement: ShiftPlacement;
    /** One channel in so many looks each way. */
    readonly foldDivisor: number;
    /** Which frame the first of the shifted channels take; the past one upstream, the future one in the paper. */
    readonly first: 'past' | 'future';
    /** What a clip's end frames see beyond it: themselves upstream, zeros in the paper. */
    readonly edges: 'replicate' | 'zeros';
  };
  readonly pooling: Pooling;
  /** Before the classifier, in training only. */
  readonly dropout: number;
  /** The first `layers` batch normalisations keep their running statistics, their weight and bias, or both. */
  readonly frozenNorms: { readonly layers: number; readonly what: 'statistics' | 'affine' | 'both' };
  /** Range of the classifier's first weights: ±1/√features, or timm's ±1/√classes, which gives logits of order 10. */
  readonly headStart: 'linear' | 'timm';
}
