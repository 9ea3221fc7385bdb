// Which frames a window takes of a video and which labelled actions it holds, in training and in evaluation (spec 5).
import { adatadTruncation, randomTruncation, type RandomInteger } from '../../samples/randomTruncation';
import type { LabelledSegment } from '../../samples/segments';
import { slidingWindows, windowFrames } from '../../samples/slidingWindows';
import { padFrames } from '../../samples/timeline';
import type { WindowPlace } from './results';

export interface WindowRule {
  /** Frames of the video from one snippet to the next. */
  readonly stride: number;
  /** Snippets of a window; of each the network sees one frame. */
  readonly snippets: number;
}

/** A video as far as its labels tell. */
export interface LabelledVideo {
  readonly frames: number;
  /** In frames, as `segmentsInFrames` has them. */
  readonly segments: readonly LabelledSegment[];
}

export interface VideoWindow {
  /** As many frame numbers as the rule has snippets; the last one repeats where the video ends earlier. */
  readonly frames: readonly number[];
  /** Snippets that are no such repeats. */
  readonly valid: number;
}

export interface TrainingWindow extends VideoWindow {
  /** On the window's grid of snippets. */
  readonly segments: readonly LabelledSegment[];
}

/** In evaluation windows overlap by half, so that every frame is covered and most are seen twice. */
export const EVALUATION_OVERLAP = 0.5;

/** One random window, which holds an action where the video has one that fits. */
export function trainingWindow(video: LabelledVideo, rule: WindowRule, random: RandomInteger): TrainingWindow {
  const onGrid = video.segments.map(({ segment: [start, end], label }) => ({
    segment: [start / rule.stride, end / rule.stride] as const,
    label,
  }));
  const { frames, segments } = randomTruncation(video.frames, onGrid, random, { ...adatadTruncation, ...rule });
  return { ...padFrames(frames, rule.snippets), segments };
}

/** Overlapping windows over the whole video, each with the place that turns its output into seconds. */
export function evaluationWindows(
  frames: number,
  rule: WindowRule,
  overlap = EVALUATION_OVERLAP,
): (VideoWindow & { readonly place: WindowPlace })[] {
  return slidingWindows(frames, { ...rule, overlap }).map((window) => ({
    ...padFrames(windowFrames(window, rule.stride), rule.snippets),
    place: { firstFrame: window.first, snippets: window.snippets, stride: rule.stride },
  }));
}
