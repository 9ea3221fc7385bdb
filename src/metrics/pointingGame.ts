// Whether the brightest place of a heat map lies in the box that it should point at: Zhang et al. 2016, arXiv:1608.00507.
import type { Corners } from './judgedBoxes';

export interface PointedFrame {
  /** [rows, columns], row-major. */
  readonly heat: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
  /** In shares of the frame; one of them has to be hit. */
  readonly boxes: readonly Corners[];
}

/** Whether the centre of the largest cell (of equal ones the first) lies in a box or on its edge. */
export function pointsAtBox({ heat, rows, columns, boxes }: PointedFrame): boolean {
  let best = 0;
  for (let k = 1; k < rows * columns; k++) if (heat[k]! > heat[best]!) best = k;
  const x = ((best % columns) + 0.5) / columns;
  const y = (Math.floor(best / columns) + 0.5) / rows;
  return boxes.some(([x1, y1, x2, y2]) => x >= x1 && x <= x2 && y >= y1 && y <= y2);
}

/** Share of frames that point at a box; null where no frame has one. */
export function pointingGame(frames: readonly PointedFrame[]): number | null {
  const judged = frames.filter(({ boxes }) => boxes.length > 0);
  return judged.length === 0 ? null : judged.filter(pointsAtBox).length / judged.length;
}
