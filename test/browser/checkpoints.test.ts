// Checkpoints in the browser's own files: whole or absent, listed, removed; from the page and from a worker.
import { wrap } from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors';
import { allCheckpointBytes, opfsCheckpoints } from '../../src/runs/opfsCheckpoints';
import { installWorkerErrors } from '../../src/workerErrors';
import { bytesStore } from './checkpoints.worker';

installWorkerErrors();

function startWorker(): { store: typeof bytesStore; worker: Worker } {
  const worker = new Worker(new URL('./checkpoints.worker.ts', import.meta.url), { type: 'module' });
  return { worker, store: wrap<typeof bytesStore>(worker) };
}

const { store: remote } = startWorker();

const bytes = (length: number, seed = 1): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 255);

async function read(store: typeof bytesStore, runId: string, step: number): Promise<Uint8Array> {
  return new Uint8Array(await (await store.open(runId, step)).arrayBuffer());
}

async function runFolder(runId: string): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return await (await root.getDirectoryHandle('runs')).getDirectoryHandle(runId);
}

async function names(runId: string): Promise<string[]> {
  const found: string[] = [];
  for await (const name of (await runFolder(runId)).keys()) found.push(name);
  return found.sort();
}

afterEach(async () => {
  await opfsCheckpoints.removeRun('a');
});

describe.each([
  ['page', bytesStore],
  ['worker', remote],
] as const)('written by the %s', (_, store) => {
  it('gives back what was written, newest first', async () => {
    await store.write('a', 9, bytes(1000));
    await store.write('a', 10, bytes(70_000, 2));
    expect(await store.list('a')).toEqual([
      { step: 10, bytes: 70_000 },
      { step: 9, bytes: 1000 },
    ]);
    expect(await read(store, 'a', 10)).toEqual(bytes(70_000, 2));
    expect(await read(bytesStore, 'a', 9)).toEqual(bytes(1000));
    expect(await allCheckpointBytes()).toBe(71_000);
  });

  it('replaces a checkpoint of the same step', async () => {
    await store.write('a', 5, bytes(5000));
    await store.write('a', 5, bytes(300, 7));
    expect(await read(store, 'a', 5)).toEqual(bytes(300, 7));
    expect(await store.list('a')).toHaveLength(1);
  });

  it('leaves everything as it was when the pieces end with an error', async () => {
    await store.write('a', 5, bytes(5000));
    await expect(store.write('a', 5, bytes(9000), 1000, 4000)).rejects.toThrow('as the test wanted');
    await expect(store.write('a', 6, bytes(9000), 1000, 0)).rejects.toThrow('as the test wanted');
    expect(await read(store, 'a', 5)).toEqual(bytes(5000));
    expect(await store.list('a')).toEqual([{ step: 5, bytes: 5000 }]);
    await store.write('a', 5, bytes(5000));
    await expect.poll(() => names('a')).toEqual(['step-5.safetensors']);
  });

  it('says that a checkpoint is missing', async () => {
    await expect(read(store, 'a', 1)).rejects.toMatchObject({ code: 'checkpoint-missing', detail: { step: 1 } });
    await expect(read(store, 'a', 1)).rejects.toBeInstanceOf(UserError);
    expect(await store.list('a')).toEqual([]);
    await store.remove('a', 1);
    await store.removeRun('a');
  });

  it('removes one checkpoint and leaves the others', async () => {
    await store.write('a', 1, bytes(10));
    await store.write('a', 2, bytes(20));
    await store.remove('a', 1);
    expect(await store.list('a')).toEqual([{ step: 2, bytes: 20 }]);
  });
});

it('ignores what a crash in mid-write left, and clears it at the next write', async () => {
  await remote.write('a', 1, bytes(100));
  const folder = await runFolder('a');
  const half = await folder.getFileHandle('step-2.safetensors.part', { create: true });
  const stream = await half.createWritable();
  await stream.write(bytes(50));
  await stream.close();
  expect(await opfsCheckpoints.list('a')).toEqual([{ step: 1, bytes: 100 }]);
  expect(await read(bytesStore, 'a', 1)).toEqual(bytes(100));
  await remote.write('a', 3, bytes(10));
  expect(await names('a')).toEqual(['step-1.safetensors', 'step-3.safetensors']);
});

it('keeps the former checkpoint when the worker dies in mid-write', async () => {
  await bytesStore.write('a', 1, bytes(1000));
  const doomed = startWorker();
  await doomed.store.list('a');
  void doomed.store.write('a', 1, bytes(64 * 2 ** 20, 3), 2 ** 20);
  doomed.worker.terminate();
  // The file handle of a terminated worker is freed a moment later.
  await expect.poll(async () => (await read(bytesStore, 'a', 1)).length).toBeGreaterThan(0);
  const kept = await read(bytesStore, 'a', 1);
  expect([1000, 64 * 2 ** 20]).toContain(kept.length);
  expect(kept.subarray(0, 1000)).toEqual(bytes(1000, kept.length === 1000 ? 1 : 3));
});

it('writes 64 MiB from a worker in good time', async () => {
  const content = bytes(64 * 2 ** 20);
  const started = performance.now();
  await remote.write('a', 1, content, 2 ** 24);
  expect(performance.now() - started).toBeLessThan(10_000);
  expect((await opfsCheckpoints.list('a'))[0]?.bytes).toBe(content.byteLength);
});
