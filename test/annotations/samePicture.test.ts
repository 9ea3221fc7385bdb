// Labels of one picture or video under two ids, ids as texts, repeated entries: joined or named, never lost in silence.
import { describe, expect, it } from 'vitest';
import { parseCoco } from '../../src/annotations/coco';
import { readLabels } from '../../src/annotations/readLabels';
import { madeFolder } from '../helpers/dataFolder';
import { cocoText, vocText } from './vocText';

const image = (id: string | number, file: string) => ({ id, file_name: file, width: 100, height: 50 });
const box = (imageId: string | number, category: string | number = 1, x = 0) => ({
  image_id: imageId,
  category_id: category,
  bbox: [x, 0, 10, 10],
});
const boxesOf = (change: object) => {
  const { images, notices, unusable } = parseCoco(cocoText(change), 'a.json');
  const listed = images.map(({ file, boxes }) => [file, ...boxes.map(({ label }) => label)]);
  return { listed, notices: notices.map(({ code }) => code), unusable: unusable.map(({ code, path }) => [code, path]) };
};

describe('COCO ids', () => {
  const two = [image(0, 'a.jpg'), image(1, 'b.jpg')];

  it('may be texts', () => {
    const images = [image('0001_x', 'a.jpg'), image('0002', 'b.jpg')];
    const annotations = [box('0001_x'), box('0002', '2')];
    expect(boxesOf({ images, annotations })).toEqual({
      listed: [
        ['a.jpg', 'bus'],
        ['b.jpg', 'car'],
      ],
      notices: [],
      unusable: [],
    });
  });

  it.each([
    ['texts for numbers', two, [box('0'), box('1')]],
    ['numbers for texts', [image('0', 'a.jpg'), image('1', 'b.jpg')], [box(0), box(1)]],
    ['numbers for texts with zeros before', [image('000', 'a.jpg'), image('001', 'b.jpg')], [box(0), box(1)]],
  ])('may be %s', (_, images, annotations) => {
    expect(boxesOf({ images, annotations }).listed).toEqual([
      ['a.jpg', 'bus'],
      ['b.jpg', 'bus'],
    ]);
  });

  it('of one file are joined', () => {
    const images = [image(0, 'a.jpg'), image(1, 'a.jpg'), image(2, 'b.jpg')];
    expect(boxesOf({ images, annotations: [box(0), box(1, 2, 50), box(2)] }).listed).toEqual([
      ['a.jpg', 'bus', 'car'],
      ['b.jpg', 'bus'],
    ]);
  });

  it('that repeat an entry change nothing, and boxes that repeat another count once', () => {
    const images = [image(1, 'a.jpg'), image(1, 'a.jpg'), image(2, 'b.jpg')];
    expect(boxesOf({ images, annotations: [box(1), box(1), box(2)] })).toEqual({
      listed: [
        ['a.jpg', 'bus'],
        ['b.jpg', 'bus'],
      ],
      notices: ['label-repeated'],
      unusable: [],
    });
  });

  it('that stand for two files cost those files alone, by name', () => {
    const images = [image(1, 'a.jpg'), image(1, 'b.jpg'), image(2, 'c.jpg')];
    expect(boxesOf({ images, annotations: [box(1), box(2)] })).toEqual({
      listed: [['c.jpg', 'bus']],
      notices: ['coco-annotation'],
      unusable: [
        ['coco-same-number', 'a.jpg'],
        ['coco-same-number', 'b.jpg'],
      ],
    });
  });

  it('that are missing cost only their entry', () => {
    const categories = [{ id: 1, name: 'bus' }, { id: 2 }];
    expect(boxesOf({ images: [...two, { file_name: 'c.jpg' }], categories, annotations: [box(0)] })).toEqual({
      listed: [['a.jpg', 'bus'], ['b.jpg']],
      notices: ['coco-category'],
      unusable: [['coco-image', 'a.json']],
    });
  });

  it('stay apart from numbers that Python could not write', () => {
    const text = cocoText({
      images: two,
      annotations: [
        { ...box(0), area: 7 },
        { ...box(1), bbox: [8, 0, 1, 1] },
      ],
    });
    const python = text.replace('"area":7', '"area":NaN').replace('[8,', '[NaN,');
    const { images, notices } = parseCoco(python, 'a.json');
    expect(images.map(({ boxes }) => boxes.length)).toEqual([1, 0]);
    expect(notices[0]!.message).toMatch(/number 2 has no "bbox".*since annotations\[1\]\.bbox\[0\] is NaN in line 1/);
  });
});

describe('one file in two entries', () => {
  const codes = async (files: Readonly<Record<string, string | null>>) => {
    const { report, set } = await readLabels(madeFolder(files));
    return [report.usable, set.items.length, report.problems.map(({ code }) => code).sort()];
  };

  it('of two COCO files is joined', async () => {
    const one = (x: number) => cocoText({ images: [image(1, 'a.jpg')], annotations: [box(1, 1, x)] });
    const files = { 'train_1.json': one(0), 'train_2.json': one(20), 'val.json': one(40), 'a.jpg': null };
    expect(await codes(files)).toEqual([1, 1, ['coco-twice', 'label-joined']]);
  });

  it('of two VOC files is joined', async () => {
    const files = { 'x/a.xml': vocText(), 'y/other.xml': vocText([], 'a.jpg'), 'x/a.jpg': null };
    expect(await codes(files)).toEqual([1, 1, ['label-joined', 'label-own-split']]);
  });

  it('of ActivityNet, a face list and a list of incidents is joined, or refused where they disagree', async () => {
    const video = { subset: 'training', duration: 9, annotations: [{ segment: [1, 2], label: 'a' }] };
    const database = JSON.stringify({ database: { v: video, 'x/v.mp4': video } });
    expect(await codes({ 'a.json': database, 'v.mp4': null })).toEqual([1, 1, ['label-joined']]);
    const faces = (...labels: number[]) => JSON.stringify(labels.map((label) => ({ file: 'v.mp4', label })));
    expect(await codes({ 'a.json': faces(1, 1), 'v.mp4': null })).toEqual([
      1,
      1,
      ['faces-own-split', 'label-repeated'],
    ]);
    expect(await codes({ 'a.json': faces(1, 0), 'v.mp4': null })).toEqual([0, 0, ['label-contradicts']]);
    const incident = (label: number, start: number) => ({ file: 'v.mp4', label, anomaly_frames: [[start, 9]] });
    const list = (...items: object[]) => ({ 'a.json': JSON.stringify(items), 'v.mp4': null });
    expect(await codes(list(incident(1, 2), incident(1, 3)))).toEqual([1, 1, ['label-joined']]);
    expect(await codes(list(incident(1, 2), { ...incident(0, 3), anomaly_frames: [] }))).toEqual([
      ...[0, 0],
      ['label-contradicts'],
    ]);
  });
});

describe('ids as Python writes them', () => {
  const image = (id: unknown, file: string) => ({ id, file_name: file, width: 100, height: 50 });
  const box = (imageId: unknown) => ({ id: 1, image_id: imageId, category_id: 1, bbox: [0, 0, 10, 10] });
  const text = (images: object[], annotations: object[]) =>
    JSON.stringify({ images, categories: [{ id: 1, name: 'car' }], annotations });

  it('are told apart beyond the numbers of JavaScript', () => {
    const long = (end: string) => `12345678901234567${end}`;
    const images = [image('A', 'a.jpg'), image('B', 'b.jpg')];
    const written = text(images, [box('A'), box('B'), box('C')])
      .replaceAll('"A"', long('88'))
      .replaceAll('"B"', long('89'))
      .replaceAll('"C"', long('90'));
    const coco = parseCoco(written, 'x.json');
    expect(coco.images.map(({ boxes }) => boxes.length)).toEqual([1, 1]);
    expect(coco.notices).toMatchObject([{ code: 'coco-annotation', detail: { dropped: 1 } }]);
  });

  it('may be the files’ names', () => {
    const coco = parseCoco(text([image(1, 'a.jpg'), image(2, 'b.jpg')], [box('b.jpg'), box('a.jpg')]), 'x.json');
    expect(coco.images.map(({ boxes }) => boxes.length)).toEqual([1, 1]);
  });

  it('that fit no image make no picture one in which nothing is', () => {
    const wrong = text([image(1, 'a.jpg')], [box(7), box(8)]);
    expect(() => parseCoco(wrong, 'x.json')).toThrow(expect.objectContaining({ code: 'coco-strangers' }));
  });
});
