// Non-maximum suppression: of detections that overlap, the best one stays; or the others lose score, softly.
//
// Detections whose score is no number (NaN) are left out. n² overlaps; how to measure one is the caller's business.

/** Intersection over union of detections i and j. */
export type Overlap = (i: number, j: number) => number;

/** Places of all scores that are numbers. */
function scored(scores: ArrayLike<number>): number[] {
  return Array.from({ length: scores.length }, (_, k) => k).filter((k) => !Number.isNaN(scores[k]));
}

/**
 * Places of the detections that stay, best first and equal ones in their order. One is dropped when its overlap with
 * a better one that stays is above `iouThreshold`; as torchvision.ops.nms.
 */
export function nms(scores: ArrayLike<number>, overlap: Overlap, iouThreshold: number): number[] {
  const kept: number[] = [];
  for (const k of scored(scores).sort((a, b) => scores[b]! - scores[a]! || a - b)) {
    if (!kept.some((better) => overlap(better, k) > iouThreshold)) kept.push(k);
  }
  return kept;
}

export interface SoftNmsOptions {
  /** Width of the Gaussian: the smaller, the more an overlap costs. */
  readonly sigma: number;
  /** Ends when the best score left is below this. */
  readonly minScore: number;
  /** Ends when so many are taken; no limit by default. */
  readonly most?: number;
}

/**
 * Gaussian soft-NMS: the best detection is taken, every other score multiplied by exp(−overlap² / sigma), and so on:
 * Bodla et al. 2017, arXiv:1704.04503, equation 3. Returns places and lowered scores in the order taken. Of equal
 * scores the one is taken that stands first, where taking swaps it with the first one left, as mmcv's soft_nms does.
 */
export function softNms(
  scores: ArrayLike<number>,
  overlap: Overlap,
  { sigma, minScore, most = Infinity }: SoftNmsOptions,
): { indices: number[]; scores: number[] } {
  const order = scored(scores);
  const lowered = Array.from(scores);
  for (let taken = 0; taken < order.length; taken++) {
    let best = taken;
    for (let k = taken + 1; k < order.length; k++) {
      if (lowered[order[k]!]! > lowered[order[best]!]!) best = k;
    }
    const winner = order[best]!;
    if (lowered[winner]! < minScore || taken >= most) {
      order.length = taken;
      break;
    }
    order[best] = order[taken]!;
    order[taken] = winner;
    for (let k = taken + 1; k < order.length; k++) {
      const shared = overlap(winner, order[k]!);
      if (shared > 0) lowered[order[k]!]! *= Math.exp(-(shared ** 2) / sigma);
    }
  }
  return { indices: order, scores: order.map((k) => lowered[k]!) };
}
