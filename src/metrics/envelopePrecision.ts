// Average precision as detection measures it: the area under the precision that is at least reached from a recall on.

/**
 * @param hits of detections in falling order of their scores: true for one that found a truth.
 * @param truths how many there are to be found; with none the result is 0.
 * @returns Σ Δrecall · (largest precision from this recall on), as PASCAL VOC 2010 and ActivityNet define it.
 */
export function envelopePrecision(hits: readonly boolean[], truths: number): number {
  const precisions = new Float64Array(hits.length);
  let found = 0;
  for (let i = 0; i < hits.length; i++) {
    if (hits[i]) found++;
    precisions[i] = found / (i + 1);
  }
  let area = 0;
  let best = 0;
  for (let i = hits.length - 1; i >= 0; i--) {
    best = Math.max(best, precisions[i]!);
    if (hits[i]) area += best / truths;
  }
  return area;
}
