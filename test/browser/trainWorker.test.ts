// The very worker that the page starts: it opens the GPU, finds the models and sizes a demo.
import { wrap } from 'comlink';
import { afterAll, expect, it } from 'vitest';
import type { TrainApi } from '../../src/training/protocol';
import { installWorkerErrors } from '../../src/workerErrors';

installWorkerErrors();
const worker = new Worker(new URL('../../workers/train.ts', import.meta.url), { type: 'module' });
const api = wrap<TrainApi>(worker);
afterAll(() => worker.terminate());

it('tells which adapter it has and how fast it is', async () => {
  const adapter = await api.adapter();
  expect(adapter.gigaflops).toBeGreaterThan(0);
  expect(adapter.limits.maxBufferSize).toBeGreaterThanOrEqual(2 ** 28);
  expect(adapter.vendor + adapter.description).not.toBe('');
});

it('finds a model by the name of its folder and sizes its demo', async () => {
  const demo = await api.sizeDemo('pose');
  expect(demo.preset).not.toBe('');
});

it('knows no other', async () => {
  await expect(api.sizeDemo('chess')).rejects.toMatchObject({ code: 'unknown-task' });
});
