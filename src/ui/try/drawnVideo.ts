// A tried video written anew with everything that was found drawn on it, and its sound; loaded when it is asked for.
import { annotateVideo, type AnnotatedVideo } from '../../video/annotatedVideo';
import { VideoFile } from '../../video/videoFile';
import type { FindingsReading } from '../judged/taskFindings';
import type { Colour } from '../player/draw';
import { drawOverlays, drawSpans } from './drawFound';

export interface DrawnVideoOptions {
  readonly colour: Colour;
  readonly signal: AbortSignal;
  /** Hears of the part that is written, 0..1. */
  readonly told: (share: number) => void;
}

/**
 * With the frame count, times, size and sound of the source.
 * @throws as `VideoFile.open` and `annotateVideo`.
 */
export async function drawnVideo(
  blob: Blob,
  path: string,
  reading: FindingsReading,
  { colour, signal, told }: DrawnVideoOptions,
): Promise<AnnotatedVideo> {
  using video = await VideoFile.open(blob, path);
  const { times, durationSeconds } = video.facts;
  const whole = { from: times[0] ?? 0, until: (times[0] ?? 0) + durationSeconds };
  return await annotateVideo(video, {
    draw(context, { seconds }) {
      const size = context.canvas;
      drawOverlays(context, size, seconds, reading, colour);
      drawSpans(context, size, seconds, reading.spans, whole, colour);
    },
    signal,
    progress: (frames) => told(frames / times.length),
  });
}
