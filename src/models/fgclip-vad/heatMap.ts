// Where in a frame the anomaly is: a map over patches, and the box around what stands out of it.
import type { Corners } from '../../metrics/judgedBoxes';

/** The frame's score times that of each place, [rows · columns]. */
export function heatMap(frameScore: number, places: ArrayLike<number>): Float32Array {
  return Float32Array.from(places, (one) => frameScore * one);
}

/** Smallest and largest value, to be printed beside a legend: barely trained towers give flat maps. */
export function heatRange(heat: ArrayLike<number>): readonly [least: number, most: number] {
  let [least, most] = [Infinity, -Infinity];
  for (let k = 0; k < heat.length; k++) {
    least = Math.min(least, heat[k]!);
    most = Math.max(most, heat[k]!);
  }
  return [least, most];
}

/** The smallest box, in shares of the frame, around all places with at least half of the largest value. */
export function hottestBox(heat: ArrayLike<number>, rows: number, columns: number): Corners {
  const [, most] = heatRange(heat);
  const box: [number, number, number, number] = [columns, rows, 0, 0];
  for (let k = 0; k < rows * columns; k++) {
    if (heat[k]! < most / 2) continue;
    const [x, y] = [k % columns, Math.floor(k / columns)];
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x + 1);
    box[3] = Math.max(box[3], y + 1);
  }
  return [box[0] / columns, box[1] / rows, box[2] / columns, box[3] / rows];
}
