// From what the network says to boxes in a picture's own pixels: scores, suppression within a class, the best ones.
import { byFallingScore, cornersIou, type Corners, type FoundBox } from '../../metrics/judgedBoxes';
import { nms } from '../../metrics/nms';
import type { Predictions } from './matching';

export interface ResultOptions {
  /** Candidates have more than this. */
  readonly minScore: number;
  /** Of two boxes of a class that overlap more, the better one stays. */
  readonly iouThreshold: number;
  /** Boxes of a picture. */
  readonly most: number;
}

/** Of a picture, after suppression; COCO counts as many. */
export const MOST_BOXES = 100;

export const resultOptions: ResultOptions = { minScore: 0.05, iouThreshold: 0.7, most: MOST_BOXES };

/** Boxes of one picture of the batch, best first; a query may stand for several classes. `size` in pixels. */
export function foundBoxes(
  { logits, boxes, queries, classes }: Predictions,
  picture: number,
  size: { readonly width: number; readonly height: number },
  { minScore, iouThreshold, most }: ResultOptions = resultOptions,
): FoundBox[] {
  const byClass = Array.from({ length: classes }, (): FoundBox[] => []);
  for (let query = 0; query < queries; query++) {
    const at = picture * queries + query;
    const row = Array.from({ length: classes + 1 }, (_, c) => logits[at * (classes + 1) + c]!);
    const largest = Math.max(...row);
    const total = row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
    const box = cornersOf(boxes, at, size);
    for (let category = 0; category < classes; category++) {
      const score = Math.exp(row[category]! - largest) / total;
      if (score > minScore) byClass[category]!.push({ box, category, score });
    }
  }
  return suppressed(byClass.flat(), iouThreshold).slice(0, most);
}

/** Best first; of two boxes of a class that overlap more than the threshold, the better one. */
export function suppressed(found: readonly FoundBox[], iouThreshold: number): FoundBox[] {
  const categories = [...new Set(found.map(({ category }) => category))].sort((a, b) => a - b);
  const kept = categories.flatMap((category) => {
    const own = found.filter((one) => one.category === category);
    const scores = own.map(({ score }) => score);
    return nms(scores, (i, j) => cornersIou(own[i]!.box, own[j]!.box), iouThreshold).map((k) => own[k]!);
  });
  return byFallingScore(kept);
}

/** Centre and size in shares → corners in pixels, within the picture. */
function cornersOf(
  boxes: ArrayLike<number>,
  at: number,
  { width, height }: { readonly width: number; readonly height: number },
): Corners {
  const [x, y, w, h] = [boxes[at * 4]!, boxes[at * 4 + 1]!, boxes[at * 4 + 2]!, boxes[at * 4 + 3]!];
  const inside = (share: number, most: number): number => Math.min(most, Math.max(0, share * most));
  return [inside(x - w / 2, width), inside(y - h / 2, height), inside(x + w / 2, width), inside(y + h / 2, height)];
}
