// Intersection over union of single boxes or segments, on plain numbers.

/**
 * Overlap of box i of `a` with box j of `b`, in [0, 1]; 0 where neither has an area or a number is missing (NaN).
 * With two axes a box is x1, y1, x2, y2; with one it is start, end. Arrays are flat, [boxes, 2 · axes].
 */
export function boxIou(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, axes: 1 | 2): number {
  let intersection = 1;
  let areaA = 1;
  let areaB = 1;
  for (let axis = 0; axis < axes; axis++) {
    const [lowA, highA] = [a[i * 2 * axes + axis]!, a[(i * 2 + 1) * axes + axis]!];
    const [lowB, highB] = [b[j * 2 * axes + axis]!, b[(j * 2 + 1) * axes + axis]!];
    intersection *= Math.max(0, Math.min(highA, highB) - Math.max(lowA, lowB));
    areaA *= highA - lowA;
    areaB *= highB - lowB;
  }
  const union = areaA + areaB - intersection;
  return union > 0 ? intersection / union : 0;
}
