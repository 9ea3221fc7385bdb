// Inside the browser: makes videos for check:try, of a shape that wanders.
import { encodeVideo } from '../src/video/encodeVideo';

export interface WantedVideo {
  readonly side: number;
  readonly framesPerSecond: number;
  readonly seconds: number;
}

/** The file in base64. */
export async function makeVideo({ side, framesPerSecond, seconds }: WantedVideo): Promise<string> {
  const context = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true })!;
  function* frames(): Generator<Uint8ClampedArray<ArrayBuffer>> {
    for (let frame = 0; frame < seconds * framesPerSecond; frame++) {
      context.fillStyle = '#456';
      context.fillRect(0, 0, side, side);
      context.fillStyle = '#fb8';
      const [x, y] = [Math.sin(frame / 17), Math.cos(frame / 11)].map((one) => side * (0.4 + 0.3 * one));
      context.fillRect(x!, y!, side / 5, side / 5);
      yield context.getImageData(0, 0, side, side).data;
    }
  }
  const blob = await encodeVideo({ width: side, height: side, framesPerSecond, frames: frames() });
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}
