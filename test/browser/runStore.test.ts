// Run records survive, save only what is new, and keep a name that was given meanwhile.
import { openDB } from 'idb';
import { afterEach, expect, it } from 'vitest';
import { opfsCheckpoints } from '../../src/runs/opfsCheckpoints';
import { deleteRun, getRun, listRuns, putRun, renameRun } from '../../src/runs/runStore';
import { liveRunId, whileTraining } from '../../src/runs/trainLock';
import { chunkSteps } from '../../src/runs/stepChunks';
import { inPieces } from '../helpers/inPieces';
import { sampleRecord, sampleSteps } from '../runs/sampleRecord';

afterEach(async () => {
  for (const run of await listRuns()) await deleteRun(run.runId);
});

it('gives back what was put, newest first, and lists without steps', async () => {
  const first = sampleRecord({ runId: 'a', updatedAt: 1, steps: sampleSteps(600) });
  const second = sampleRecord({ runId: 'b', updatedAt: 2, steps: sampleSteps(3) });
  await putRun(first);
  await putRun(second);
  expect(await getRun('a')).toEqual(first);
  expect(await getRun('none')).toBeUndefined();
  const list = await listRuns();
  expect(list.map((run) => run.runId)).toEqual(['b', 'a']);
  expect(list[0]).not.toHaveProperty('steps');
});

it('takes back steps that a run repeats or forgets', async () => {
  await putRun(sampleRecord({ runId: 'a', steps: sampleSteps(700) }));
  const repeated = sampleRecord({
    runId: 'a',
    steps: sampleSteps(700).map((s) => (s.step > 300 ? { ...s, loss: 9 } : s)),
  });
  await putRun(repeated);
  expect((await getRun('a'))?.steps).toEqual(repeated.steps);
  await putRun(sampleRecord({ runId: 'a', steps: sampleSteps(10) }));
  expect((await getRun('a'))?.steps).toEqual(sampleSteps(10));
});

it('writes only the last chunk of 20,000 steps', async () => {
  const steps = sampleSteps(20_000);
  await putRun(sampleRecord({ runId: 'long', steps: steps.slice(0, 19_990) }));
  const database = await openDB('tabtune-runs', 2);
  // A mark inside the first chunk shows whether it is written again.
  const first = (await database.get('steps', ['long', 0])) as object;
  await database.put('steps', { ...first, touched: true });
  const started = performance.now();
  await putRun(sampleRecord({ runId: 'long', steps }));
  expect(performance.now() - started).toBeLessThan(500);
  expect(await database.get('steps', ['long', 0])).toHaveProperty('touched');
  expect(await database.count('steps')).toBe(Math.ceil(20_000 / chunkSteps));
  database.close();
  expect((await getRun('long'))?.steps.length).toBe(20_000);
});

it('keeps a new name while the run goes on saving', async () => {
  const record = sampleRecord({ runId: 'a', name: 'quiet-heron' });
  await putRun(record);
  await renameRun('a', 'my best run');
  await putRun({ ...record, step: 99 });
  expect(await getRun('a')).toMatchObject({ name: 'my best run', step: 99 });
  await renameRun('gone', 'x');
  expect(await getRun('gone')).toBeUndefined();
});

it('deletes a run with its steps and checkpoints', async () => {
  await putRun(sampleRecord({ runId: 'a', steps: sampleSteps(600) }));
  await putRun(sampleRecord({ runId: 'b', steps: sampleSteps(5) }));
  await opfsCheckpoints.write('a', 1, inPieces(new Uint8Array(10)));
  await deleteRun('a');
  expect(await getRun('a')).toBeUndefined();
  expect((await getRun('b'))?.steps.length).toBe(5);
  expect(await opfsCheckpoints.list('a')).toEqual([]);
});

it('deletes nothing of a run that some tab trains', async () => {
  await putRun(sampleRecord({ runId: 'a', steps: sampleSteps(5) }));
  await opfsCheckpoints.write('a', 1, inPieces(new Uint8Array(10)));
  await whileTraining(async () => {
    expect(await liveRunId()).toBe('a');
    await expect(deleteRun('a')).rejects.toMatchObject({ code: 'run-live' });
  }, 'a');
  expect((await getRun('a'))?.steps.length).toBe(5);
  expect((await opfsCheckpoints.list('a')).length).toBe(1);
  expect(await liveRunId()).toBeNull();
});

it('offers the step that the file holds, not the record’s, after a page went in the midst of a checkpoint', async () => {
  await putRun(sampleRecord({ runId: 'a', state: 'running', step: 174, steps: sampleSteps(174) }));
  await opfsCheckpoints.write('a', 116, inPieces(new Uint8Array(100)));
  const root = await navigator.storage.getDirectory();
  const folder = await (await root.getDirectoryHandle('runs')).getDirectoryHandle('a');
  const half = await (await folder.getFileHandle('step-174.safetensors.part', { create: true })).createWritable();
  await half.write(new Uint8Array(50));
  await half.close();
  const [head] = await listRuns();
  expect([head!.step, head!.checkpointStep]).toEqual([174, 116]);
});
