// Stretches of time that a person moves: always within the video, never without length, whole hundredths of a second.
import { isList, isRecord } from '../../formats/json';
import { temporalIou } from '../../metrics/tadMap';
import type { Mark } from './marks';

/** Start and end in seconds. */
export type Span = readonly [number, number];

export interface SegmentMark extends Mark {
  readonly segment: Span;
}

export type Edge = 'start' | 'end';

/** Nothing shorter can be made by hand. */
export const LEAST_SECONDS = 0.05;

const hundredth = (seconds: number): number => Math.round(100 * seconds) / 100;

/** The whole stretch, as far as the video goes. */
export function movedBy([start, end]: Span, seconds: number, duration: number): Span {
  const first = Math.max(0, Math.min(start + seconds, duration - (end - start)));
  return [hundredth(first), Math.min(duration, hundredth(first + end - start))];
}

/** One end at another time; it does not pass the other end. */
export function withEdge([start, end]: Span, edge: Edge, seconds: number, duration: number): Span {
  if (edge === 'start') return [hundredth(Math.max(0, Math.min(seconds, end - LEAST_SECONDS))), end];
  return [start, Math.min(duration, hundredth(Math.max(seconds, start + LEAST_SECONDS)))];
}

export function overlapOf(a: SegmentMark, b: SegmentMark): number {
  return temporalIou(a.segment, b.segment);
}

/** In the order of time. */
export function byTime(a: SegmentMark, b: SegmentMark): number {
  return a.segment[0] - b.segment[0] || a.segment[1] - b.segment[1];
}

export function isSegmentMark(value: unknown): value is SegmentMark {
  if (!isRecord(value) || typeof value['label'] !== 'string') return false;
  const { segment } = value;
  if (!isList(segment) || segment.length !== 2) return false;
  const [start, end] = segment;
  return typeof start === 'number' && typeof end === 'number' && start >= 0 && end > start;
}
