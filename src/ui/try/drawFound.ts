// What was found, drawn over a picture that leaves the page: a still, or a frame of a video.
import type { FindingsReading, FoundSpan } from '../judged/taskFindings';
import type { Colour } from '../player/draw';
import { frameAt } from '../player/frames';

/** Lines and letters are those of a picture on the page; this many pixels along the long side are drawn as they are. */
const pageSide = 960;
const barHeight = 6;
const letterHeight = 14;

/** The player does this too: overlays on a picture of `width` x `height` pixels that is shown at `seconds`. */
export function drawOverlays(
  context: OffscreenCanvasRenderingContext2D,
  { width, height }: { readonly width: number; readonly height: number },
  seconds: number,
  { overlays, timestamps }: Pick<FindingsReading, 'overlays' | 'timestamps'>,
  colour: Colour,
): void {
  const scale = pageScale(width, height);
  const place = { width: width / scale, height: height / scale, frame: frameAt(timestamps, seconds), colour };
  for (const draw of overlays) {
    context.save();
    context.scale(scale, scale);
    // An offscreen context draws as one on the page does.
    draw(context as unknown as CanvasRenderingContext2D, place);
    context.restore();
  }
}

/** The seek bar with its spans along the lower edge, and above it what is found at this time. */
export function drawSpans(
  context: OffscreenCanvasRenderingContext2D,
  { width, height }: { readonly width: number; readonly height: number },
  seconds: number,
  spans: readonly FoundSpan[],
  { from, until }: { readonly from: number; readonly until: number },
  colour: Colour,
): void {
  const scale = pageScale(width, height);
  const [across, down] = [width / scale, height / scale];
  const x = (time: number): number => ((time - from) / Math.max(1e-6, until - from)) * across;
  context.save();
  context.scale(scale, scale);
  context.fillStyle = 'rgb(0 0 0 / 0.6)';
  context.fillRect(0, down - barHeight, across, barHeight);
  for (const span of spans) {
    context.globalAlpha = 0.3 + 0.7 * Math.min(1, Math.max(0, span.score));
    context.fillStyle = colour(span.colour ?? '--plot-1');
    context.fillRect(x(span.from), down - barHeight, Math.max(1, x(span.until) - x(span.from)), barHeight);
  }
  context.globalAlpha = 1;
  context.fillStyle = '#fff';
  context.fillRect(x(seconds) - 1, down - barHeight - 2, 2, barHeight + 2);
  const now = spans.filter((span) => span.from <= seconds && seconds < span.until);
  context.font = `600 ${letterHeight}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  now.forEach((span, row) => {
    const text = captionOf(span);
    const middle = down - barHeight - 6 - (row + 0.5) * (letterHeight + 6);
    context.fillStyle = 'rgb(0 0 0 / 0.6)';
    context.fillRect(4, middle - letterHeight / 2 - 2, context.measureText(text).width + 20, letterHeight + 4);
    context.fillStyle = colour(span.colour ?? '--plot-1');
    context.fillRect(8, middle - 4, 8, 8);
    context.fillStyle = '#fff';
    context.fillText(text, 20, middle);
  });
  context.restore();
}

function captionOf({ lane, label, score }: FoundSpan): string {
  const isCertain = score >= 1 || label === score.toFixed(2);
  const words = [...new Set([lane, label].filter((part) => part !== ''))];
  return [...words, ...(isCertain ? [] : [score.toFixed(2)])].join(' ');
}

function pageScale(width: number, height: number): number {
  return Math.max(1, Math.max(width, height) / pageSide);
}
