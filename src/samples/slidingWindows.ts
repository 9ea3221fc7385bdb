// Overlapping windows over a long video, for validation and test (AdaTAD, specs section 5.3).
import { completeness, type LabelledSegment } from './segments';

export interface WindowShape {
  /** Frames from one snippet to the next. */
  readonly stride: number;
  /** Snippets of a window. */
  readonly snippets: number;
  /** Share of a window that the next one covers again. */
  readonly overlap: number;
}

/** Frame numbers of a window's snippets are first, first + stride, … last. */
export interface VideoWindow {
  readonly first: number;
  readonly last: number;
  readonly snippets: number;
}

/**
 * Windows over `frames` frames. A last window that would stick out is moved back to end with the video.
 * As upstream does, a video whose windows fit exactly gets the last one twice, and a tail shorter than a hop may stay
 * uncovered when the overlap is small.
 */
export function slidingWindows(frames: number, { stride, snippets, overlap }: WindowShape): VideoWindow[] {
  const total = Math.ceil(frames / stride);
  const hop = Math.floor(snippets * (1 - overlap));
  const windows: VideoWindow[] = [];
  const count = Math.max(1, Math.floor(total / hop));
  for (let i = 0; i < count; i++) {
    let start = i * hop;
    let end = start + snippets;
    const sticksOut = end > total;
    if (sticksOut) {
      end = total;
      start = Math.max(0, total - snippets);
    }
    windows.push({ first: start * stride, last: (end - 1) * stride, snippets: end - start });
    if (sticksOut) break;
  }
  return windows;
}

/** Frame numbers of a window's snippets. */
export function windowFrames(window: VideoWindow, stride: number): number[] {
  return Array.from({ length: window.snippets }, (_, i) => window.first + i * stride);
}

export interface LabelledWindow extends VideoWindow {
  /** On the window's grid of snippets: 0 is its first one. */
  readonly segments: readonly LabelledSegment[];
}

/** Windows that hold more than `least` of at least one segment, each with those segments (given in frames). */
export function labelledWindows(
  windows: readonly VideoWindow[],
  segments: readonly LabelledSegment[],
  stride: number,
  least = 0.75,
): LabelledWindow[] {
  return windows
    .map((window) => ({
      ...window,
      segments: segments
        .filter(({ segment }) => completeness(segment, window.first, window.last) > least)
        .map(({ segment: [start, end], label }) => ({
          segment: [(start - window.first) / stride, (end - window.first) / stride] as const,
          label,
        })),
    }))
    .filter((window) => window.segments.length > 0);
}
