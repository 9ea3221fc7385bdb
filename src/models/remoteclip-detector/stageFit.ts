// Where a zoomed picture lies in its stage, and which of its points the pointer is over.
import type { Corners } from '../../metrics/judgedBoxes';
import type { Corner, PictureSize } from '../../ui/corrections/boxEdits';
import type { Fit } from './shownBoxes';

/** `centre` is the middle of what is shown, in shares of the picture. */
export function stageFit(
  picture: PictureSize,
  stage: PictureSize,
  zoom: number,
  centre: { readonly x: number; readonly y: number },
): Fit {
  const scale = Math.min(stage.width / picture.width, stage.height / picture.height) * zoom;
  return {
    scale,
    x: stage.width / 2 - centre.x * picture.width * scale,
    y: stage.height / 2 - centre.y * picture.height * scale,
  };
}

/** From pixels of the stage to pixels of the picture. */
export function pointAt({ scale, x, y }: Fit, across: number, down: number): readonly [number, number] {
  return [(across - x) / scale, (down - y) / scale];
}

/** A corner counts from so many pixels of the stage around it. */
const REACH = 8;

export const corners: readonly Corner[] = [
  { x: 0, y: 1 },
  { x: 2, y: 1 },
  { x: 2, y: 3 },
  { x: 0, y: 3 },
];

/** The corner of a box that lies under a point of the picture; null where none is near. */
export function cornerAt(box: Corners, [x, y]: readonly [number, number], { scale }: Fit): Corner | null {
  const near = corners.find(
    (corner) => Math.abs(box[corner.x] - x) * scale <= REACH && Math.abs(box[corner.y] - y) * scale <= REACH,
  );
  return near ?? null;
}
