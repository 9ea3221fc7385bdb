// Runs as one .zip: read in again they are what they were, and archives that are none are refused by one sentence.
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { zipBlob } from '../../src/formats/zipBlob';
import { archiveFiles, readArchive, type RunToArchive } from '../../src/runs/runArchive';
import type { RunRecord } from '../../src/training/protocol';
import { sampleRecord, sampleSummary } from './sampleRecord';

const pixels = new Uint8Array(1 << 16).map((_, i) => i);
const checkpoint = (step: number) => ({ step, blob: new Blob([new Uint8Array(5000).fill(step)]) });

function sampleRun(change: Partial<RunRecord> = {}): RunToArchive {
  return {
    record: sampleRecord(change),
    views: { before: { kind: 'pose', input: new Float32Array([1, NaN]) }, after: { still: { width: 4, pixels } } },
    checkpoints: [checkpoint(200), checkpoint(300)],
    others: [{ path: 'report.md', blob: new Blob(['# quiet-heron']) }],
  };
}

const archived = async (runs: readonly RunToArchive[]) => await zipBlob(archiveFiles(runs));
const unzipped = async (archive: Blob) => unzipSync(new Uint8Array(await archive.arrayBuffer()));
const zipped = (files: Record<string, Uint8Array>) => new Blob([zipSync(files)]);

describe('an archive of runs', () => {
  it('is read in again as what it was, resized frames aside', async () => {
    const unfinished = {
      runId: 'run-2',
      name: 'brave lynx: 2/3',
      summary: null,
      best: null,
      state: 'running',
    } as const;
    const labels = { added: [{ path: 'labels.json', blob: new Blob(['[]']) }], dataKind: 'demo' } as const;
    const kept = { summary: sampleSummary({ after: NaN }) };
    const first = sampleRun({ ...kept, frames: ['a'] });
    const read = await readArchive(await archived([first, sampleRun({ ...unfinished, ...labels })]), 'x.zip');
    expect(read.map((run) => run.record.name)).toEqual(['quiet-heron', 'brave lynx: 2/3']);
    expect(read[0]!.record).toEqual(sampleRun(kept).record);
    expect(read[0]!.views).toEqual(first.views);
    expect(await read[1]!.record.added![0]!.blob.text()).toBe('[]');
    expect(read[0]!.checkpoints.map(({ step }) => step)).toEqual([200, 300]);
    expect(await read[0]!.checkpoints[1]!.blob.bytes()).toEqual(new Uint8Array(5000).fill(300));
  });

  it('has a folder for each run that every system can unpack', async () => {
    const runs = [sampleRun({ name: 'a/b' }), sampleRun({ name: 'a:b' }), sampleRun({ name: '..' })];
    const names = Object.keys(await unzipped(await archived(runs)));
    expect([...new Set(names.map((name) => name.split('/')[0]))]).toEqual(['tabtune.json', 'a-b', 'a-b 2', 'run']);
    expect(names).toContain('a-b/report.md');
  });

  it('may have been unpacked and packed again, one folder deeper', async () => {
    const files = await unzipped(await archived([sampleRun()]));
    const deeper = Object.fromEntries(Object.entries(files).map(([path, content]) => [`my runs/${path}`, content]));
    const [run] = await readArchive(zipped(deeper), 'x.zip');
    expect(run!.record).toEqual(sampleRun().record);
    expect(run!.checkpoints.length).toBe(2);
  });

  it.each<[string, string, (files: Record<string, Uint8Array>) => void]>([
    ['without its list of contents', 'archive-no-runs', (files) => delete files['tabtune.json']],
    ['whose list is no list', 'archive-no-runs', (files) => (files['tabtune.json'] = Buffer.from('{"format":1}'))],
    ['whose list is no JSON', 'archive-no-runs', (files) => (files['tabtune.json'] = Buffer.from('{'))],
    [
      'of a newer version',
      'archive-newer',
      (files) => (files['tabtune.json'] = Buffer.from('{"format":2,"folders":[]}')),
    ],
    ['without a record', 'archive-record', (files) => delete files['quiet-heron/record.json']],
    ['with half a record', 'packed-broken', (files) => cut(files, 'quiet-heron/record.json')],
    ['with a record of no steps', 'archive-record', (files) => edit(files, '"steps":', '"steppes":')],
    ['with a step that is a text', 'archive-record', (files) => edit(files, '"step":1,', '"step":"1",')],
    ['with half the bytes of a view', 'packed-broken', (files) => cut(files, 'quiet-heron/views/after.bin')],
  ])('%s is refused', async (_, code, spoil) => {
    const files = await unzipped(await archived([sampleRun()]));
    spoil(files);
    await expect(readArchive(zipped(files), 'x.zip')).rejects.toMatchObject({ name: 'UserError', code });
  });

  it.each<[string, string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>]>([
    ['that is cut off', 'zip-broken', (bytes) => bytes.slice(0, -50)],
    ['that is something else', 'zip-broken', () => new TextEncoder().encode('hello')],
    ['in which a checkpoint was damaged', 'zip-broken', (bytes) => flipped(bytes)],
  ])('%s is refused', async (_, code, spoil) => {
    const bytes = new Uint8Array(await (await archived([sampleRun()])).arrayBuffer());
    await expect(readArchive(new Blob([spoil(bytes)]), 'x.zip')).rejects.toMatchObject({ name: 'UserError', code });
  });
});

function cut(files: Record<string, Uint8Array>, path: string): void {
  files[path] = files[path]!.slice(0, files[path]!.length / 2);
}

function edit(files: Record<string, Uint8Array>, from: string, to: string): void {
  const path = 'quiet-heron/record.json';
  files[path] = Buffer.from(Buffer.from(files[path]!).toString().replace(from, to));
}

/** One bit of the last checkpoint, whose bytes are all alike. */
function flipped(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  bytes[Buffer.from(bytes).lastIndexOf(Buffer.alloc(100, 300)) + 50]! ^= 1;
  return bytes;
}
