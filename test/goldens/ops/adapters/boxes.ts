// Overlaps of boxes and segments on the GPU, and the suppression of overlapping detections on the page's side.
import { subtract } from '../../../../src/engine/ops/arithmetic';
import { reshape } from '../../../../src/engine/ops/view';
import type { Tensor } from '../../../../src/engine/graph/tensor';
import { xyxyToCxcywh } from '../../../../src/losses/boxConvert';
import { completeIou, distanceIou, generalizedIou, iou, segmentsAround } from '../../../../src/losses/iou';
import { boxIou } from '../../../../src/metrics/boxIou';
import { nms, softNms, type Overlap } from '../../../../src/metrics/nms';
import { arg, numberOf, ofX, type Adapter, type Adapters, type HostAdapters } from '../adapter';

type Measure = (a: Tensor, b: Tensor, epsilon: number) => Tensor;

/** An adapter for a measure of the arguments a and b with the recorded epsilon. */
function ofBoxes(measure: Measure): Adapter {
  return (call) => measure(arg(call, 'a'), arg(call, 'b'), numberOf(call, 'eps'));
}

/** An adapter for the loss of segments given as distances from a common point. */
function ofOffsets(measure: Measure): Adapter {
  return ofBoxes((a, b, epsilon) => subtract(1, measure(segmentsAround(a), segmentsAround(b), epsilon)));
}

export const boxAdapters: Adapters = {
  iou_2d: ofBoxes(iou),
  giou_2d: ofBoxes(generalizedIou),
  diou_2d: ofBoxes(distanceIou),
  ciou_2d: ofBoxes(completeIou),
  box_iou_pairwise: (call) => iou(reshape(arg(call, 'a'), [-1, 1, 4]), arg(call, 'b')),
  iou_1d: ofBoxes(iou),
  giou_1d: ofBoxes(generalizedIou),
  diou_1d: ofBoxes(distanceIou),
  centre_offset_giou_loss_1d: ofOffsets(generalizedIou),
  centre_offset_diou_loss_1d: ofOffsets(distanceIou),
  box_convert: ofX(xyxyToCxcywh),
};

function overlapOf(boxes: ArrayLike<number>, axes: 1 | 2): Overlap {
  return (i, j) => boxIou(boxes, i, boxes, j, axes);
}

export const boxHostAdapters: HostAdapters = {
  nms_2d: ({ boxes, scores }, attrs) => ({ y: nms(scores!, overlapOf(boxes!, 2), attrs['iou_threshold'] as number) }),
  nms_1d: ({ segments, scores }, attrs) => ({
    y: nms(scores!, overlapOf(segments!, 1), attrs['iou_threshold'] as number),
  }),
  soft_nms_1d_gaussian({ segments, scores }, attrs) {
    const options = { sigma: attrs['sigma'] as number, minScore: attrs['min_score'] as number };
    return { ...softNms(scores!, overlapOf(segments!, 1), options) };
  },
};
