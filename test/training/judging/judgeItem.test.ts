// The loop of Try with a made-up model: whole batches, few windows ahead, results as they come, cancel keeps what is done.
import { expect, it } from 'vitest';
import { judgeItem, type JudgeItemParts } from '../../../src/training/judging/judgeItem';
import type { JudgeWindow, OpenedItem } from '../../../src/training/judging/taskJudge';
import type { Batch, StagedBatch } from '../../../src/training/runtime';

interface Numbered extends JudgeWindow {
  readonly number: number;
}

/** A model that says the double of each number, and counts what is alive. */
function world(count: number, batchSize: number) {
  const seen = { asked: 0, heard: [] as number[], batches: [] as number[][], staged: 0, mostStaged: 0, ahead: 0 };
  const opened: OpenedItem<Numbered, readonly number[]> = {
    head: { startSeconds: 0, seconds: count, frames: count, width: 0, height: 0 },
    async *windows() {
      for (let number = 1; number <= count; number++) {
        await Promise.resolve();
        seen.asked++;
        seen.ahead = Math.max(seen.ahead, seen.asked - seen.heard.length);
        yield { number, untilSeconds: number };
      }
    },
    batch: (windows) => ({ numbers: Float32Array.from(windows, ({ number }) => number) }),
    hear: ({ number }, { double }) => {
      expect(double).toEqual(Float32Array.of(2 * number));
      seen.heard.push(number);
    },
    findings: () => seen.heard,
  };
  const arrays = new WeakMap<StagedBatch, Float32Array>();
  const predictor: JudgeItemParts['predictor'] = {
    batchSize,
    stage(batch: Batch) {
      seen.mostStaged = Math.max(seen.mostStaged, ++seen.staged);
      const staged = {
        release() {
          seen.staged--;
        },
      };
      arrays.set(staged, batch['numbers'] as Float32Array);
      return Promise.resolve(staged);
    },
    async predict(batch) {
      const numbers = arrays.get(batch)!;
      seen.batches.push([...numbers]);
      // The next batch is staged while the GPU is busy.
      await new Promise((resolve) => setTimeout(resolve, 0));
      batch.release();
      return { double: numbers.map((number) => 2 * number) };
    },
  };
  const stop = new AbortController();
  const parts = { predictor, guard: <T>(promise: Promise<T>) => promise, signal: stop.signal };
  return { seen, opened: opened as OpenedItem, parts, stop };
}

it('fills the last batch and hears each window once, in order', async () => {
  const { seen, opened, parts } = world(5, 2);
  const told: number[] = [];
  const judged = await judgeItem(opened, { ...parts, told: (until) => void told.push(until) });
  expect(judged).toEqual({ untilSeconds: 5, whole: true });
  expect(seen.heard).toEqual([1, 2, 3, 4, 5]);
  expect(seen.batches).toEqual([
    [1, 2],
    [3, 4],
    [5, 5],
  ]);
  expect(told).toEqual([2, 4, 5]);
});

it('holds no more than two batches of a long item', async () => {
  const { seen, opened, parts } = world(500, 4);
  await judgeItem(opened, { ...parts, told: () => undefined });
  expect(seen.heard).toHaveLength(500);
  expect(seen.mostStaged).toBeLessThanOrEqual(2);
  expect(seen.ahead).toBeLessThanOrEqual(8);
  expect(seen.staged).toBe(0);
});

it('keeps what is done when it is cancelled, and releases what was staged', async () => {
  const { seen, opened, parts, stop } = world(50, 2);
  const told = (until: number) => {
    if (until === 6) stop.abort();
  };
  const judged = await judgeItem(opened, { ...parts, told });
  expect(judged).toEqual({ untilSeconds: 6, whole: false });
  expect(seen.heard).toEqual([1, 2, 3, 4, 5, 6]);
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(seen.staged).toBe(0);
});

it('passes on what a batch throws', async () => {
  const { opened, parts } = world(5, 2);
  const broken = { ...parts.predictor, predict: () => Promise.reject(new Error('gone')) };
  await expect(judgeItem(opened, { ...parts, predictor: broken, told: () => undefined })).rejects.toThrow('gone');
});

it('judges nothing of an item without windows', async () => {
  const { opened, parts } = world(0, 2);
  expect(await judgeItem(opened, { ...parts, told: () => undefined })).toEqual({ untilSeconds: 0, whole: true });
});
