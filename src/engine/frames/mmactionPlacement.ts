// Crops of AdaTAD's recipe as mmaction makes them (spec sections 5.2 and 5.3): OpenCV's bilinear, never antialiased.
// https://github.com/open-mmlab/mmaction2/blob/v1.2.0/mmaction/datasets/transforms/processing.py
import type { Placement, Rect, Size } from './placement';

export interface CropRanges {
  /** Of the picture's area. */
  readonly area: readonly [number, number];
  /** Width over height. */
  readonly aspect: readonly [number, number];
}

const defaultRanges: CropRanges = { area: [0.08, 1], aspect: [3 / 4, 4 / 3] };
const attempts = 10;

/** The picture with its short side resized to `shortSide`. */
export function shortSideSize({ width, height }: Size, shortSide: number): Size {
  const scale = shortSide / Math.min(width, height);
  const sideOf = (length: number) => Math.floor(length * scale + 0.5);
  return { width: sideOf(width), height: sideOf(height) };
}

/** For validation: the short side resized to `side`, then a square of it out of the middle. */
export function centreSquare(upright: Size, side: number): Placement {
  const resized = shortSideSize(upright, side);
  return {
    crop: { x: 0, y: 0, ...upright },
    resized,
    window: {
      ...{ x: Math.floor((resized.width - side) / 2), y: Math.floor((resized.height - side) / 2) },
      ...{ width: side, height: side },
    },
    antialias: false,
    flip: false,
  };
}

/**
 * For training: the short side resized to `shortSide`, a random part of that stretched to a square of `side`.
 * @param random gives numbers in [0, 1); clips have one draw for all their frames.
 */
export function randomSquare(
  upright: Size,
  shortSide: number,
  side: number,
  flip: boolean,
  random: () => number,
): Placement {
  const via = shortSideSize(upright, shortSide);
  const output = { width: side, height: side };
  return {
    ...{ via, crop: drawCrop(via, random), resized: output, window: { x: 0, y: 0, ...output } },
    ...{ antialias: false, flip },
  };
}

/** The first of ten drawn rectangles that fits, at a drawn place of whole pixels; the middle square if none does. */
export function drawCrop({ width, height }: Size, random: () => number, ranges: CropRanges = defaultRanges): Rect {
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * random();
  for (let i = 0; i < attempts; i++) {
    const aspect = Math.exp(between([Math.log(ranges.aspect[0]), Math.log(ranges.aspect[1])]));
    const area = between(ranges.area) * width * height;
    const crop = { width: Math.round(Math.sqrt(area * aspect)), height: Math.round(Math.sqrt(area / aspect)) };
    if (crop.width > width || crop.height > height || crop.width === 0 || crop.height === 0) continue;
    const place = (room: number) => Math.floor(random() * (room + 1));
    return { x: place(width - crop.width), y: place(height - crop.height), ...crop };
  }
  const side = Math.min(width, height);
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), width: side, height: side };
}
