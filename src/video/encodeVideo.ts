// Pixels → a video file, by the first codec that this browser can write and read again.
import {
  BufferTarget,
  canEncodeVideo,
  Mp4OutputFormat,
  Output,
  Quality,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
  type VideoCodec,
} from 'mediabunny';
import { Bug, UserError } from '../errors';
import { VideoFile } from './videoFile';

/** Red, green, blue and 255 (which is ignored), row by row. */
export type Pixels = Uint8Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer>;

export interface EncodeOptions {
  /** Even numbers: colour is stored for every second pixel. */
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly frames: Iterable<Pixels> | AsyncIterable<Pixels>;
  /** Hears how many frames are encoded; what it throws ends the work. */
  readonly progress?: (frames: number) => void;
}

/** The best known first; a decoder for each is as old as its encoder. */
const codecs = ['avc', 'vp9', 'vp8', 'av1'] as const satisfies readonly VideoCodec[];
type Codec = (typeof codecs)[number];

/** What videos of a size and rate, of which the quality follows, are written in, so that a demo of many is tried out once. */
const chosen = new Map<string, Codec>();

/** Keeps fine textures, also in small pictures, for which encoders' own levels of quality take too few. */
const BITS_PER_PIXEL = 4;
/** Less asks for a level of H.264 (1b) that Chromium writes and does not read; more than the other no encoder takes. */
const [LEAST_BITS_PER_SECOND, MOST_BITS_PER_SECOND] = [5e5, 4e7];
/** Seconds from one frame that can be jumped to until the next. */
const KEY_FRAME_SECONDS = 1;

/**
 * Encodes at a quality at which fine textures survive. Frame `i` is shown at `i / framesPerSecond`.
 * @throws UserError `video-not-encodable` where the browser has no encoder for such a video.
 */
export async function encodeVideo(options: EncodeOptions): Promise<Blob> {
  const { width, height, framesPerSecond } = options;
  if (width % 2 !== 0 || height % 2 !== 0) throw new Bug(`a video of ${width} x ${height} has odd sides`);
  const wanted = BITS_PER_PIXEL * width * height * framesPerSecond;
  const bitrate = Math.round(Math.min(MOST_BITS_PER_SECOND, Math.max(LEAST_BITS_PER_SECOND, wanted)));
  const quality = new Quality({ bitrate });
  const kind = JSON.stringify([width, height, framesPerSecond]);
  const codec = chosen.get(kind) ?? (await firstThatComesBack(quality, options));
  if (!codec) throw notEncodable(options);
  chosen.set(kind, codec);
  return await encodeWith(codec, quality, options);
}

async function firstThatComesBack(quality: Quality, options: EncodeOptions): Promise<Codec | null> {
  for (const codec of codecs) if (await comesBack(codec, quality, options)) return codec;
  return null;
}

/** Whether the browser writes such a video and can read what it wrote, tried with one black frame. */
async function comesBack(codec: Codec, quality: Quality, options: EncodeOptions): Promise<boolean> {
  const { width, height, framesPerSecond } = options;
  if (!(await canEncodeVideo(codec, { width, height, quality, frameRate: framesPerSecond }))) return false;
  try {
    const black = new Uint8Array(4 * width * height);
    const blob = await encodeWith(codec, quality, { width, height, framesPerSecond, frames: [black] });
    (await VideoFile.open(blob, 'trial'))[Symbol.dispose]();
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

async function encodeWith(codec: Codec, quality: Quality, options: EncodeOptions): Promise<Blob> {
  const { width, height, framesPerSecond, frames, progress } = options;
  const format = codec === 'avc' ? new Mp4OutputFormat() : new WebMOutputFormat();
  const output = new Output({ format, target: new BufferTarget() });
  const source = new VideoSampleSource({ codec, quality, keyFrameInterval: KEY_FRAME_SECONDS });
  output.addVideoTrack(source, { frameRate: framesPerSecond });
  try {
    await output.start();
    let count = 0;
    for await (const pixels of frames) {
      const shown = { timestamp: count / framesPerSecond, duration: 1 / framesPerSecond };
      using sample = new VideoSample(pixels, { format: 'RGBX', codedWidth: width, codedHeight: height, ...shown });
      await source.add(sample);
      count++;
      progress?.(count);
    }
    await output.finalize();
  } catch (error) {
    await output.cancel();
    throw error instanceof DOMException ? notEncodable(options, error) : error;
  }
  return new Blob([output.target.buffer!], { type: format.mimeType });
}

function notEncodable({ width, height }: EncodeOptions, cause?: unknown): UserError {
  const message = `This browser cannot write videos of ${width} x ${height} pixels in any format that is known here. Use a newer Chrome, Edge, Firefox or Safari.`;
  return new UserError('video-not-encodable', message, { width, height }, { cause });
}
