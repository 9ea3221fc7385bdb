// What the detector learns from: a focal loss on all points, DIoU on those that shall find an action (spec section 4).
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { add, divide, maximum, multiply, minimum, multiplyAdd, subtract } from '../../engine/ops/arithmetic';
import { sum } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/view';
import { sigmoidFocalLoss } from '../../losses/binaryCrossEntropy';
import { distanceIou, segmentsAround } from '../../losses/iou';
import type { DetectorOutput } from './model';

/** What points shall say: `classes` [B, points, classes] of 0 and 1, `distances` [B, points, 2] in strides. */
export interface TargetTensors {
  readonly classes: Tensor;
  readonly distances: Tensor;
}

const START = 100;
const MOMENTUM = 0.9;

/**
 * Both losses over the running mean of how many points are positive, which this batch moves first. `p` is the place of
 * that mean, `rpn_head.loss_normalizer` of the state_dict.
 */
export function detectionLoss(
  p: Parameters,
  { logits, distances, mask }: DetectorOutput,
  targets: TargetTensors,
): { total: Tensor; parts: ReadonlyMap<string, Tensor> } {
  return p.graph.fullPrecision(() => {
    const named = minimum(sum(targets.classes, [2]), 1);
    const positive = multiply(named, mask);
    const before = p.buffer('loss_normalizer', [], { kind: 'constant', value: START });
    const normalizer = multiplyAdd(before, MOMENTUM, multiply(maximum(sum(positive), 1), 1 - MOMENTUM));
    p.update('loss_normalizer', normalizer);
    const focal = sigmoidFocalLoss(logits, targets.classes, { alpha: 0.25, gamma: 2, reduction: 'none' });
    const classLoss = divide(sum(multiply(focal, reshape(mask, [...mask.shape, 1]))), normalizer);
    const overlap = distanceIou(segmentsAround(distances), segmentsAround(targets.distances));
    const segmentLoss = divide(sum(multiply(subtract(1, overlap), positive)), normalizer);
    return {
      total: add(classLoss, segmentLoss),
      parts: new Map([
        ['class', classLoss],
        ['segment', segmentLoss],
      ]),
    };
  });
}
