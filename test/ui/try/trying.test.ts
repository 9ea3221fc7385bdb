// Files that come too early for Try: they wait for what judges, or for the files before them, and are judged in their turn.
import { expect, it } from 'vitest';
import type { ResultStore } from '../../../src/runs/resultStore';
import type { JudgeApi, JudgeConfig, WeightChoice } from '../../../src/training/judging/judgeProtocol';
import { Trying } from '../../../src/ui/state/trying.svelte';
import { fakeSaid } from '../fakeJudge';

const file = (path: string) => ({ path, blob: new Blob(['x']) });

function started() {
  const judged: (readonly string[])[] = [];
  let end = (): void => undefined;
  const api = {
    inspectWeights: (weights: WeightChoice) => Promise.resolve(fakeSaid(weights)!),
    async judge({ files }: JudgeConfig) {
      judged.push(files.map(({ path }) => path));
      await new Promise<void>((done) => (end = done));
    },
    stopJudging() {
      end();
      return Promise.resolve();
    },
  } as Partial<JudgeApi> as JudgeApi;
  const tell = (thrown: unknown): void => {
    throw thrown;
  };
  const trying = new Trying({ api, results: {} as ResultStore, tell });
  return { trying, judged, end: () => end() };
}

it('judges files that came before weights which say what they are', async () => {
  const { trying, judged, end } = started();
  await trying.take([file('a.mp4')]);
  expect([trying.waiting.length, judged]).toEqual([1, []]);
  const chosen = trying.chooseWeights([file('faces.safetensors')]);
  await expect.poll(() => judged).toEqual([['a.mp4']]);
  await trying.take([file('b.mp4'), file('c.mp4')]);
  expect([trying.waiting.length, judged]).toEqual([2, [['a.mp4']]]);
  end();
  await expect.poll(() => judged).toEqual([['a.mp4'], ['b.mp4', 'c.mp4']]);
  end();
  await chosen;
  expect(trying.waiting).toEqual([]);
});

it('asks before it judges with a guess, and forgets what waits when the person cancels', async () => {
  const { trying, judged } = started();
  await trying.take([file('a.mp4')]);
  await trying.chooseWeights([file('poses.pth')]);
  expect([trying.waiting.length, trying.canJudge, judged]).toEqual([1, true, []]);
  const judging = trying.judgeWaiting();
  await expect.poll(() => judged).toEqual([['a.mp4']]);
  await trying.take([file('b.mp4')]);
  await trying.cancel();
  await judging;
  expect([trying.waiting, judged]).toEqual([[], [['a.mp4']]]);
});
