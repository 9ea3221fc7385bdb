// What of the picture a video's clips see: one crop for all frames or one for each, windows over it, and what is kept.
import type { Placement, Rect, Size } from '../engine/frames/placement';
import type { FrameLook } from './videoStore';

/** In pixels of the upright picture; a list has one for each frame of the video. */
export type Crops = Rect | readonly Rect[];

export type KeptLook = Pick<FrameLook, 'size' | 'margin' | 'detail'>;

/** The same done to every crop. */
export function eachCrop(crops: Crops, change: (crop: Rect) => Rect): Crops {
  return 'width' in crops ? change(crops) : crops.map(change);
}

/** A window of `size` pixels over the crop, in pixels of the picture. */
export function partOf(crop: Rect, size: Size, { x, y, width, height }: Rect): Rect {
  const across = crop.width / size.width;
  const down = crop.height / size.height;
  return { x: crop.x + x * across, y: crop.y + y * down, width: width * across, height: height * down };
}

/** The size with its margins. */
export function around({ size, margin = 0 }: KeptLook): Size {
  return { width: size.width + 2 * margin, height: size.height + 2 * margin };
}

/** The crops and what is kept around them. */
export function withMargin(crops: Crops, look: KeptLook): Crops {
  const { size, margin = 0 } = look;
  return eachCrop(crops, (crop) => partOf(crop, size, { x: -margin, y: -margin, ...around(look) }));
}

export function keptSize(look: KeptLook): Size {
  const { detail = 1 } = look;
  const { width, height } = around(look);
  return { width: Math.round(width * detail), height: Math.round(height * detail) };
}

/** The crop of each frame stretched to the size; frames that share a crop share the placement. */
export function wholly(crops: Crops, size: Size): (frame: number) => Placement {
  const placed = (crop: Rect): Placement => ({
    ...{ crop, resized: size, antialias: true, flip: false },
    window: { x: 0, y: 0, ...size },
  });
  if (!('width' in crops)) return (frame) => placed(crops[frame]!);
  const shared = placed(crops);
  return () => shared;
}
