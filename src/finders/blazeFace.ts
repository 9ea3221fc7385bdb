// What BlazeFace's 256-pixel network says of a picture, as boxes: anchors, scores, and one box for those that overlap.
// Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs" (2019), sections 3 and 4.
import { overlapOf, type Box, type Found } from './found';

export const blazeFaceSide = 256;

/** Cells along a side and anchors at the middle of each, of the two layers that detect. */
const layers = [
  { cells: 16, anchors: 2 },
  { cells: 8, anchors: 6 },
] as const;

/** x, y, width, height and six points of the face. */
const valuesPerAnchor = 16;

/** Boxes that overlap by more are the same face. */
export const sameFace = 0.3;

/**
 * Faces in units of the picture's side, their box from brow to chin.
 * @param scores [16, 16, 2] and [8, 8, 6], before the sigmoid.
 * @param boxes [16, 16, 2 · 16] and [8, 8, 6 · 16], pixels from the middle of the anchor's cell.
 * @param threshold least score of a box that counts.
 */
export function readBlazeFace(
  scores: readonly ArrayLike<number>[],
  boxes: readonly ArrayLike<number>[],
  threshold: number,
): Found[] {
  const found = layers.flatMap(({ cells, anchors }, layer): Found[] => {
    const some: Found[] = [];
    for (let at = 0; at < cells * cells * anchors; at++) {
      const score = 1 / (1 + Math.exp(-scores[layer]![at]!));
      if (score < threshold) continue;
      const cell = Math.floor(at / anchors);
      const value = (i: number): number => boxes[layer]![at * valuesPerAnchor + i]! / blazeFaceSide;
      const [width, height] = [value(2), value(3)];
      const x = ((cell % cells) + 0.5) / cells + value(0) - width / 2;
      const y = (Math.floor(cell / cells) + 0.5) / cells + value(1) - height / 2;
      if (width > 0 && height > 0) some.push({ box: { x, y, width, height }, score });
    }
    return some;
  });
  return blended(found, sameFace);
}

/**
 * One box for all that overlap the best of them: their mean weighted by score, which flickers less from frame to frame
 * than the best alone (section 4 of the paper). The best first.
 */
export function blended(found: readonly Found[], overlap: number): Found[] {
  const left = [...found].sort((a, b) => b.score - a.score);
  const result: Found[] = [];
  for (let best = left.shift(); best !== undefined; best = left.shift()) {
    const { box } = best;
    const same = [best];
    for (let i = left.length - 1; i >= 0; i--)
      if (overlapOf(box, left[i]!.box) > overlap) same.push(...left.splice(i, 1));
    const weight = same.reduce((sum, { score }) => sum + score, 0);
    const mean = (of: (one: Box) => number): number =>
      same.reduce((sum, one) => sum + one.score * of(one.box), 0) / weight;
    result.push({
      box: { x: mean(({ x }) => x), y: mean(({ y }) => y), width: mean((b) => b.width), height: mean((b) => b.height) },
      score: best.score,
    });
  }
  return result;
}
