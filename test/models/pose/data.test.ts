// The pose task's data from end to end: demo, motion capture, archives; batches, evaluation, baselines.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { preparePose } from '../../../src/models/pose/data';
import { choleskySolve } from '../../../src/metrics/choleskySolve';
import { MIRRORED } from '../../../src/figure/skeleton';
import type { PoseView } from '../../../src/models/pose/viewPayload';
import type { DataSource } from '../../../src/annotations/dataSource';
import type { Settings } from '../../../src/models/settings';
import type { Batch, PreparedData } from '../../../src/training/runtime';
import { bvhFamilies } from '../../../src/annotations/bvhFamilies';
import { fileOf, skeletonText } from '../../annotations/bvhText';
import { floatNpy, npzFile } from '../../formats/npyText';
import { sharedData } from '../../helpers/golden';
import { seededRandom } from '../../../src/samples/seededRandom';

const silent = () => undefined;
const narrow: Settings = { frames: 9, stride: 9, frameRate: 30, batch: 16, rootRelative: true };
const demo: DataSource = { kind: 'demo' };
const prepare = (settings: Settings = {}, data: DataSource = demo) =>
  preparePose(data, { ...narrow, ...settings }, silent);
const folder = (...files: ReturnType<typeof fileOf>[]): DataSource => ({ kind: 'files', name: 'f', files });

/** Poses are arrays, never frames. */
const arraysOf = (batch: Batch) => batch as Readonly<Record<string, Float32Array>>;

/** What a perfect model would answer: the labels of every validation item. */
function truths(data: PreparedData, batch = 16): { pose3d: Float32Array }[] {
  const out: { pose3d: Float32Array }[] = [];
  for (let first = 0; first < data.validationClips; first += batch) {
    const clips = Array.from({ length: Math.min(batch, data.validationClips - first) }, (_, i) => first + i);
    const { pose3d } = arraysOf(data.validationBatch(clips));
    const size = pose3d!.length / clips.length;
    for (const i of clips.keys()) out.push({ pose3d: pose3d!.slice(i * size, (i + 1) * size) });
  }
  return out;
}

describe('samples', () => {
  it('are six recordings as upright skeletons inside their pictures', async () => {
    const { samples, unlearnable } = (await prepare()).report;
    expect([samples!.length, unlearnable]).toEqual([6, 0]);
    for (const { strokes, label } of samples!) {
      expect(label).toBeTruthy();
      expect(strokes).toHaveLength(16);
      const xs = strokes!.flatMap(({ x0, x1 }) => [x0, x1]);
      const ys = strokes!.flatMap(({ y0, y1 }) => [y0, y1]);
      for (const value of [...xs, ...ys]) expect(value >= 0.099 && value <= 0.901).toBe(true);
      const extent = (values: number[]) => Math.max(...values) - Math.min(...values);
      expect(Math.max(extent(xs), extent(ys))).toBeCloseTo(0.8, 5);
    }
    // The neck lies above the pelvis, most of the time.
    const upright = samples!.filter(({ strokes }) => strokes![7]!.y1 < strokes![7]!.y0);
    expect(upright.length).toBeGreaterThan(4);
  });
});

describe('batches', () => {
  it('have the shapes that the model wants, and lie in the image', async () => {
    const data = await prepare({ confidence: true, noise: 5, outliers: 0.01 });
    const { pose2d, pose3d } = arraysOf(data.trainBatch([0, 5, 7], seededRandom(1)));
    expect([pose2d!.length, pose3d!.length]).toEqual([3 * 9 * 17 * 3, 3 * 9 * 17 * 3]);
    for (let i = 0; i < pose2d!.length; i++) {
      if (i % 3 === 2) expect(pose2d![i]! > 0 && pose2d![i]! <= 1).toBe(true);
      else expect(Math.abs(pose2d![i]!)).toBeLessThan(1.3);
    }
    const twice = arraysOf(data.validationBatch([data.validationClips - 1, data.validationClips - 1]));
    expect(twice['pose3d']!.length).toBe(2 * 9 * 51);
    expect(twice['pose3d']!.slice(0, 459)).toEqual(twice['pose3d']!.slice(459));
  });

  it('show in 2D what the label says when there is no noise', async () => {
    const data = await prepare({ rootRelative: false });
    const { pose2d, pose3d } = arraysOf(data.trainBatch([3], seededRandom(1)));
    for (let joint = 0; joint < 9 * 17; joint++) {
      expect(pose2d![joint * 2]).toBe(pose3d![joint * 3]);
      expect(pose2d![joint * 2 + 1]).toBe(pose3d![joint * 3 + 1]);
    }
  });

  it('mirror both sides alike, and subtract the root when asked', async () => {
    const plain = arraysOf((await prepare()).trainBatch([11], seededRandom(1)));
    const mirrored = arraysOf((await prepare({ flip: 1 })).trainBatch([11], seededRandom(1)));
    for (let i = 0; i < 9 * 17; i++) {
      const source = i - (i % 17) + MIRRORED[i % 17]!;
      expect(mirrored['pose2d']![i * 2]).toBe(-plain['pose2d']![source * 2]!);
      expect(mirrored['pose3d']![i * 3]).toBe(-plain['pose3d']![source * 3]!);
      expect(mirrored['pose3d']![i * 3 + 2]).toBe(plain['pose3d']![source * 3 + 2]);
      if (i % 17 === 0) expect(Math.abs(plain['pose3d']![i * 3 + 2]!)).toBe(0);
    }
  });

  it('depend on nothing but the clips and the random numbers', async () => {
    const settings = { noise: 3, cameras: 'random', flip: 0.5 };
    const [first, second] = [await prepare(settings), await prepare(settings)];
    first.trainBatch([1, 2, 3], seededRandom(9));
    expect(first.trainBatch([5, 6], seededRandom(2))).toEqual(second.trainBatch([5, 6], seededRandom(2)));
    expect(first.trainBatch([5, 6], seededRandom(3))).not.toEqual(second.trainBatch([5, 6], seededRandom(2)));
    expect(first.validationBatch([4])).toEqual(second.validationBatch([4]));
  });

  it('take well under 5 ms for 64 clips of 9 frames', async () => {
    const data = await prepare({ noise: 3, outliers: 0.01, cameras: 'random', flip: 0.5 });
    const clips = Array.from({ length: 64 }, (_, i) => (i * 37) % data.trainClips);
    const random = seededRandom(1);
    const times = Array.from({ length: 40 }, () => {
      const start = performance.now();
      data.trainBatch(clips, random);
      return performance.now() - start;
    });
    // A low one of many: other programs may share the processor.
    expect(times.sort((a, b) => a - b)[4]).toBeLessThan(5);
  });
});

describe('evaluation', () => {
  it.each<[string, Settings]>([
    ['root-relative clips', {}],
    ['absolute clips', { rootRelative: false }],
    ['mirror images averaged in', { testFlip: true }],
    ['clips longer than the recordings', { frames: 243, batch: 4 }],
    ['clips that do not divide the recordings', { frames: 50, stride: 20 }],
  ])('gives a perfect model 0 mm with %s', async (_, settings) => {
    const data = await prepare(settings);
    const { metrics, tables, view } = await data.evaluate(truths(data, Number(settings['batch'] ?? 16)));
    for (const name of ['P1', 'P2', 'N-MPJPE', 'velocity', 'acceleration', 'normalised error ×500'])
      expect(Math.abs(metrics[name]!), name).toBeLessThan(0.01);
    expect(metrics['PCK@150']).toBe(100);
    expect(Object.keys(metrics)[0]).toBe('P1');
    expect(Object.keys(tables['action']!)).toHaveLength(5);
    const { sequences, worst } = view as PoseView;
    expect([sequences.length, worst.length]).toEqual([4, 10]);
    expect(new Set(sequences.map(({ action }) => action)).size).toBe(4);
    for (const one of sequences) expect(one.truth).toHaveLength(one.frames * 51);
  });

  it('states the error of a known mistake', async () => {
    const data = await prepare();
    const outputs = truths(data);
    for (const { pose3d } of outputs) for (let i = 3; i < pose3d.length; i += 51) pose3d[i]! += 0.02;
    // Joint 1 is off by 0.02 · 500 px at about 5.2 mm per pixel; the other sixteen are right.
    const { metrics, tables } = await data.evaluate(outputs);
    expect(metrics['P1']! * 17).toBeCloseTo(tables['joint']!['right hip']!, 2);
    expect(tables['joint']!['right hip']! / 10).toBeGreaterThan(4.5);
    expect(tables['joint']!['right hip']! / 10).toBeLessThan(6);
    expect(metrics['normalised error ×500']).toBeCloseTo(10 / 17, 4);
  });

  it('does not hide a model that fell apart', async () => {
    const data = await prepare();
    const outputs = truths(data);
    outputs[3] = { pose3d: new Float32Array(459).fill(NaN) };
    const { metrics, view } = await data.evaluate(outputs);
    expect(metrics['P1']).toBeNaN();
    expect((view as PoseView).worst[0]!.p1).toBeNaN();
  });
});

describe('baselines', () => {
  it('solves positive definite systems', () => {
    const x = choleskySolve(Float64Array.of(4, 0, 2, 3), 2, Float64Array.of(8, 4, 7, 5), 2);
    for (const [i, want] of [1.25, 0.25, 1.5, 1.5].entries()) expect(x[i]).toBeCloseTo(want, 12);
  });

  it('leave much to learn in the demo', async () => {
    const data = await prepare();
    const baselines = await data.baselines(silent);
    expect(baselines['meanPose']).toBeGreaterThan(150);
    expect(baselines['ridge']).toBeGreaterThan(60);
    expect(baselines['ridge']).toBeLessThan(baselines['meanPose']! / 2);
  });
});

const recordings = sharedData('bvh');

describe('motion capture', () => {
  it.skipIf(!recordings)('reproduces the reference levels of the 54 recordings', { timeout: 120_000 }, async () => {
    const files = readdirSync(recordings!).map((name) => fileOf(name, readFileSync(join(recordings!, name))));
    const data = await prepare({}, folder(...files));
    expect(data.report).toMatchObject({ found: 54, usable: 54, problems: [] });
    const baselines = await data.baselines(silent);
    // SOURCE.md: 221 and 79 mm in camera space, mean over frames; the protocol's labels and means give slightly less.
    expect(Math.abs(baselines['meanPose']! - 219)).toBeLessThan(3);
    expect(Math.abs(baselines['ridge']! - 75)).toBeLessThan(3);
    expect((await data.evaluate(truths(data))).metrics['P1']).toBeLessThan(0.01);
  });

  const named = (name: string, frames = 40) => fileOf(name, skeletonText(1, frames));

  it('trains on what is usable and reports the rest', async () => {
    const { report } = await prepare(
      {},
      folder(named('a_01.bvh'), named('b_01.bvh'), named('c_01.bvh', 5), fileOf('d_01.bvh', 'x')),
    );
    expect(report).toMatchObject({ found: 4, usable: 3 });
    expect(report.problems.map(({ path, code }) => [path, code])).toEqual([['d_01.bvh', 'bvh-syntax']]);
    expect(Object.keys(report.counts)).toContain('train clips');
  });

  it('takes a .zip as the folder that it holds', async () => {
    const files = [named('p1_01.bvh'), named('p2_01.bvh')];
    const packed: Record<string, Uint8Array> = {};
    for (const { path, blob } of files) packed[`walks/${path}`] = new Uint8Array(await blob.arrayBuffer());
    const { report } = await prepare({}, folder(fileOf('walks.zip', zipSync(packed))));
    const { counts } = (await prepare({}, folder(...files))).report;
    expect(report).toMatchObject({ found: 2, usable: 2, problems: [], counts });
  });

  it('reads an index in GBK as it was meant when asked to', async () => {
    const clips = ['a', 'b'].map(
      (name, i) => `{"file": "${name}_01.bvh", "split": "${['train', 'val'][i]}", "action": "#"}`,
    );
    const text = `{"clips": [${clips.join(', ')}]}`.split('#').map((part) => [...Buffer.from(part)]);
    // 跳远 in GBK.
    const bytes = text.flatMap((part, i) => (i === 0 ? part : [0xcc, 0xf8, 0xd4, 0xb6, ...part]));
    const files = [fileOf('index.json', Uint8Array.from(bytes)), named('a_01.bvh'), named('b_01.bvh')];
    const garbled = (await prepare({}, folder(...files))).report;
    expect(garbled.problems).toMatchObject([{ code: 'text-gbk', detail: { repaired: false } }]);
    expect(Object.keys(garbled.groups)).not.toContain('跳远');
    const { report } = await prepare({}, { kind: 'files', name: 'f', files, repairText: true });
    expect(report.problems).toMatchObject([{ code: 'text-gbk', detail: { repaired: true } }]);
    expect(Object.keys(report.groups)).toContain('跳远');
  });

  describe('where garbled names leave nothing usable', () => {
    /** A text whose `#` are 跳远 in GBK. */
    const inGbk = (path: string, text: string) => {
      const parts = text.split('#').map((part) => [...Buffer.from(part)]);
      return fileOf(
        path,
        Uint8Array.from(parts.flatMap((part, i) => (i === 0 ? part : [0xcc, 0xf8, 0xd4, 0xb6, ...part]))),
      );
    };
    const clips = (names: readonly string[], family: string) =>
      names.map((file, i) => ({ file, split: ['train', 'val'][i], family }));
    const { name, joints, millimetresPerUnit } = bvhFamilies[0]!;
    const mapping = { own: joints.map((joint) => joint.replaceAll('Hips', '跳远')) };
    const motion = skeletonText(1, 40).replaceAll('Hips', '#');

    it.each([
      [
        'of recordings in the index',
        [
          inGbk('index.json', JSON.stringify({ clips: clips(['#a.bvh', '#b.bvh'], name) })),
          named('跳远a.bvh'),
          named('跳远b.bvh'),
        ],
      ],
      [
        'of joints in the recordings',
        [
          fileOf(
            'index.json',
            JSON.stringify({
              clips: clips(['a.bvh', 'b.bvh'], 'own'),
              ...{ mapping, mm_per_unit: { own: millimetresPerUnit } },
            }),
          ),
          inGbk('a.bvh', motion),
          inGbk('b.bvh', motion),
        ],
      ],
    ])('%s, they can be read as they were meant', async (_, files) => {
      const reason = { name: 'UserError', code: 'text-gbk', detail: { repaired: false } };
      await expect(prepare({}, folder(...files))).rejects.toMatchObject(reason);
      const { report } = await prepare({}, { kind: 'files', name: 'f', files, repairText: true });
      expect(report).toMatchObject({ found: 2, usable: 2 });
    });
  });

  it.each([
    ['one recording', {}, folder(named('a_01.bvh')), 'pose-no-validation'],
    [
      'a rate above the recorded one',
      { frameRate: 60 },
      folder(named('a_01.bvh'), named('b_01.bvh')),
      'pose-none-usable',
    ],
    ['an empty folder', {}, folder(), 'bvh-none'],
    ['only a broken archive', {}, folder(fileOf('a.npz', 'x')), 'pose-none-usable'],
    ['a broken .zip', {}, folder(fileOf('a.zip', 'x')), 'zip-broken'],
  ])('refuses %s', async (_, settings, data, code) => {
    await expect(prepare(settings, data)).rejects.toMatchObject({ name: 'UserError', code });
  });

  it('takes archives, real cameras and the 50 Hz of Human3.6M', async () => {
    const video = (subject: string) => ({
      [`positions_2d/${subject}/Walking/54138969`]: floatNpy([60, 17, 2], (i) => 400 + (i % 34)),
      [`positions_3d/${subject}/Walking/54138969`]: floatNpy([60, 17, 3], (i) =>
        i % 3 === 2 ? 4000 + Math.floor(i / 51) : i % 3 === 1 ? (Math.floor(i / 3) % 17) * 400 : 0,
      ),
    });
    const archive = fileOf('h36m.npz', npzFile({ ...video('S1'), ...video('S9') }));
    const data = await prepare({ frameRate: 25, testFlip: true }, folder(archive));
    expect(data.report).toMatchObject({ found: 1, usable: 2, counts: { 'train frames': 30, 'val frames': 30 } });
    expect(data.validationClips).toBe(2 * 4);
    expect((await data.evaluate(truths(data))).metrics['P1']).toBeLessThan(0.01);
  });
});
