// The worker's calls from a page: events, one run at a time over tabs, and a run that goes on after its worker died.
import { proxy, wrap } from 'comlink';
import { afterEach, expect, it } from 'vitest';
import { UserError } from '../../src/errors';
import { readSafetensors } from '../../src/formats/safetensors';
import { deleteRun, getRun } from '../../src/runs/runStore';
import { isTrainingSomewhere } from '../../src/runs/trainLock';
import type { RunConfig, RunEvent, TrainApi } from '../../src/training/protocol';
import { installWorkerErrors } from '../../src/workerErrors';
import { fakeSettings } from '../training/fakeTask';

installWorkerErrors();
const workers: Worker[] = [];

function startWorker(): { api: TrainApi; kill: () => void } {
  const worker = new Worker(new URL('./trainService.worker.ts', import.meta.url), { type: 'module' });
  workers.push(worker);
  return { api: wrap<TrainApi>(worker), kill: () => worker.terminate() };
}

afterEach(async () => {
  for (const worker of workers.splice(0)) worker.terminate();
  await expect.poll(isTrainingSomewhere).toBe(false);
  await deleteRun('a');
  await deleteRun('b');
});

function config(runId: string, task = 'lines'): RunConfig {
  const settings = { ...fakeSettings, epochs: 6 };
  return { runId, name: 'quiet-heron', task, preset: 'tiny', data: { kind: 'demo' }, settings };
}

/** A listener that keeps events and lets a test wait for one. */
function listen() {
  const events: RunEvent[] = [];
  const onEvent = proxy((event: RunEvent) => void events.push(event));
  const step = (): number =>
    Math.max(0, ...events.flatMap((e) => (e.type === 'steps' ? e.records.map((record) => record.step) : [])));
  return { events, onEvent, step };
}

it('trains, and tells the page', async () => {
  const { api } = startWorker();
  expect(await api.adapter()).toMatchObject({ vendor: 'acme', gigaflops: 12 });
  expect(await api.check('lines', { kind: 'demo' }, fakeSettings)).toMatchObject({ usable: 1 });
  expect(await api.sizeDemo('lines')).toEqual({ preset: 'tiny', settings: {} });
  const { events, onEvent, step } = listen();
  await api.start(config('a'), onEvent);
  expect(events.at(-1)).toEqual({ type: 'state', state: 'finished' });
  expect(step()).toBe(30);
  expect(await getRun('a')).toMatchObject({ state: 'finished', step: 30 });
  const blob = await api.exportWeights('a', 'best');
  expect([...readSafetensors(await blob.arrayBuffer()).tensors.keys()]).toEqual(['line.weight', 'line.bias']);
});

it('goes on after its worker was killed, and the curve is that of an uninterrupted run', async () => {
  const whole = startWorker();
  await whole.api.start(config('a'), listen().onEvent);
  const first = startWorker();
  const seen = listen();
  void first.api.start(config('b'), seen.onEvent);
  await expect.poll(seen.step, { timeout: 20_000 }).toBeGreaterThan(12);
  first.kill();
  await expect.poll(isTrainingSomewhere).toBe(false);
  const broken = await getRun('b');
  expect(broken?.state).not.toBe('finished');
  const second = startWorker();
  const { events, onEvent } = listen();
  await second.api.resume(config('b'), onEvent);
  expect(events.at(-1)).toEqual({ type: 'state', state: 'finished' });
  const [plain, resumed] = [await getRun('a'), await getRun('b')];
  expect(resumed!.steps.map(({ step, loss }) => [step, loss])).toEqual(
    plain!.steps.map(({ step, loss }) => [step, loss]),
  );
  expect(resumed!.epochs.map(({ metrics }) => metrics)).toEqual(plain!.epochs.map(({ metrics }) => metrics));
});

it('pauses, steps, goes on and stops on the page’s word', async () => {
  const { api } = startWorker();
  const { events, onEvent, step } = listen();
  const running = api.start(config('a'), onEvent);
  await expect.poll(step, { timeout: 20_000 }).toBeGreaterThan(3);
  await api.pause();
  expect(events.findLast((event) => event.type === 'state')?.state).toBe('paused');
  const stood = step();
  expect(events.findLast((event) => event.type === 'checkpoint')?.step).toBe(stood);
  await api.step();
  expect(step()).toBe(stood + 1);
  await expect(api.set('batch', 8)).rejects.toMatchObject({ code: 'setting-fixed', detail: { key: 'batch' } });
  await api.set('epochs', 40);
  await api.unpause();
  await api.stop();
  await running;
  expect(step()).toBeLessThan(200);
  expect(await getRun('a')).toMatchObject({ state: 'finished', summary: { reason: 'stopped' } });
  await api.pause();
});

it('refuses a second run in the same worker and in another tab', async () => {
  const one = startWorker();
  const other = startWorker();
  const { onEvent, step } = listen();
  const running = one.api.start(config('a'), onEvent);
  await expect.poll(step, { timeout: 20_000 }).toBeGreaterThan(0);
  await expect(one.api.start(config('b'), onEvent)).rejects.toBeInstanceOf(UserError);
  await expect(one.api.start(config('b'), onEvent)).rejects.toMatchObject({ code: 'run-under-way' });
  await expect(other.api.start(config('b'), onEvent)).rejects.toMatchObject({ code: 'second-tab' });
  expect(await isTrainingSomewhere()).toBe(true);
  await one.api.stop();
  await running;
  expect(await isTrainingSomewhere()).toBe(false);
});

it('names a task that it does not have', async () => {
  const { api } = startWorker();
  await expect(api.start(config('a', 'chess'), listen().onEvent)).rejects.toMatchObject({
    code: 'unknown-task',
    detail: { task: 'chess' },
  });
});
