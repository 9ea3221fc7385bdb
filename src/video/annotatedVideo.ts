// A video written anew with something drawn on every frame: its own frame times, its own sound, copied where a container takes it.
import {
  BufferTarget,
  canEncodeVideo,
  CanvasSource,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  MkvOutputFormat,
  Mp4OutputFormat,
  Output,
  Quality,
  WebMOutputFormat,
  type AudioCodec,
  type InputAudioTrack,
  type OutputFormat,
  type VideoCodec,
} from 'mediabunny';
import { UserError } from '../errors';
import { decodeFrames, type DecodedFrame } from './decodeFrames';
import { drawUpright } from './drawUpright';
import type { VideoFacts, VideoFile } from './videoFile';

export interface AnnotateOptions {
  /** Draws over a frame; the picture fills the context's canvas, in pixels of the upright picture. */
  readonly draw: (context: OffscreenCanvasRenderingContext2D, frame: Pick<DecodedFrame, 'index' | 'seconds'>) => void;
  readonly signal: AbortSignal;
  /** Hears how many frames are written. */
  readonly progress: (frames: number) => void;
  readonly onProblem?: (problem: UserError) => void;
}

export interface AnnotatedVideo {
  readonly blob: Blob;
  /** With its dot. */
  readonly extension: string;
  /** What became of the sound; `none` where the source has none. */
  readonly sound: 'copied' | 'none';
}

/** Enough that lines and labels stay sharp. */
const BITS_PER_PIXEL = 0.25;
const LEAST_BITS_PER_SECOND = 1e6;
const KEY_FRAME_SECONDS = 2;

/** The most players open the first ones; Matroska takes every sound. */
const containers = [
  { make: () => new Mp4OutputFormat(), codecs: ['avc', 'vp9', 'av1'] },
  { make: () => new WebMOutputFormat(), codecs: ['vp9', 'vp8', 'av1'] },
  { make: () => new MkvOutputFormat(), codecs: ['avc', 'vp9', 'vp8', 'av1'] },
] as const satisfies readonly { make: () => OutputFormat; codecs: readonly VideoCodec[] }[];

/**
 * Frames are shown at the times of the source, or so much later that the first one is not before 0; a frame that the file
 * lost is missing here too.
 * @throws UserError `video-not-encodable` where the browser writes no such video; the signal's reason; as `decodeFrames`.
 */
export async function annotateVideo(video: VideoFile, options: AnnotateOptions): Promise<AnnotatedVideo> {
  const { facts, index } = video;
  const { signal, progress, draw, onProblem } = options;
  const size = { width: even(facts.width), height: even(facts.height) };
  const sound = await video.track.input.getPrimaryAudioTrack();
  const soundCodec = (await sound?.getCodec()) ?? null;
  const rate = facts.times.length / Math.max(facts.durationSeconds, 1e-3);
  const wanted = BITS_PER_PIXEL * size.width * size.height * rate;
  const quality = new Quality({ bitrate: Math.round(Math.max(LEAST_BITS_PER_SECOND, wanted)) });
  const { format, codec } = await writable(size, quality, soundCodec);
  const output = new Output({ format, target: new BufferTarget() });
  const canvas = new OffscreenCanvas(size.width, size.height);
  const pictures = new CanvasSource(canvas, { codec, quality, keyFrameInterval: KEY_FRAME_SECONDS });
  output.addVideoTrack(pictures);
  const later = Math.max(0, -facts.times[0]!);
  const copy = sound && soundCodec && new EncodedAudioPacketSource(soundCodec);
  if (copy) output.addAudioTrack(copy);
  try {
    await output.start();
    const frames = async (): Promise<void> => {
      const context = canvas.getContext('2d')!;
      let done = 0;
      for await (const { index: at, seconds, frame } of decodeFrames(video, {
        signal,
        ...(onProblem && { onProblem }),
      })) {
        context.reset();
        context.scale(size.width / facts.width, size.height / facts.height);
        context.save();
        try {
          drawUpright(context, frame, facts);
        } finally {
          frame.close();
        }
        context.restore();
        draw(context, { index: at, seconds });
        await pictures.add(seconds + later, lasting(facts, at));
        progress(++done);
      }
      pictures.close();
    };
    // The edit list that moves the pictures moves the sound.
    const moved = later + facts.times[0]! - index.mediaTimes[0]!;
    await Promise.all([frames(), copy && copySound(sound, copy, moved, signal)]);
    await output.finalize();
  } catch (error) {
    await output.cancel();
    throw error instanceof DOMException && !signal.aborted ? notWritable(size, error) : error;
  }
  const blob = new Blob([output.target.buffer!], { type: format.mimeType });
  return { blob, extension: format.fileExtension, sound: copy ? 'copied' : 'none' };
}

async function copySound(
  track: InputAudioTrack,
  copy: EncodedAudioPacketSource,
  moved: number,
  signal: AbortSignal,
): Promise<void> {
  const decoderConfig = await track.getDecoderConfig();
  let meta = decoderConfig ? { decoderConfig } : undefined;
  for await (const packet of new EncodedPacketSink(track).packets()) {
    signal.throwIfAborted();
    const timestamp = packet.timestamp + moved;
    // What lies before the start is there to warm decoders up; nobody hears it.
    if (timestamp < 0) continue;
    await copy.add(packet.clone({ timestamp }), meta);
    meta = undefined;
  }
  copy.close();
}

function lasting({ times, durationSeconds }: VideoFacts, frame: number): number {
  const next = times[frame + 1] ?? times[0]! + durationSeconds;
  return Math.max(0, next - times[frame]!);
}

async function writable(
  size: { readonly width: number; readonly height: number },
  quality: Quality,
  sound: AudioCodec | null,
): Promise<{ readonly format: OutputFormat; readonly codec: VideoCodec }> {
  for (const { make, codecs } of containers) {
    const format = make();
    if (sound !== null && !format.getSupportedCodecs().includes(sound)) continue;
    for (const codec of codecs) if (await canEncodeVideo(codec, { ...size, quality })) return { format, codec };
  }
  throw notWritable(size);
}

/** Encoders take even sides only; an odd one loses less than a pixel. */
function even(side: number): number {
  return side - (side % 2);
}

function notWritable(
  { width, height }: { readonly width: number; readonly height: number },
  cause?: unknown,
): UserError {
  const message = `This browser cannot write videos of ${width} x ${height} pixels in any format that is known here. Use a newer Chrome, Edge, Firefox or Safari.`;
  return new UserError('video-not-encodable', message, { width, height }, { cause });
}
