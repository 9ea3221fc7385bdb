// From labelled files to training and scored clips: what is used, what is refused, and what the report says.
import { expect, it } from 'vitest';
import { UserError } from '../../../src/errors';
import { prepareMntsm } from '../../../src/models/mntsm/data';
import type { DataFile } from '../../../src/formats/dataFile';
import type { DataTools } from '../../../src/training/runtime';
import type { VideoStore } from '../../../src/frames/videoStore';
import { notingStore, sampleFace } from './faces';

const settings = { batch: 2, segments: 4, imageSize: 8, clipSeconds: 1, strideSeconds: 1, threshold: 0.5 };

interface Entry {
  readonly file: string;
  readonly label: number;
  readonly kind?: string;
  readonly split?: string;
  readonly person?: string;
}

function filesOf(entries: readonly Entry[]): DataFile[] {
  const labels = { path: 'set/labels.json', blob: new Blob([JSON.stringify(entries)]) };
  return [labels, ...entries.map(({ file }) => ({ path: `set/${file}`, blob: new Blob([file]) }))];
}

/** Opens videos of three seconds; `broken.mp4` cannot be decoded. */
const tools: DataTools = {
  videos: {
    ...notingStore,
    open: ({ path }) =>
      path.endsWith('broken.mp4')
        ? Promise.reject(new UserError('video-undecodable', 'This video cannot be decoded.', { path }))
        : Promise.resolve(sampleFace(path, 3).video),
  } as Partial<VideoStore> as VideoStore,
};

const prepare = (entries: readonly Entry[], more = {}, chosen = tools) =>
  prepareMntsm(
    { kind: 'files', name: 'set', files: filesOf(entries) },
    { ...settings, ...more },
    () => undefined,
    chosen,
  );

const train: Entry[] = [
  { file: 'a.mp4', label: 0, split: 'train', person: 'A' },
  { file: 'b.mp4', label: 1, split: 'train', person: 'A', kind: 'swap' },
];
const test: Entry[] = [
  { file: 'c.mp4', label: 0, split: 'test', person: 'C' },
  { file: 'd.mp4', label: 1, split: 'test', person: 'C', kind: 'swap' },
];
/** What a model says of a clip of four frames that it is so sure of. */
const said = (score: number) => ({
  score: Float32Array.of(score),
  attention: new Float32Array(4).fill(0.25),
  frameScores: new Float32Array(4).fill(score),
});
const codes = (problems: readonly { readonly code: string }[]) => problems.map(({ code }) => code);

it('judges the test videos where none is marked for validation, and says so', async () => {
  const data = await prepare([...train, ...test]);
  expect([data.trainClips, data.validationClips]).toEqual([6, 6]);
  expect(codes(data.report.problems)).toEqual(['mntsm-test-judged']);
  expect(data.report.counts).toMatchObject({ 'train clips': 6, 'val clips': 6 });
  const outputs = Array.from({ length: 6 }, (_, i) => said(i < 3 ? 0.2 : 0.8));
  const { metrics, tables } = await data.evaluate(outputs);
  expect(metrics).toMatchObject({ 'video AUC': 1, 'clip AUC': 1, 'video accuracy': 1 });
  expect(tables).toEqual({ kind: { swap: 1 } });
});

it('scores test videos beside the ones that decide', async () => {
  const val = test.map((entry) => ({ ...entry, file: `v${entry.file}`, split: 'val', person: 'V' }));
  expect((await prepare([...train, ...val, ...test])).validationClips).toBe(6);
  const data = await prepare([...train, ...val, ...test], { judgeTest: true, judgeTraining: true });
  expect(data.validationClips).toBe(18);
  const { metrics } = await data.evaluate(Array.from({ length: 18 }, () => said(0.5)));
  expect(metrics).toMatchObject({ 'video AUC': 0.5, 'training video AUC': 0.5, 'test video AUC': 0.5 });
});

it('has frames kept only where the setting asks for it, of the videos that the run uses', async () => {
  expect(await prepare([...train, ...test], { cacheFrames: false })).not.toHaveProperty('keepFrames');
  const asked: string[] = [];
  const report = { videos: 4, kept: 4, foundBytes: 0, writtenBytes: 9, memoryBytes: 0, removedBytes: 0, files: [] };
  const keep: VideoStore['keep'] = (videos, { size }, progress) => {
    asked.push(...videos.map(({ facts }) => facts.path), `${size.width} x ${size.height}`);
    progress(1, 2);
    return Promise.resolve(report);
  };
  const val = { ...test[0]!, file: 'v.mp4', split: 'val' };
  const data = await prepare([...train, val, ...test], { cacheFrames: true }, { videos: { ...tools.videos, keep } });
  expect(asked).toEqual([]);
  const told: unknown[] = [];
  expect(await data.keepFrames!((...progress) => told.push(progress), new AbortController().signal)).toEqual(report);
  expect(asked).toEqual(['set/a.mp4', 'set/b.mp4', 'set/v.mp4', '8 x 8']);
  expect(told).toEqual([[1, 2]]);
});

it('leaves out what cannot be decoded, by name', async () => {
  const broken = { file: 'broken.mp4', label: 1, split: 'train', person: 'B' };
  const { report } = await prepare([...train, broken, ...test]);
  expect(report).toMatchObject({ found: 5, usable: 4 });
  expect(report.problems.find(({ path }) => path === 'set/broken.mp4')?.code).toBe('video-undecodable');
});

it('refuses data that cannot be learnt from, saying what is missing', async () => {
  const code = (entries: readonly Entry[]) => prepare(entries).catch((error: unknown) => (error as UserError).code);
  expect(await code([train[0]!, ...test])).toBe('mntsm-no-training');
  expect(await code(train)).toBe('mntsm-no-validation');
  expect(await code([{ file: 'broken.mp4', label: 1, split: 'train' }])).toBe('video-undecodable');
});

it('notes that one class alone gives no AUC', async () => {
  const data = await prepare([...train, test[0]!]);
  expect(codes(data.report.problems)).toContain('mntsm-one-class');
  const { metrics } = await data.evaluate(Array.from({ length: 3 }, () => said(0)));
  expect(metrics['video AUC']).toBeNaN();
});

it('refuses labels of another kind', async () => {
  const annotations = [{ segment: [0, 1], label: 'jump' }];
  const actions = { database: { a: { subset: 'training', duration: 3, annotations } } };
  const files = [
    { path: 'set/actions.json', blob: new Blob([JSON.stringify(actions)]) },
    { path: 'set/a.mp4', blob: new Blob(['a']) },
  ];
  const refused = prepareMntsm({ kind: 'files', name: 'set', files }, settings, () => undefined, tools);
  await expect(refused).rejects.toMatchObject({ code: 'mntsm-labels', detail: { format: 'activitynet' } });
});
