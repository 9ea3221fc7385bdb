// Makes small video files inside the page: numbered frames, of which each one's grey level tells its number.
import { BufferTarget, CanvasSource, Mp4OutputFormat, Output, Quality, WebMOutputFormat } from 'mediabunny';

export interface ClipOptions {
  readonly frames: number;
  readonly rate?: number;
  readonly codec?: 'avc' | 'vp8' | 'vp9' | 'av1';
  readonly width?: number;
  readonly height?: number;
  /** Seconds from one key frame to the next. */
  readonly keyFrames?: number;
}

/** Grey level of frame `index`: neighbours differ clearly, and the level repeats only after 20 frames. */
export const levelOf = (index: number) => 10 + 12 * (index % 20);

export async function makeClip(options: ClipOptions): Promise<Blob> {
  const { frames, rate = 25, codec = 'avc', width = 64, height = 48, keyFrames = 1 } = options;
  const format = codec === 'vp8' ? new WebMOutputFormat() : new Mp4OutputFormat();
  const output = new Output({ format, target: new BufferTarget() });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  const quality = new Quality({ bitrate: 4e5 });
  const source = new CanvasSource(canvas, { codec, quality, keyFrameInterval: keyFrames });
  output.addVideoTrack(source, { frameRate: rate });
  await output.start();
  for (let i = 0; i < frames; i++) {
    context.fillStyle = `rgb(${levelOf(i)} ${levelOf(i)} ${levelOf(i)})`;
    context.fillRect(0, 0, width, height);
    await source.add(i / rate, 1 / rate);
  }
  await output.finalize();
  return new Blob([output.target.buffer!]);
}

/** Mean luma of a frame as a level of 0..255. */
export async function levelIn(frame: VideoFrame): Promise<number> {
  const bytes = new Uint8Array(frame.allocationSize({ format: 'RGBA' }));
  await frame.copyTo(bytes, { format: 'RGBA' });
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 4) sum += bytes[i]!;
  return sum / (bytes.length / 4);
}

/** Coloured waves that move, under a fine grey texture: red, green, blue and 255. */
export function waves({ width, height }: { width: number; height: number }, frame: number): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const texture = 20 * Math.sin(x * 1.3 + frame) * Math.sin(y * 1.1);
      const red = 128 + 80 * Math.sin((x + 3 * frame) / 17) + texture;
      const green = 128 + 80 * Math.sin((y - 2 * frame) / 13) + texture;
      const blue = 128 + 80 * Math.cos((x + y) / 19) + texture;
      pixels.set([red, green, blue, 255], 4 * (y * width + x));
    }
  }
  return pixels;
}
