// A run of an archive taken over into the store: all of it, or nothing where there is no room.
import { afterEach, expect, it } from 'vitest';
import { zipBlob } from '../../src/formats/zipBlob';
import { importRun } from '../../src/runs/importRun';
import { opfsCheckpoints } from '../../src/runs/opfsCheckpoints';
import { archiveFiles, readArchive } from '../../src/runs/runArchive';
import { deleteRun, getRun, getViews, listRuns, putRun, putView } from '../../src/runs/runStore';
import { inPieces } from '../helpers/inPieces';
import { sampleRecord, sampleSteps } from '../runs/sampleRecord';

afterEach(async () => {
  for (const run of await listRuns()) await deleteRun(run.runId);
});

it('brings a run from one browser to another with steps, views and checkpoints', async () => {
  const record = sampleRecord({ steps: sampleSteps(600), state: 'paused', summary: null });
  await putRun(record);
  await putView('run-1', 'before', { kind: 'pose', truth: new Float32Array([1, 2]) });
  await opfsCheckpoints.write('run-1', 116, inPieces(new Uint8Array(3_000_000).fill(7)));
  const archive = await zipBlob(
    archiveFiles([
      {
        record: (await getRun('run-1'))!,
        views: await getViews('run-1'),
        checkpoints: [{ step: 116, blob: await opfsCheckpoints.open('run-1', 116) }],
        others: [],
      },
    ]),
  );
  // As a file on disk would: the stored checkpoint goes with its run.
  const file = new Blob([await archive.arrayBuffer()]);
  await deleteRun('run-1');
  for (const run of await readArchive(file, 'x.zip')) await importRun(run);
  expect(await getRun('run-1')).toEqual({ ...record, bytes: 3_000_000 });
  expect(await getViews('run-1')).toEqual({ before: { kind: 'pose', truth: new Float32Array([1, 2]) } });
  const [head] = await listRuns();
  expect(head!.checkpointStep).toBe(116);
  const kept = await (await opfsCheckpoints.open('run-1', 116)).bytes();
  expect(kept.every((byte) => byte === 7) && kept.length === 3_000_000).toBe(true);
});

it('leaves nothing of a run that cannot be read to its end', async () => {
  const gone = new Blob(['x']);
  Object.defineProperty(gone, 'size', { value: 10 });
  const broken = { step: 2, blob: new Proxy(gone, { getPrototypeOf: () => null }) };
  const whole = { step: 1, blob: new Blob(['checkpoint']) };
  await expect(importRun({ record: sampleRecord(), views: {}, checkpoints: [whole, broken] })).rejects.toThrow();
  expect(await listRuns()).toEqual([]);
  expect(await opfsCheckpoints.list('run-1')).toEqual([]);
});
