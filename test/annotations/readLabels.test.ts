// Dropped labels of any kind: recognised by content, in folders and archives, with broken text repaired on request.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { DataReport } from '../../src/annotations/dataReport';
import { readLabels } from '../../src/annotations/readLabels';
import type { DataFile } from '../../src/formats/dataFile';
import { floatNpy, npzFile } from '../formats/npyText';
import { droppedFolder, madeFolder } from '../helpers/dataFolder';
import { sharedData } from '../helpers/golden';
import { anomalyList, captionsA, captionsC, ucfText } from './anomalyTexts';
import { skeletonText } from './bvhText';
import { cocoText, vocText } from './vocText';

const bytes = (text: string) => new TextEncoder().encode(text);
const actions = (label = 'jump') =>
  JSON.stringify({ database: { v: { subset: 'training', duration: 9, annotations: [{ segment: [1, 2], label }] } } });
const file = (path: string, content: Uint8Array<ArrayBuffer>): DataFile => ({ path, blob: new Blob([content]) });

describe('dropped labels', () => {
  it.each([
    ['activitynet', { 'any name.json': actions(), 'v.mp4': null }],
    ['voc', { 'x/y/a.xml': vocText(), 'x/y/a.jpg': null }],
    ['coco', { 'labels.json': cocoText(), 'a.jpg': null, 'b.jpg': null }],
    ['captions', { 'a.json': JSON.stringify(captionsA), 'Abuse001_x264.mp4': null }],
    ['captions', { 'old.json': JSON.stringify(captionsC), 'Burglary001_x264.mp4': null }],
    ['anomaly-list', { 'a.json': JSON.stringify(anomalyList), 'a.mp4': null }],
    ['ucf-crime', { 'notes.txt': ucfText, 'Abuse028_x264.mp4': null }],
    ['face-list', { 'x.json': '[{"file": "a.mp4", "label": 1}]', 'a.mp4': null }],
    ['face-folders', { 'real/1.mp4': null, 'fake/2.mp4': null, 'train.json': '[["1", "2"]]' }],
    ['bvh', { 'a_01.bvh': skeletonText(), 'b_01.bvh': skeletonText() }],
  ])('are known as %s by their content, also one level deeper', async (format, files) => {
    const plain = await readLabels(madeFolder(files));
    expect([plain.format, plain.others]).toEqual([format, []]);
    expect(plain.report.usable).toBeGreaterThan(0);
    const deeper = Object.fromEntries(Object.entries(files).map(([path, text]) => [`outer/inner/${path}`, text]));
    expect((await readLabels(madeFolder(deeper))).report.usable).toBe(plain.report.usable);
  });

  it('are known as Human3.6M arrays, with a reason for a broken archive', async () => {
    const [joints2d, joints3d] = [
      floatNpy([2, 17, 2], () => 9),
      floatNpy([2, 17, 3], (i) => (i % 3 === 2 ? 4 : i * 0.1)),
    ];
    const archive = npzFile({ 'positions_2d/S1/Walk/c': joints2d, 'positions_3d/S1/Walk/c': joints3d });
    const labels = await readLabels([file('a.npz', archive), file('b.npz', archive.slice(0, 50))]);
    expect(labels.format).toBe('human36m');
    expect(labels.report).toMatchObject({ found: 2, usable: 1, problems: [{ path: 'b.npz', code: 'zip-broken' }] });
  });

  it('may come as an archive, with names and folders as in the folder', async () => {
    const archive = zipSync({
      'set/train.json': bytes(actions()),
      'set/videos/v.mp4': [bytes('media'.repeat(1000)), { level: 0 }],
      '__MACOSX/set/._train.json': bytes('litter'),
    });
    const labels = await readLabels([file('my data.zip', archive)]);
    expect(labels).toMatchObject({ format: 'activitynet', report: { found: 1, usable: 1 } });
    expect(labels.report.problems).toMatchObject([{ code: 'label-left-out', detail: { kind: 'hidden', files: 1 } }]);
    expect(labels.set.items[0]!.path).toBe('my data/set/videos/v.mp4');
    expect(await labels.set.items[0]!.media.blob.text()).toBe('media'.repeat(1000));
  });

  it('are read in another of the formats that are there when asked', async () => {
    const files = madeFolder({ 'a.xml': vocText(), 'a.jpg': null, 'coco.json': cocoText(), 'b.jpg': null });
    expect(await readLabels(files)).toMatchObject({ format: 'voc', others: ['coco'] });
    expect(await readLabels(files, { format: 'coco' })).toMatchObject({ format: 'coco', others: ['voc'] });
    await expect(readLabels(files, { format: 'bvh' })).rejects.toMatchObject({ code: 'labels-other-format' });
  });

  it('say which of several label files is read', async () => {
    const { report } = await readLabels(madeFolder({ 'a.json': actions(), 'old/b.json': actions(), 'v.mp4': null }));
    expect(report.problems).toMatchObject([
      { code: 'labels-second-file', path: 'old/b.json', detail: { read: 'a.json' } },
    ]);
  });

  it.each([
    ['a folder of nothing known', { 'a.mp4': null, 'notes.txt': 'hello', 'b.json': '{"a": 1}' }, 'labels-unknown'],
    ['nothing', {}, 'labels-unknown'],
    ['a cut label file', { 'a.mp4': null, 'labels.json': '{"database": {' }, 'json-broken'],
    ['a path that leaves the folder', { '../labels.json': actions() }, 'path-outside'],
    ['a path from the root', { '/etc/labels.json': actions() }, 'path-outside'],
  ])('are refused: %s', async (_, files, code) => {
    await expect(readLabels(madeFolder(files as Record<string, string | null>))).rejects.toMatchObject({
      name: 'UserError',
      code,
    });
  });

  it.skipIf(sharedData('bvh') === null).each(
    Object.entries({
      tad_self_labelled: 'activitynet',
      det_aerial: 'voc',
      det_bccd: 'voc',
      faceswap_toy: 'face-list',
      anomaly_self_labelled: 'anomaly-list',
    }),
  )('are read from the real folder %s', async (name, format) => {
    const labels = await readLabels(droppedFolder(sharedData(name)!));
    expect(labels.format).toBe(format);
    // Two clips of whole frames have no label.
    expect(labels.report.problems).toHaveLength(name === 'faceswap_toy' ? 2 : 0);
  });

  it.skipIf(sharedData('bvh') === null)('are the same from a real folder and from its archive', async () => {
    const root = sharedData('anomaly_self_labelled')!;
    const files = droppedFolder(root);
    const entries = files.map(({ path }) => [path, readFileSync(join(root, '..', path))] as const);
    // Everything is deflated: labels and videos stream through the inflater.
    const archive = file('data.zip', zipSync(Object.fromEntries(entries), { level: 1 }));
    const [folder, unzipped] = [await readLabels(files), await readLabels([archive])];
    const plain = ({ samples = [], items = [], ...report }: DataReport) => {
      return { ...report, items: items.map(({ label, split }) => [label, split]), samples: samples.length };
    };
    expect(plain(unzipped.report)).toEqual(plain(folder.report));
  });
});

describe('text that was written otherwise', () => {
  const wide = (text: string) =>
    Uint8Array.from([0xff, 0xfe, ...Array.from(text, (char) => [char.charCodeAt(0), 0]).flat()]);

  it.each([
    ['ucf-crime', 'a.txt', ucfText, 'Abuse028_x264.mp4'],
    ['ucf-crime', 'Anomaly_Train.txt', 'Abuse/Abuse028_x264.mp4\r\n', 'Abuse/Abuse028_x264.mp4'],
    ['voc', 'a.xml', `<?xml version="1.0" encoding="utf-16"?>${vocText()}`, 'a.jpg'],
    ['segment-table', 'a.csv', 'video,label,start,end\r\nv,jump,1,2\r\n', 'v.mp4'],
    ['activitynet', 'a.json', actions(), 'v.mp4'],
  ])('as Windows writes UTF-16 is known as %s', async (format, path, text, media) => {
    const labels = await readLabels([file(path, wide(text)), ...madeFolder({ [media]: null })]);
    expect([labels.format, labels.report.usable]).toEqual([format, 1]);
  });

  const gbk = Uint8Array.from([
    ...bytes('{"database": {"v": {"subset": "training", "duration": 9, "annotations": [{"segment": [1, 2], "label": "'),
    0xcc,
    0xf8,
    0xd4,
    0xb6,
    ...bytes('"}]}}}'),
  ]);
  const twice = bytes(actions(new TextDecoder('windows-1252').decode(bytes('跳远'))));

  it.each([
    ['GBK', gbk, 'text-gbk'],
    ['UTF-8 encoded twice', twice, 'text-double-encoded'],
  ])('is noticed, and repaired on request: %s', async (_, content, code) => {
    const files = [file('a.json', content), ...madeFolder({ 'v.mp4': null })];
    const broken = await readLabels(files);
    expect(broken.set.classes).not.toEqual(['跳远']);
    expect(broken.report.problems).toMatchObject([{ code, path: 'a.json', detail: { repaired: false } }]);
    const repaired = await readLabels(files, { repairText: true });
    expect(repaired.set.classes).toEqual(['跳远']);
    expect(repaired.report.problems).toMatchObject([{ code, detail: { repaired: true } }]);
  });
});

describe('the report for the check before training', () => {
  it('has six samples with their labels, the same each time', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `${i}.jpg`);
    const coco = cocoText({
      images: names.map((file_name, id) => ({ id, file_name, width: 100, height: 50 })),
      annotations: names.map((_, id) => ({ image_id: id, category_id: 1, bbox: [1, 2, id === 3 ? 0.5 : 10, 10] })),
    });
    const files = { 'train.json': coco, ...Object.fromEntries(names.map((name) => [name, null])) };
    const { report } = await readLabels(madeFolder(files));
    expect(report.items).toHaveLength(20);
    expect(report.samples).toHaveLength(6);
    expect(report.samples![0]).toMatchObject({
      label: 'bus',
      split: 'train',
      kind: 'image',
      boxes: [{ x0: 1, y0: 2 }],
    });
    expect(report.samples![0]!.media).toBeInstanceOf(Blob);
    const again = (await readLabels(madeFolder(files))).report;
    expect(again.samples!.map(({ path }) => path)).toEqual(report.samples!.map(({ path }) => path));
    expect(report.unlearnable).toBe(1);
  });

  it('counts segments without one whole frame, and gives samples their times', async () => {
    const video = (segment: number[]) => ({
      subset: 'training',
      duration: 10,
      fps: 10,
      annotations: [{ segment, label: 'a' }],
    });
    const database = JSON.stringify({ database: { v: video([1, 1.05]), w: video([1, 2]) } });
    const { report } = await readLabels(madeFolder({ 'a.json': database, 'v.mp4': null, 'w.mp4': null }));
    expect(report.unlearnable).toBe(1);
    expect(report.samples!.find(({ path }) => path === 'w.mp4')).toMatchObject({
      kind: 'video',
      spans: [{ label: 'a', start: 1, end: 2 }],
    });
  });
});
