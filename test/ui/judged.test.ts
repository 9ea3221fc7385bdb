// What the view of judged videos computes without a page: order, sides, counts at another threshold, and the layout in time.
import { describe, expect, test } from 'vitest';
import { binaryScores, confusionAt } from '../../src/metrics/binaryScores';
import { confusionOf, pointAt, ratesOf, rocCorners } from '../../src/ui/judged/recount';
import { bandOf, isOpen, scoreDigits, sideOf } from '../../src/ui/judged/scores';
import { cellsAt, layOut, timeTicks } from '../../src/ui/judged/clipLayout';
import { filterCounts, isWrong, videoRows } from '../../src/ui/judged/videoRows';
import type { JudgedVideoClip } from '../../src/ui/judged/judgedPass';
import { framesTable, ratesTable } from '../../src/ui/judged/figureTables';

describe('sides of the threshold', () => {
  test('a score that reaches the threshold counts as above', () => {
    expect([sideOf(0.5, 0.5), sideOf(0.4999, 0.5)]).toEqual(['above', 'below']);
  });

  test('the band stays on the scale, and a single clip leaves nothing open', () => {
    expect(bandOf(0.95, 0.1)).toEqual({ from: 0.85, to: 1 });
    expect(bandOf(0.02, 0.1).from).toBe(0);
    expect(isOpen(0.45, 0.05, 0.5)).toBe(true);
    expect(isOpen(0.44, 0.05, 0.5)).toBe(false);
    expect(isOpen(0.5, 0, 0.5)).toBe(false);
  });

  test('a score close to the threshold gets the digits that tell them apart', () => {
    expect(scoreDigits(0.91, 0.5)).toBe(2);
    expect(scoreDigits(0.4997, 0.5)).toBe(4);
    expect(scoreDigits(0.4951, 0.5)).toBe(3);
    expect(scoreDigits(0.5, 0.5)).toBe(2);
    expect(scoreDigits(0.5 - 1e-9, 0.5)).toBe(6);
  });
});

test('clips of one frame lie one after the other, and have nothing to weigh', () => {
  const one = (value: number) => Float32Array.of(value);
  const clip = (at: number): JudgedVideoClip => ({
    ...{ times: one(at), score: 0.5, attention: one(1), frameScores: one(0.5) },
  });
  const layout = layOut({ clips: Array.from({ length: 24 }, (_, i) => clip(i * 0.1)), seconds: 2.4 });
  expect(layout.lanes).toBe(1);
  expect(layout.weighed).toBe(false);
  expect(layout.seconds).toBeCloseTo(2.4, 6);
  expect(layout.spans.every(({ from, until }) => Math.abs(until - from - 0.1) < 1e-6)).toBe(true);
  expect(cellsAt(layout, 1.05).map(({ span }) => span.clip)).toEqual([10]);
  // A lone one is the whole video.
  expect(layOut({ clips: [clip(0)], seconds: 2.4 }).spans[0]).toMatchObject({ from: 0, until: 2.4, lane: 0 });
});

describe('rows of the list', () => {
  const videos = [
    { name: 'clip 10', truth: true, score: 0.9 },
    { name: 'clip 2', truth: true, score: 0.3 },
    { name: 'clip 1', truth: false, score: 0.6 },
    { name: 'clip 3', truth: false, score: 0.1 },
  ] as const;
  const names = (
    filter: 'all' | 'wrong' | 'negative' | 'positive',
    order: 'wrong' | 'highest' | 'lowest' | 'name',
    at = 0.5,
  ) => videoRows(videos, filter, order, at, 'en').map(({ name }) => name);

  test('the most wrongly judged come first, whatever their label', () => {
    expect(names('all', 'wrong')).toEqual(['clip 2', 'clip 1', 'clip 10', 'clip 3']);
  });

  test('another threshold judges anew', () => {
    expect(names('wrong', 'wrong')).toEqual(['clip 2', 'clip 1']);
    expect(names('wrong', 'wrong', 0.2)).toEqual(['clip 1']);
    expect(names('wrong', 'wrong', 0.95)).toEqual(['clip 2', 'clip 10']);
    expect(isWrong({ truth: false, score: 0.5 }, 0.5)).toBe(true);
  });

  test('filters and orders by label, score and name', () => {
    expect(names('positive', 'highest')).toEqual(['clip 10', 'clip 2']);
    expect(names('negative', 'lowest')).toEqual(['clip 3', 'clip 1']);
    expect(names('all', 'name')).toEqual(['clip 1', 'clip 2', 'clip 3', 'clip 10']);
    expect(filterCounts(videos, 0.5)).toEqual({ all: 4, wrong: 2, negative: 2, positive: 2, above: 2, below: 2 });
  });
});

describe('recount from the curve', () => {
  const judged = [0.1, 0.1, 0.3, 0.5, 0.5, 0.7, 0.9, 1].map((score, i) => ({ score, positive: i % 3 !== 0 }));
  const { curve } = binaryScores(judged);

  test.each([0, 0.05, 0.1, 0.3, 0.4999, 0.5, 0.6, 1])('at %d gives what judging each score gives', (threshold) => {
    expect(confusionOf(curve, threshold)).toEqual(confusionAt(judged, threshold));
  });

  test('of a single class has counts but neither corners nor the missing rate', () => {
    const { curve: fakes } = binaryScores(judged.map(({ score }) => ({ score, positive: true })));
    expect(rocCorners(fakes)).toBeNull();
    expect(ratesOf(fakes, pointAt(fakes, 0.5))).toEqual({ falsePositive: null, truePositive: 5 / 8 });
    expect(confusionOf(binaryScores([]).curve, 0.5)).toEqual(confusionAt([], 0.5));
  });

  test('the table of rates falls from everything to what scores 1', () => {
    const { x, curves } = ratesTable([{ curve, trueRate: 'true', falseRate: 'false' }]);
    expect([x[0], x.at(-1)]).toEqual([0, 1]);
    expect(curves[0]!.values[0]).toBe(1);
    expect(curves[0]!.values.at(-1)).toBe(0.2);
    expect(curves[1]!.values.at(-1)).toBe(0);
  });
});

describe('layout in time', () => {
  const clip = (times: number[], attention: number[], frameScores = times.map(() => 0.5)): JudgedVideoClip => ({
    times: Float32Array.from(times),
    score: 0.7,
    attention: Float32Array.from(attention),
    frameScores: Float32Array.from(frameScores),
  });
  const quarter = [0.25, 0.25, 0.25, 0.25];

  test('clips that overlap lie in different lanes, and the cursor stops once at a shared frame', () => {
    const clips = [
      clip([0, 0.1, 0.2, 0.3], quarter),
      clip([0.2, 0.3, 0.4, 0.5], quarter),
      clip([0.4, 0.5, 0.6, 0.7], quarter),
    ];
    const timeline = layOut({ clips, seconds: 0.8 });
    expect(timeline.lanes).toBe(2);
    expect(timeline.spans.map(({ lane }) => lane)).toEqual([0, 1, 0]);
    expect([...timeline.moments].map((time) => Math.round(time * 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(cellsAt(timeline, timeline.moments[2]!).map(({ span }) => span.clip)).toEqual([0, 1]);
    expect(cellsAt(timeline, timeline.moments[7]!).map(({ span }) => span.clip)).toEqual([2]);
  });

  test('repetitions of the last frame count as one frame', () => {
    const { spans, moments } = layOut({
      clips: [clip([0, 0.25, 0.5, 0.5], [0.1, 0.2, 0.3, 0.4], [0, 0, 0.2, 0.9])],
      seconds: 0.75,
    });
    const last = spans[0]!.cells.at(-1)!;
    expect(moments.length).toBe(3);
    expect(last.attention).toBeCloseTo(0.7, 6);
    expect(last.evenShare).toBe(0.5);
    expect(last.score).toBeCloseTo((0.3 * 0.2 + 0.4 * 0.9) / 0.7, 6);
    expect(last.until).toBe(0.75);
  });

  test('a clip of one frame lasts as long as the video', () => {
    const { spans, seconds } = layOut({ clips: [clip([0, 0], [0.5, 0.5])], seconds: 2 });
    expect(spans[0]!.cells.map(({ from, until }) => [from, until])).toEqual([[0, 2]]);
    expect(seconds).toBe(2);
  });

  test('small differences in attention are not drawn large', () => {
    const even = layOut({ clips: [clip([0, 1, 2, 3], [0.26, 0.24, 0.25, 0.25])], seconds: 4 });
    expect(even.topAttention).toBe(0.5);
    const peaked = layOut({ clips: [clip([0, 1, 2, 3], [0.875, 0.125, 0, 0])], seconds: 4 });
    expect(peaked.topAttention).toBe(0.875);
  });

  test('a video without clips is empty, not broken', () => {
    const timeline = layOut({ clips: [], seconds: 3 });
    expect([timeline.lanes, timeline.moments.length, timeline.seconds]).toEqual([0, 0, 3]);
    expect(cellsAt(timeline, 0)).toEqual([]);
  });

  test('the table has a row per frame of each clip', () => {
    const timeline = layOut({ clips: [clip([0, 1], [0.4, 0.6]), clip([1, 2], [0.5, 0.5])], seconds: 3 });
    const { x, curves } = framesTable(timeline, { clip: 'c', clipScore: 's', attention: 'a', frameScore: 'f' });
    expect(x).toEqual([0, 1, 1, 2]);
    expect(curves[0]!.values).toEqual([1, 1, 2, 2]);
  });

  test.each([
    [5.2, 11, 0.5],
    [5.2, 4, 2],
    [61, 8, 10],
    [7200, 6, 1200],
  ])('%d seconds with at most %d marks are marked every %d', (seconds, most, step) => {
    const ticks = timeTicks(seconds, most);
    expect(ticks[1]).toBe(step);
    expect(ticks.at(-1)!).toBeLessThanOrEqual(seconds);
  });
});
