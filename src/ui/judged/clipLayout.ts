// Lays the clips of a video and their frames out in time: spans, lanes where clips overlap, and the moments of a cursor.
import type { JudgedVideo, JudgedVideoClip } from './judgedPass';

/** Times closer than this are one frame: they went through arithmetic in single precision. */
const sameSeconds = 1e-3;

/** A frame of a clip, from its own time until the next frame's. */
export interface FrameCell {
  readonly clip: number;
  readonly from: number;
  readonly until: number;
  /** Null where the model weighs no frames. */
  readonly attention: number | null;
  /** What its attention would be if all frames counted alike. */
  readonly evenShare: number;
  readonly score: number;
}

export interface ClipSpan {
  readonly clip: number;
  readonly from: number;
  readonly until: number;
  /** Clips that overlap lie in different lanes. */
  readonly lane: number;
  readonly score: number;
  readonly cells: readonly FrameCell[];
}

export interface ClipLayout {
  readonly seconds: number;
  readonly lanes: number;
  readonly spans: readonly ClipSpan[];
  /** Where the cursor can stand: the times of all frames, each once, ascending. */
  readonly moments: Float64Array;
  /** Upper end of the attention's scale: never less than twice the even share, so that small differences stay small. */
  readonly topAttention: number;
  /** False where no clip weighs its frames: there is nothing to draw in lanes. */
  readonly weighed: boolean;
}

/**
 * The clips of a video in time. A short clip repeats its last frame: the repetitions count as one frame. A clip of one
 * frame lasts until the next clip; that one frame has all the attention says nothing, and is not drawn.
 */
export function layOut(video: Pick<JudgedVideo, 'clips' | 'seconds'>): ClipLayout {
  const laneEnds: number[] = [];
  const starts = distinct(video.clips.flatMap(({ times }) => [...times.slice(0, 1)]));
  const spans = video.clips.map((clip, number): ClipSpan => {
    const cells = cellsOf(clip, number, untilOf(starts, clip.times[0] ?? 0, video.seconds));
    const from = cells[0]?.from ?? 0;
    const until = cells.at(-1)?.until ?? from;
    const free = laneEnds.findIndex((end) => end <= from + sameSeconds);
    const lane = free === -1 ? laneEnds.length : free;
    laneEnds[lane] = until;
    return { clip: number, from, until, lane, score: clip.score, cells };
  });
  const cells = spans.flatMap((span) => span.cells);
  return {
    seconds: Math.max(video.seconds, ...spans.map((span) => span.until)),
    lanes: laneEnds.length,
    spans,
    moments: distinct(cells.map((cell) => cell.from)),
    topAttention: Math.min(1, Math.max(0, ...cells.flatMap((cell) => [cell.attention ?? 0, 2 * cell.evenShare]))),
    weighed: spans.some((span) => span.cells.length > 1 && span.cells[0]!.attention !== null),
  };
}

/** Where a clip of one frame ends: where the next clip begins; the last one is as long as the one before it. */
function untilOf(starts: Float64Array, start: number, seconds: number): number {
  const place = starts.findIndex((one) => one > start + sameSeconds / 2);
  if (place >= 0) return starts[place]!;
  const former = starts.at(-2);
  return former === undefined ? seconds : Math.min(Math.max(seconds, start + sameSeconds), 2 * start - former);
}

/** Attention of one frame's repetitions adds up; its score is their mean, weighted by attention. */
function cellsOf(clip: JudgedVideoClip, number: number, until: number): readonly FrameCell[] {
  const frames: { from: number; attention: number; weighted: number; plain: number; count: number }[] = [];
  clip.times.forEach((from, i) => {
    const [attention, score] = [clip.attention?.[i] ?? 0, clip.frameScores[i] ?? 0];
    const last = frames.at(-1);
    if (last === undefined || from - last.from >= sameSeconds) {
      frames.push({ from, attention, weighted: attention * score, plain: score, count: 1 });
      return;
    }
    last.attention += attention;
    last.weighted += attention * score;
    last.plain += score;
    last.count += 1;
  });
  const lastLength = frames.length > 1 ? frames.at(-1)!.from - frames.at(-2)!.from : until - (frames[0]?.from ?? 0);
  return frames.map(({ from, attention, weighted, plain, count }, i) => ({
    clip: number,
    from,
    until: frames[i + 1]?.from ?? from + Math.max(lastLength, sameSeconds),
    attention: clip.attention === null ? null : attention,
    evenShare: count / clip.times.length,
    score: attention > 0 ? weighted / attention : plain / count,
  }));
}

function distinct(times: readonly number[]): Float64Array {
  const kept: number[] = [];
  for (const time of [...times].sort((a, b) => a - b)) {
    if (kept.length === 0 || time - kept.at(-1)! >= sameSeconds) kept.push(time);
  }
  return Float64Array.from(kept);
}

/** The frames on show at `seconds`, at most one of each clip, in the order of their lanes. */
export function cellsAt(layout: ClipLayout, seconds: number): readonly { span: ClipSpan; cell: FrameCell }[] {
  return layout.spans
    .flatMap((span) => {
      const cell = span.cells.find(
        ({ from, until }) => from <= seconds + sameSeconds / 2 && seconds < until - sameSeconds / 2,
      );
      return cell === undefined ? [] : [{ span, cell }];
    })
    .sort((a, b) => a.span.lane - b.span.lane);
}

const tickSteps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600];

/** Marks of the time axis in seconds: round steps of which at most `most` fit. */
export function timeTicks(seconds: number, most: number): readonly number[] {
  const step = tickSteps.find((candidate) => seconds / candidate <= most) ?? seconds;
  if (!(step > 0)) return [0];
  return Array.from({ length: Math.floor(seconds / step + 1e-6) + 1 }, (_, i) => i * step);
}
