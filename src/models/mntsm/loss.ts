// What the clip classifier learns from: binary cross-entropy, focal or not, with the classes' balance (spec section 4).
import type { Tensor } from '../../engine/graph/tensor';
import { multiply } from '../../engine/ops/arithmetic';
import { mean } from '../../engine/ops/mean';
import { sigmoidFocalLoss } from '../../losses/binaryCrossEntropy';

export interface ClipLossOptions {
  /** How much less clips count that are already right; 0 is plain cross-entropy. */
  readonly gamma: number;
  /** Factor on each clip's loss, [clips]: 1, or `balancingWeight` for manipulated ones. */
  readonly weight: Tensor;
}

/** Mean over the clips, at full precision. logit and label [clips], label 1 for manipulated. */
export function clipLoss(logit: Tensor, label: Tensor, { gamma, weight }: ClipLossOptions): Tensor {
  return logit.node.graph.fullPrecision(() =>
    mean(multiply(weight, sigmoidFocalLoss(logit, label, { alpha: -1, gamma, reduction: 'none' }))),
  );
}

/**
 * Factor on the manipulated clips' loss that evens out the classes of the training clips: the ratio of their numbers,
 * or its square root as upstream. 1 where a class is absent.
 */
export function balancingWeight(real: number, manipulated: number, rule: 'ratio' | 'squareRoot'): number {
  if (real === 0 || manipulated === 0) return 1;
  return rule === 'ratio' ? real / manipulated : Math.sqrt(real / manipulated);
}
