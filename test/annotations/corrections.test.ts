// Corrected labels beside others: they count for their videos and for no others, whatever the others are written in.
import { describe, expect, it } from 'vitest';
import { readLabels } from '../../src/annotations/readLabels';
import { labelsJson } from '../../src/annotations/segmentLabels';
import { cocoJson, vocXml, type WrittenImage } from '../../src/annotations/writeBoxes';
import { madeFolder } from '../helpers/dataFolder';

const corrections = labelsJson(
  new Map([
    [
      'set/b.mp4',
      {
        subset: 'training',
        ...{ durationSeconds: 9, frames: 90 },
        actions: [
          { segment: [4, 5], label: 'wave' },
          { segment: [1, 2], label: 'jump' },
        ],
      },
    ],
    ['set/new.mp4', { subset: 'validation', durationSeconds: 8, frames: 80, actions: [] }],
  ]),
  true,
);
const database = {
  a: { subset: 'training', duration: 9, annotations: [{ segment: [1, 3], label: 'jump' }] },
  b: { subset: 'validation', duration: 9, annotations: [{ segment: [0, 9], label: 'jump' }] },
};
const videos = { 'set/a.mp4': null, 'set/b.mp4': null, 'set/new.mp4': null };

async function read(files: Readonly<Record<string, string | null>>) {
  const labels = await readLabels(madeFolder({ ...videos, ...files }));
  if (labels.format !== 'activitynet' && labels.format !== 'segment-table') throw new Error(labels.format);
  const items = Object.fromEntries(
    labels.set.items.map(({ path, split, segments }) => [
      path,
      [split, segments.map(({ label, startSeconds, endSeconds }) => `${label} ${startSeconds}-${endSeconds}`).join()],
    ]),
  );
  return { items, classes: labels.set.classes, problems: labels.report.problems.map(({ code }) => code) };
}

const corrected = {
  'set/a.mp4': ['train', 'jump 1-3'],
  'set/b.mp4': ['train', 'jump 1-2,wave 4-5'],
  'set/new.mp4': ['val', ''],
};

describe('corrected labels', () => {
  it('stand in for those of an ActivityNet file, and add videos that had none', async () => {
    const found = await read({ 'set/labels.json': JSON.stringify({ database }), 'a-corrections.json': corrections });
    expect(found.items).toEqual(corrected);
    expect(found.classes).toEqual(['jump', 'wave']);
    expect(found.problems).toEqual([]);
  });

  it('stand in for those of a table, of which each line has its split', async () => {
    const table = 'video,label,start,end,split\na,jump,1,3,train\nb,jump,0,9,val\n';
    expect((await read({ 'set/labels.csv': table, 'set/corrections.json': corrections })).items).toEqual(corrected);
  });

  it('are labels by themselves where there are no others', async () => {
    const found = await read({ 'corrections.json': corrections });
    expect(Object.keys(found.items)).toEqual(['set/b.mp4', 'set/new.mp4']);
    expect(found.problems).toEqual(['label-none']);
  });
});

describe('corrected boxes', () => {
  const box = (label: string, x0: number) => ({ label, x0, y0: 2, x1: x0 + 10, y1: 12 });
  const image = (path: string, boxes: WrittenImage['boxes'], split: WrittenImage['split'] = 'train') => ({
    ...{ path, split, boxes, width: 64, height: 48 },
  });
  const pictures = { 'set/a.jpg': null, 'set/b.jpg': null, 'set/new.jpg': null };
  const corrects = cocoJson(
    [image('set/b.jpg', [box('bus', 20)]), image('set/new.jpg', [], 'val')],
    ['car', 'bus'],
    true,
  );

  async function boxes(files: Readonly<Record<string, string>>) {
    const labels = await readLabels(madeFolder({ ...pictures, ...files }));
    if (labels.format !== 'voc' && labels.format !== 'coco') throw new Error(labels.format);
    return {
      items: Object.fromEntries(
        labels.set.items.map((one) => [
          one.path,
          [one.split, one.boxes.map(({ label, x0 }) => `${label} ${x0}`).join()],
        ]),
      ),
      classes: labels.set.classes,
      problems: labels.report.problems.map(({ code }) => code),
    };
  }

  it('stand in for those of COCO and of VOC files, and add pictures that had none', async () => {
    const labelled = [image('a.jpg', [box('car', 1)]), image('b.jpg', [box('car', 3)], 'val')];
    const wanted = { 'set/a.jpg': ['train', 'car 1'], 'set/b.jpg': ['train', 'bus 20'], 'set/new.jpg': ['val', ''] };
    const coco = await boxes({ 'set/train.json': cocoJson(labelled, ['car']), 'corrections.json': corrects });
    expect(coco).toEqual({ items: wanted, classes: ['car', 'bus'], problems: [] });
    const voc = await boxes({
      ...Object.fromEntries(labelled.map((one) => [`set/${one.path.replace('jpg', 'xml')}`, vocXml(one)])),
      ...{ 'set/train.txt': 'a\n', 'set/val.txt': 'b\n', 'set/corrections.json': corrects },
    });
    expect(voc).toEqual({ items: wanted, classes: ['car', 'bus'], problems: [] });
  });

  it('are labels by themselves where there are no others', async () => {
    const { items } = await boxes({ 'corrections.json': corrects });
    expect(Object.keys(items)).toEqual(['set/b.jpg', 'set/new.jpg']);
  });
});
