// Whether labelled actions can be learnt at all with a sampling and a pyramid, and which would suit them.
import type { LabelledSegment } from '../../samples/segments';
import { pointLevels, positivePoints, type PointLevel } from './points';
import type { LabelledVideo, WindowRule } from './windows';

export interface InstanceCoverage extends LabelledSegment {
  /** Points that learn to find it; with none it is never learnt. */
  readonly points: number;
  /** Begins behind the video's last frame. */
  readonly isOutside: boolean;
}

/**
 * Every action of a video, with the points that it gets in the window around its middle, among the others there.
 * Segments are in frames.
 */
export function instanceCoverage(
  { frames, segments }: LabelledVideo,
  { stride, snippets }: WindowRule,
  levels: readonly PointLevel[],
): InstanceCoverage[] {
  const total = Math.ceil(frames / stride);
  return segments.map((own) => {
    const middle = (own.segment[0] + own.segment[1]) / 2 / stride;
    const start = Math.max(0, Math.min(Math.round(middle - snippets / 2), total - snippets));
    const cut = (frame: number): number => Math.min(Math.max(frame / stride - start, 0), snippets);
    const visible = segments.map(({ segment: [from, to], label }): LabelledSegment => ({
      segment: [cut(from), cut(to)],
      label,
    }));
    const isOutside = own.segment[0] >= frames;
    const points = isOutside ? 0 : (positivePoints(visible, levels)[segments.indexOf(own)] ?? 0);
    return { ...own, points, isOutside };
  });
}

/** Actions whose middle is this far from their ends are a level's. */
export interface DurationBin {
  readonly level: number;
  /** Of durations in seconds; the last level's is open. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly instances: number;
}

/** How many actions fall to each level of the pyramid by their durations in seconds. */
export function durationBins(
  durations: readonly number[],
  levels: readonly PointLevel[],
  snippetsPerSecond: number,
): DurationBin[] {
  return levels.map(({ range: [low, high] }, level) => {
    const last = level === levels.length - 1;
    const [fromSeconds, toSeconds] = [(2 * low) / snippetsPerSecond, last ? Infinity : (2 * high) / snippetsPerSecond];
    const inside = durations.filter((one) => one >= fromSeconds && one < toSeconds);
    return { level, fromSeconds, toSeconds, instances: inside.length };
  });
}

export interface Proposal extends WindowRule {
  readonly levels: number;
}

/** Lengths of a window that the page offers. */
export const WINDOW_SNIPPETS = [96, 192, 384, 768] as const;
/** Short actions are to last this many snippets: one point in their middle and one to either side. */
const SHORT_SNIPPETS = 3;
const SHORT_SHARE = 0.05;
/** Movements do not show in fewer snippets a second, however long an action lasts. */
const LEAST_PER_SECOND = 2;
/** Of a window that the longest action may fill. */
const LONG_SHARE = 0.75;
const MOST_LEVELS = 6;

/**
 * The coarsest sampling at which movements show and all but the shortest twentieth of the actions last a few snippets,
 * the shortest window that holds the longest one (the longest window there is where none does), and levels up to its
 * length.
 * @param durations of all actions in seconds; at least one.
 */
export function proposeSampling(durations: readonly number[], framesPerSecond: number): Proposal {
  const sorted = [...durations].sort((a, b) => a - b);
  const short = sorted[Math.floor(SHORT_SHARE * sorted.length)] ?? 1;
  const longest = sorted.at(-1) ?? 1;
  const coarsest = Math.min((short * framesPerSecond) / SHORT_SNIPPETS, framesPerSecond / LEAST_PER_SECOND);
  const stride = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, coarsest))));
  const needed = (longest * framesPerSecond) / stride / LONG_SHARE;
  const snippets = WINDOW_SNIPPETS.find((one) => one >= needed) ?? WINDOW_SNIPPETS[WINDOW_SNIPPETS.length - 1]!;
  const reach = (longest * framesPerSecond) / stride / 2;
  const levels = pointLevels(snippets, MOST_LEVELS).findIndex(({ range: [, high] }) => reach <= high) + 1;
  return { stride, snippets, levels: Math.max(1, levels) };
}
