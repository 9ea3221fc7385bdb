// Training crops that grow, shrink and move a little, over frames that were cropped and resized already.
import type { Rect, Size } from './placement';

/**
 * Pixels around a crop of `side` pixels that jittered windows may reach into: half of what they grow by, as far as the
 * picture goes, of which the crop is the middle `share`.
 */
export function windowMargin(side: number, share: number, jitter: number): number {
  return Math.floor((side * Math.min(jitter, 1 / share - 1)) / 2);
}

/**
 * A window over a crop of `size`, in its pixels from its corner on: by up to the share `jitter` larger or smaller than
 * the crop, anywhere between the margins, with the crop's aspect. `random` gives numbers in [0, 1).
 */
export function drawWindow({ width, height }: Size, margin: number, jitter: number, random: () => number): Rect {
  const largest = 1 + (2 * margin) / Math.max(width, height);
  const scale = Math.min(1 + jitter * (2 * random() - 1), largest);
  const along = (side: number): number => random() * (side * (1 - scale) + 2 * margin) - margin;
  return { x: along(width), y: along(height), width: width * scale, height: height * scale };
}
