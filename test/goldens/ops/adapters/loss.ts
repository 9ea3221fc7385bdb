// Losses, and the similarities that some of them are made of.
import type { Tensor } from '../../../../src/engine/graph/tensor';
import { logSoftmax } from '../../../../src/engine/ops/softmax';
import { cosineSimilarity, normalize } from '../../../../src/layers/normalize';
import { binaryCrossEntropyWithLogits, sigmoidFocalLoss } from '../../../../src/losses/binaryCrossEntropy';
import { clipContrastive, sigmoidContrastive } from '../../../../src/losses/contrastive';
import { crossEntropy } from '../../../../src/losses/crossEntropy';
import { klDivergence } from '../../../../src/losses/klDivergence';
import { marginRankingLoss, tripletMarginLoss } from '../../../../src/losses/ranking';
import type { Reduction } from '../../../../src/losses/reduction';
import { huberLoss, l1Loss, mseLoss, smoothL1Loss } from '../../../../src/losses/regression';
import { arg, numberOf, type Adapter, type Adapters, type OpCall } from '../adapter';

const reductionOf = ({ attrs }: OpCall): Reduction => attrs['reduction'] as Reduction;

/** An adapter for a loss of x against a target. */
function ofTarget(loss: (x: Tensor, target: Tensor, reduction: Reduction, call: OpCall) => Tensor): Adapter {
  return (call) => loss(arg(call, 'x'), arg(call, 'target'), reductionOf(call), call);
}

const crossEntropyCase = ofTarget((x, target, reduction, { inputs: { weight }, attrs }) => {
  const { label_smoothing: labelSmoothing, ignore_index: ignoreIndex } = attrs;
  return crossEntropy(x, target, {
    reduction,
    ...(weight && { weight }),
    ...(typeof labelSmoothing === 'number' && { labelSmoothing }),
    ...(typeof ignoreIndex === 'number' && { ignoreIndex }),
  });
});

export const lossAdapters: Adapters = {
  cross_entropy: crossEntropyCase,
  cross_entropy_soft: crossEntropyCase,
  bce_with_logits: ofTarget((x, target, reduction, { inputs: { pos_weight: positiveWeight } }) =>
    binaryCrossEntropyWithLogits(x, target, { reduction, ...(positiveWeight && { positiveWeight }) }),
  ),
  sigmoid_focal_loss: ofTarget((x, target, reduction, call) =>
    sigmoidFocalLoss(x, target, { alpha: numberOf(call, 'alpha'), gamma: numberOf(call, 'gamma'), reduction }),
  ),
  smooth_l1: ofTarget((x, target, reduction, call) =>
    smoothL1Loss(x, target, { beta: numberOf(call, 'beta'), reduction }),
  ),
  huber: ofTarget((x, target, reduction, call) => huberLoss(x, target, { delta: numberOf(call, 'delta'), reduction })),
  l1: ofTarget(l1Loss),
  mse: ofTarget(mseLoss),
  // The recorded x are logits.
  kl_div: ofTarget((x, target) => klDivergence(logSoftmax(x), target)),
  cosine_similarity: (call) =>
    cosineSimilarity(arg(call, 'a'), arg(call, 'b'), numberOf(call, 'axis'), numberOf(call, 'eps')),
  normalize: (call) => normalize(arg(call, 'x'), numberOf(call, 'axis'), numberOf(call, 'eps')),
  clip_contrastive: (call) => clipContrastive(arg(call, 'image'), arg(call, 'text'), arg(call, 'logit_scale')),
  sigmoid_contrastive: (call) =>
    sigmoidContrastive(arg(call, 'image'), arg(call, 'text'), arg(call, 'logit_scale'), arg(call, 'bias')),
  triplet_margin: (call) =>
    tripletMarginLoss(arg(call, 'a'), arg(call, 'p'), arg(call, 'n'), {
      margin: numberOf(call, 'margin'),
      reduction: reductionOf(call),
    }),
  margin_ranking: (call) => marginRankingLoss(arg(call, 'a'), arg(call, 'b'), { margin: 1 }),
};
