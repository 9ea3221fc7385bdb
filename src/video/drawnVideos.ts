// Videos that a demo draws, encoded as the files that a person might drop.
import type { DataFile } from '../formats/dataFile';
import type { Progress } from '../formats/progress';
import type { EncodeOptions } from './encodeVideo';

/** As `encodeVideo`. */
export type EncodeVideo = (options: EncodeOptions) => Promise<Blob>;

export interface MovingPicture {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly framesPerSecond: number;
  /** Writes red, green, blue and 255 of a frame into `pixels` [height, width, 4]. */
  readonly draw: (frame: number, pixels: Uint8ClampedArray<ArrayBuffer>) => void;
}

export interface DrawnVideo extends MovingPicture {
  /** Without an extension, which the encoder decides. */
  readonly path: string;
}

/** Draws and encodes one after the other; passes on what `encode` and `progress` throw. */
export async function drawnVideos(
  encode: EncodeVideo,
  videos: readonly DrawnVideo[],
  progress: Progress,
): Promise<DataFile[]> {
  const files: DataFile[] = [];
  for (const [i, video] of videos.entries()) {
    progress('demo videos', i, videos.length);
    const { path, width, height, framesPerSecond } = video;
    const blob = await encode({ width, height, framesPerSecond, frames: framesOf(video) });
    files.push({ path: `${path}.${blob.type.startsWith('video/webm') ? 'webm' : 'mp4'}`, blob });
  }
  progress('demo videos', videos.length, videos.length);
  return files;
}

/** One after the other, in the same array. */
function* framesOf({ width, height, frames, draw }: MovingPicture): Generator<Uint8ClampedArray<ArrayBuffer>> {
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let frame = 0; frame < frames; frame++) {
    draw(frame, pixels);
    yield pixels;
  }
}
