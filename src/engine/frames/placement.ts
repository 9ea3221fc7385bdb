// Which part of an upright picture becomes the output, and the tables that read it from the frame as it was coded.
import { chained, mirrorOutput, mirrorSource, resampleTable, type ResampleTable } from './resampleTable';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

/** Quarter turns clockwise, in degrees. */
export type Turn = 0 | 90 | 180 | 270;

/** First crop, then resize, then window, then flip, then turn; all in pixels of the upright picture with square pixels. */
export interface Placement {
  /** What the whole picture is resized to before all that, where a recipe resizes twice; `crop` is in its pixels then. */
  readonly via?: Size;
  /** What is resized; nothing outside it counts. */
  readonly crop: Rect;
  /** What the crop is resized to. */
  readonly resized: Size;
  /** Which part of that is the output. */
  readonly window: Rect;
  readonly antialias: boolean;
  /** Mirrored left to right. */
  readonly flip: boolean;
  /** Turned clockwise after that, which exchanges width and height at a quarter. Flipped and turned by 180: top to bottom. */
  readonly turn?: Turn;
}

/** How a coded frame lies: turned clockwise by `rotation`, then mirrored, it is upright. */
export interface CodedFrame {
  /** Upright size with square pixels. */
  readonly upright: Size;
  readonly rotation: Turn;
  readonly mirrored: boolean;
}

/** The whole picture, stretched. */
export function stretched(upright: Size, output: Size): Placement {
  return {
    crop: { x: 0, y: 0, ...upright },
    resized: output,
    window: { x: 0, y: 0, ...output },
    antialias: true,
    flip: false,
  };
}

/** The short side resized to `shortSide`, then the middle of it. torchvision's Resize and CenterCrop. */
export function centred(upright: Size, shortSide: number, output: Size): Placement {
  const short = Math.min(upright.width, upright.height);
  const sideOf = (length: number) => (length === short ? shortSide : Math.trunc((shortSide * length) / short));
  const resized = { width: sideOf(upright.width), height: sideOf(upright.height) };
  const window = {
    x: roundHalfToEven((resized.width - output.width) / 2),
    y: roundHalfToEven((resized.height - output.height) / 2),
    ...output,
  };
  return { ...stretched(upright, output), resized, window };
}

/** One plane of a coded frame: its size, and where its first sample lies, in samples right of the usual place. */
export interface PlaneShape extends Size {
  readonly sitedLeft?: number;
}

/** Tables along the frame's own axes. `transposed`: outputs of `across` run down the output. */
export interface FrameTables {
  readonly across: ResampleTable;
  readonly down: ResampleTable;
  readonly transposed: boolean;
}

/** Tables for one plane of a frame. */
export function frameTables(placement: Placement, frame: CodedFrame, plane: PlaneShape): FrameTables {
  const { turn = 0, flip } = placement;
  const sideways = frame.rotation % 180 !== 0;
  const [acrossUpright, downUpright] = sideways ? (['y', 'x'] as const) : (['x', 'y'] as const);
  // Turned by 90 degrees, the upright x axis runs up the coded frame; by 180 both run backwards; by 270 the y axis does.
  const backwards = {
    x: (frame.rotation === 90 || frame.rotation === 180) !== frame.mirrored,
    y: frame.rotation === 180 || frame.rotation === 270,
  };
  const outputBackwards = { x: (turn === 180 || turn === 270) !== flip, y: turn === 90 || turn === 180 };
  const along = (axis: 'x' | 'y', source: number, sitedLeft: number) => {
    const side = axis === 'x' ? 'width' : 'height';
    const { via, crop, antialias } = placement;
    // Sited left, the plane's samples lie so much further left: positions on it are that much larger.
    const shift = backwards[axis] ? -sitedLeft : sitedLeft;
    const output = { resized: placement.resized[side], first: placement.window[axis], length: placement.window[side] };
    const place = (pixels: number, ratio: number, by: number): ResampleTable => {
      const from = crop[axis] * ratio + by;
      return resampleTable({ source: pixels, from, to: from + crop[side] * ratio, ...output, antialias });
    };
    const whole = (pixels: number): ResampleTable =>
      resampleTable({ source, from: shift, to: source + shift, resized: pixels, first: 0, length: pixels, antialias });
    const table = via
      ? chained(whole(via[side]), place(via[side], 1, 0), source)
      : place(source, source / frame.upright[side], shift);
    const read = backwards[axis] ? mirrorSource(table, source) : table;
    return outputBackwards[axis] ? mirrorOutput(read) : read;
  };
  return {
    across: along(acrossUpright, plane.width, plane.sitedLeft ?? 0),
    down: along(downUpright, plane.height, 0),
    transposed: sideways !== (turn % 180 !== 0),
  };
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
