// Draws decoded frames as they are to be held.
import type { VideoFacts } from './videoFile';

/** Draws a frame upright, with square pixels, over a picture of the facts' size. */
export function drawUpright(
  context: OffscreenCanvasRenderingContext2D,
  frame: VideoFrame,
  { width, height, orientation }: Pick<VideoFacts, 'width' | 'height' | 'orientation'>,
): void {
  const { rotation, mirrored } = orientation;
  context.translate(width / 2, height / 2);
  if (mirrored) context.scale(-1, 1);
  context.rotate((rotation * Math.PI) / 180);
  const [across, down] = rotation % 180 === 0 ? [width, height] : [height, width];
  context.drawImage(frame, -across / 2, -down / 2, across, down);
}
