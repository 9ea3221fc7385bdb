// Which pictures of a video finders look at, and in which squares of each.
import type { VideoFacts } from '../video/videoFile';
import { squareAround, type Square } from './pictureInput';

/** The first frame, and each that comes at least `seconds` after the last one taken. */
export function spaced(times: Float64Array, seconds: number): number[] {
  const taken: number[] = [];
  let next = -Infinity;
  times.forEach((time, frame) => {
    // Times of frames are rounded: one that comes a little early is taken.
    if (time < next - 1e-3) return;
    taken.push(frame);
    next = time + seconds;
  });
  return taken;
}

/**
 * The picture as a whole, for what fills it, and squares along its long side, for small ones: neighbours share a
 * fifth of their side, so that most of what is small lies whole in one of them.
 */
export function pictureSquares({ width, height }: Pick<VideoFacts, 'width' | 'height'>): Square[] {
  const whole = squareAround({ x: 0, y: 0, width, height });
  const side = Math.min(width, height);
  const rest = Math.max(width, height) - side;
  if (rest < side / 8) return [whole];
  const steps = Math.max(1, Math.ceil(rest / (0.8 * side)));
  const squares = Array.from({ length: steps + 1 }, (_, i): Square => {
    const along = (rest * i) / steps;
    return width > height ? { x: along, y: 0, side } : { x: 0, y: along, side };
  });
  return [whole, ...squares];
}
