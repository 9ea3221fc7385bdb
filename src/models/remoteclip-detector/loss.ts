// What the detector learns from: pictures against class texts (stage A), and matched queries against boxes (stage B).
import type { Tensor } from '../../engine/graph/tensor';
import { softplus } from '../../engine/ops/activation';
import { abs, add, divide, maximum, multiply, subtract } from '../../engine/ops/arithmetic';
import { oneHot } from '../../engine/ops/gather';
import { linear as product } from '../../engine/ops/matmul';
import { sum } from '../../engine/ops/reduce';
import { reshape, slice } from '../../engine/ops/view';
import { normalize } from '../../layers/normalize';
import { cxcywhToXyxy } from '../../losses/boxConvert';
import { crossEntropy } from '../../losses/crossEntropy';
import { generalizedIou } from '../../losses/iou';
import type { Candidates } from './heads';

/** Cosines over the temperature of pictures [N, features] and texts [C, features] of any length, [N, C]. */
export function classLogits(pictures: Tensor, texts: Tensor, temperature: number): Tensor {
  return multiply(product(normalize(pictures), normalize(texts)), 1 / temperature);
}

/** Queries that a target was assigned to. */
export interface Assigned {
  /** Class of each query's target, u32 [pictures, queries]; the number of classes where it has none. */
  readonly classes: Tensor;
  /** Its target as centre and size, [pictures, queries, 4]; anything where it has none. */
  readonly boxes: Tensor;
}

export interface LossWeights {
  readonly l1: number;
  readonly giou: number;
  readonly contrast: number;
  readonly crossEntropy: number;
  /** What a query without a target counts for in the cross-entropy. */
  readonly background: number;
}

export const lossWeights: LossWeights = { l1: 5, giou: 2, contrast: 1, crossEntropy: 1, background: 0.1 };

/** A mean over nothing is 0. */
const meanOver = (total: Tensor, count: Tensor): Tensor => divide(total, maximum(count, 1));

/** The sum of the losses and each of them; without any target only the cross-entropy is left. */
export function detectionLoss(
  { boxes, logits }: Candidates,
  assigned: Assigned,
  weights: LossWeights = lossWeights,
): { total: Tensor; parts: ReadonlyMap<string, Tensor> } {
  const { graph } = logits.node;
  return graph.fullPrecision(() => {
    const [pictures = 1, queries = 1, classes = 1] = logits.shape;
    const background = classes - 1;
    /** [pictures, queries, classes]: 1 at the class of a target, nothing of the background. */
    const target = oneHot(assigned.classes, background);
    const matched = sum(target, [2]);
    const pairs = sum(matched);
    const apart = multiply(sum(abs(subtract(boxes, assigned.boxes)), [2]), matched);
    const overlap = generalizedIou(cxcywhToXyxy(boxes), cxcywhToXyxy(assigned.boxes), 1e-6);
    const known = slice(logits, 2, 0, background);
    const scene = reshape(slice(logits, 2, background, 1), [pictures, queries]);
    /** −log of the class against the whole scene, the negative that every picture brings along. */
    const contrast = multiply(softplus(subtract(scene, sum(multiply(known, target), [2]))), matched);
    const classWeights = Float32Array.from({ length: classes }, (_, c) => (c === background ? weights.background : 1));
    const parts = new Map([
      ['l1', meanOver(sum(apart), pairs)],
      ['giou', meanOver(sum(multiply(subtract(1, overlap), matched)), pairs)],
      ['contrast', multiply(sum(meanOver(sum(contrast, [1]), sum(matched, [1]))), 1 / pictures)],
      [
        'crossEntropy',
        crossEntropy(reshape(logits, [-1, classes]), reshape(assigned.classes, [-1]), {
          weight: graph.constant(classWeights, [classes]),
        }),
      ],
    ]);
    const weighted = (['l1', 'giou', 'contrast', 'crossEntropy'] as const).map((name) =>
      multiply(parts.get(name) as Tensor, weights[name]),
    );
    return { total: weighted.reduce((a, b) => add(a, b)), parts };
  });
}
