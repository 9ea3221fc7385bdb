// Moving pictures that are shown over and over on a canvas: each is computed once, when its turn comes.
import type { MovingPicture } from './drawnVideos';

/** Fills the place that it is given; give it one of the pictures' shape. */
export function pictureScene({ width: columns, height: rows, frames, framesPerSecond, draw }: MovingPicture) {
  const drawn = new Map<number, ImageData>();
  const pictureOf = (frame: number): ImageData => {
    const known = drawn.get(frame);
    if (known) return known;
    const picture = new ImageData(columns, rows);
    draw(frame, picture.data);
    drawn.set(frame, picture);
    return picture;
  };
  const canvas = new OffscreenCanvas(columns, rows);
  return {
    frames,
    framesPerSecond,
    draw: (frame: number) => (context: CanvasRenderingContext2D, width: number, height: number) => {
      canvas.getContext('2d')!.putImageData(pictureOf(frame), 0, 0);
      context.drawImage(canvas, 0, 0, width, height);
    },
  };
}
