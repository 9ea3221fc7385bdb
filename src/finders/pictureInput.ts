// Parts of decoded frames as a network's input: drawn upright, resized, red, green and blue as floats.
import { invariant } from '../errors';
import { drawUpright } from '../video/drawUpright';
import type { VideoFacts } from '../video/videoFile';
import type { Box } from './found';

/** A square of the upright picture, in its pixels; what lies beside the picture is black. */
export interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** The smallest square that holds a box, with its middle. */
export function squareAround({ x, y, width, height }: Box, scale = 1): Square {
  const side = Math.max(width, height) * scale;
  return { x: x + (width - side) / 2, y: y + (height - side) / 2, side };
}

/** A box in units of the square, in pixels of the picture. */
export function fromSquare({ x, y, side }: Square, box: Box): Box {
  return { x: x + box.x * side, y: y + box.y * side, width: box.width * side, height: box.height * side };
}

/** Draws parts of frames of one video; one canvas for all of them. */
export class PictureInput {
  readonly #facts: Pick<VideoFacts, 'width' | 'height' | 'orientation'>;
  readonly #side: number;
  readonly #context: OffscreenCanvasRenderingContext2D;

  constructor(facts: Pick<VideoFacts, 'width' | 'height' | 'orientation'>, side: number) {
    this.#facts = facts;
    this.#side = side;
    const context = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true });
    invariant(context, 'a canvas of a worker draws');
    this.#context = context;
  }

  /** [side, side, 3] of 0..255 · `scale` + `shift`. */
  read(frame: VideoFrame, { x, y, side }: Square, scale: number, shift: number): Float32Array<ArrayBuffer> {
    const context = this.#context;
    const pixels = this.#side / side;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#side, this.#side);
    context.imageSmoothingQuality = 'high';
    context.setTransform(pixels, 0, 0, pixels, -x * pixels, -y * pixels);
    drawUpright(context, frame, this.#facts);
    const { data } = context.getImageData(0, 0, this.#side, this.#side);
    const values = new Float32Array(this.#side * this.#side * 3);
    for (let from = 0, to = 0; from < data.length; from += 4) {
      values[to++] = data[from]! * scale + shift;
      values[to++] = data[from + 1]! * scale + shift;
      values[to++] = data[from + 2]! * scale + shift;
    }
    return values;
  }
}
