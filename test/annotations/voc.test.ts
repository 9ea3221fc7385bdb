// Pascal VOC annotations and COCO files: the same records from both, folders with and without splits, broken files.
import { describe, expect, it } from 'vitest';
import { reportImages, unifySpelling, type LabelledImage } from '../../src/annotations/boxes';
import { parseCoco } from '../../src/annotations/coco';
import { readCocoFolder } from '../../src/annotations/cocoFolder';
import { Folder } from '../../src/annotations/folder';
import { parseVoc } from '../../src/annotations/voc';
import { readVocFolder } from '../../src/annotations/vocFolder';
import { droppedFolder, madeFolder } from '../helpers/dataFolder';
import { sharedData } from '../helpers/golden';
import { car, cocoText, vocText, type MadeBox } from './vocText';

const aerial = sharedData('det_aerial');
const bccd = sharedData('det_bccd');

const codes = (problems: readonly { path: string; code: string }[]) => problems.map(({ path, code }) => [path, code]);
const readVoc = (files: Readonly<Record<string, string | null>>) => readVocFolder(new Folder(madeFolder(files)));
function readCoco(files: Readonly<Record<string, string | null>>) {
  const folder = new Folder(madeFolder(files));
  return readCocoFolder(folder, folder.withExtension('json'));
}

describe('a VOC annotation', () => {
  it('becomes edges in pixels, counted from 0', () => {
    const flags = '<pose>Left</pose><truncated>1</truncated><difficult>1</difficult>';
    const part = '<part><name>wheel</name><bndbox><xmin>3</xmin></bndbox></part>';
    expect(parseVoc(vocText([car, { name: 'bus', edges: [5.5, 2, 200, 30], flags: flags + part }]), 'a.xml')).toEqual({
      filename: 'a.jpg',
      widthPixels: 100,
      heightPixels: 50,
      boxes: [
        { label: 'car', x0: 0, y0: 0, x1: 10, y1: 20, difficult: false, truncated: false },
        { label: 'bus', x0: 4.5, y0: 1, x1: 100, y1: 30, difficult: true, truncated: true },
      ],
      dropped: 0,
    });
  });

  it('may lack a size, and may have no objects', () => {
    const { widthPixels, heightPixels, boxes } = parseVoc(
      vocText([{ name: 'a', edges: [0, 1, 900, 9] }], 'a', [0, 0]),
      'a',
    );
    expect([widthPixels, heightPixels, boxes[0]]).toMatchObject([null, null, { x0: 0, x1: 900 }]);
    expect(parseVoc('<annotation/>', 'a').boxes).toEqual([]);
  });

  it('may have polygons beside its boxes', () => {
    const flags = '<polygon><x1>3</x1><y1>4</y1></polygon>';
    const [box] = parseVoc(vocText([{ ...car, flags }]), 'a').boxes;
    expect(box).toMatchObject({ label: 'car', x0: 0, x1: 10 });
    const alone = vocText().replace(/<bndbox>.*<\/bndbox>/, flags);
    expect(() => parseVoc(alone, 'a')).toThrow(expect.objectContaining({ code: 'voc-rotated' }));
  });

  it('is clipped wherever its size stands', () => {
    const [size] = /<size>.*<\/size>/.exec(vocText())!;
    const late = vocText([{ name: 'a', edges: [1, 1, 900, 9] }])
      .replace(size, '')
      .replace('</annotation>', `${size}</annotation>`);
    expect(parseVoc(late, 'a').boxes[0]).toMatchObject({ x1: 100, y1: 9 });
  });

  it('counts boxes without area or outside', () => {
    const boxes: MadeBox[] = [car, { name: 'a', edges: [10, 1, 9, 5] }, { name: 'b', edges: [101, 1, 120, 5] }];
    expect(parseVoc(vocText(boxes), 'a')).toMatchObject({ boxes: [{ label: 'car' }], dropped: 2 });
  });

  it.each([
    ['another root', '<html></html>', 'voc-root'],
    ['an object without a name', vocText([{ ...car, name: '' }]), 'voc-name'],
    ['an edge in words', vocText().replace('<xmin>1<', '<xmin>left<'), 'voc-number'],
    ['an edge that is missing', vocText().replace('<xmin>1</xmin>', ''), 'voc-number'],
    ['an edge beyond all images', vocText().replace('<xmax>10<', '<xmax>1e300<'), 'voc-number'],
    ['a size in words', vocText().replace('<width>100<', '<width>wide<'), 'voc-number'],
    ['a rotated box', vocText().replaceAll('bndbox', 'robndbox'), 'voc-rotated'],
    ['a cut file', vocText().slice(0, 200), 'xml-broken'],
  ])('is refused with %s', (_, text, code) => {
    expect(() => parseVoc(text, 'a.xml')).toThrow(expect.objectContaining({ name: 'UserError', code }));
  });
});

describe('a folder of VOC annotations', () => {
  it('is split by its split files, DIOR-like, and gives one reason per item', async () => {
    const set = await readVoc({
      'DIOR/Annotations/a.xml': vocText(),
      'DIOR/Annotations/b.xml': vocText([{ ...car, name: 'Car' }], 'wrong.jpg'),
      'DIOR/Annotations/c.xml': vocText([car, { name: 'car', edges: [5, 5, 5, 4] }]),
      'DIOR/Annotations/free.xml': vocText(),
      'DIOR/Annotations/lost.xml': vocText([car], 'lost.jpg'),
      'DIOR/Annotations/broken.xml': '<annotation>',
      'DIOR/JPEGImages-trainval/a.jpg': null,
      'DIOR/JPEGImages-trainval/b.jpg': null,
      'DIOR/JPEGImages-test/c.JPG': null,
      'DIOR/JPEGImages-test/free.jpg': null,
      'DIOR/JPEGImages-test/broken.jpg': null,
      'DIOR/JPEGImages-test/plain.jpg': null,
      'DIOR/ImageSets/Main/trainval.txt': 'a\nb\nlost\nbroken\n',
      'DIOR/ImageSets/Main/val.txt': 'b\n',
      'DIOR/ImageSets/Main/test.txt': 'c\nnowhere\n',
      'DIOR/ImageSets/Main/car_train.txt': 'a 1\nb -1\n',
      'DIOR/readme.txt': 'hello',
    });
    expect(set.items.map(({ path, split }) => [path, split])).toEqual([
      ['DIOR/JPEGImages-trainval/a.jpg', 'train'],
      ['DIOR/JPEGImages-trainval/b.jpg', 'val'],
      ['DIOR/JPEGImages-test/c.JPG', 'test'],
    ]);
    expect(set.classes).toEqual(['car']);
    expect(set.items[1]!.boxes[0]!.label).toBe('car');
    expect(codes(set.unusable)).toEqual([
      ['DIOR/Annotations/broken.xml', 'xml-broken'],
      ['DIOR/Annotations/free.xml', 'label-no-split'],
      ['lost.jpg', 'label-missing-file'],
      ['nowhere', 'voc-missing-annotation'],
      ['DIOR/JPEGImages-test/plain.jpg', 'label-none'],
    ]);
    expect(codes(set.notices)).toEqual([['DIOR/Annotations/c.xml', 'box-outside']]);
    expect(reportImages(set)).toMatchObject({ found: 8, usable: 3, counts: { 'train images': 1, 'missing files': 1 } });
  });

  it('without split files is split 70/15/15, the same each time', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `n${i}`);
    const files = Object.fromEntries(
      names.flatMap((name) => [
        [`${name}.xml`, vocText()],
        [`${name}.png`, null],
      ]),
    );
    const { items, notices } = await readVoc(files);
    const count = (split: string) => items.filter((item) => item.split === split).length;
    expect([count('train'), count('val'), count('test')]).toEqual([28, 6, 6]);
    expect(codes(notices)).toEqual([['', 'label-own-split']]);
    const again = await readVoc(Object.fromEntries(Object.entries(files).reverse()));
    expect(again.items.map(({ split }) => split)).toEqual(items.map(({ split }) => split));
  });

  it.skipIf(!bccd)('is read from files that others wrote', async () => {
    const set = await readVocFolder(new Folder(droppedFolder(bccd!)));
    expect([set.unusable, set.notices]).toEqual([[], []]);
    expect(reportImages(set)).toMatchObject({
      found: 90,
      usable: 90,
      counts: { 'train images': 70, 'test images': 20, instances: 1195, classes: 3 },
      groups: { RBC: 799 + 225, WBC: 73 + 19, Platelets: 65 + 14 },
    });
  });
});

describe('splits of a VOC folder', () => {
  const pair = (stem: string) => ({ [`${stem}.xml`]: vocText([car], ''), [`${stem}.jpg`]: null });
  const splitsOf = (items: readonly LabelledImage[]) =>
    Object.fromEntries(items.map(({ path, split }) => [path, split]));

  it('come from the folders, as an export of Roboflow’s has them', async () => {
    const set = await readVoc({
      ...pair('set/train/a_jpg.rf.0a1b'),
      ...pair('set/valid/b'),
      ...pair('set/test/c'),
      ...pair('set/test/a_jpg.rf.0a1b'),
    });
    expect(splitsOf(set.items)).toEqual({
      'set/train/a_jpg.rf.0a1b.jpg': 'train',
      'set/valid/b.jpg': 'val',
      'set/test/c.jpg': 'test',
      'set/test/a_jpg.rf.0a1b.jpg': 'test',
    });
    expect([...set.unusable, ...set.notices]).toEqual([]);
  });

  it('come from folders that only images or only annotations lie in alike', async () => {
    const set = await readVoc({
      'Annotations/train/1.xml': vocText([car], ''),
      'Annotations/val/1.xml': vocText([], ''),
      'Images/train/1.jpg': null,
      'Images/val/1.jpg': null,
    });
    expect(set.items.map(({ path, split, boxes }) => [path, split, boxes.length])).toEqual([
      ['Images/train/1.jpg', 'train', 1],
      ['Images/val/1.jpg', 'val', 0],
    ]);
  });

  it('take equal names in two folders for two pictures', async () => {
    const folders = Array.from({ length: 20 }, (_, i) => `c${i}`);
    const set = await readVoc(
      Object.assign({}, ...folders.map((name) => pair(`${name}/001`))) as Record<string, string>,
    );
    expect(set.items).toHaveLength(20);
    expect(new Set(set.items.map(({ split }) => split)).size).toBe(3);
    const listed = await readVoc({ ...pair('x/1'), ...pair('y/1'), 'train.txt': 'x/1\n', 'test.txt': 'y/1.jpg\n' });
    expect(splitsOf(listed.items)).toEqual({ 'x/1.jpg': 'train', 'y/1.jpg': 'test' });
  });

  it('are drawn for what lies in no such folder, and where all lie in one', async () => {
    const some = await readVoc({ ...pair('s/train/a'), ...pair('s/test/b'), ...pair('s/c') });
    expect(codes(some.notices)).toEqual([['', 'label-own-split']]);
    expect(splitsOf(some.items)).toMatchObject({ 's/train/a.jpg': 'train', 's/test/b.jpg': 'test' });
    const one = await readVoc({ ...pair('s/train/a'), ...pair('s/train/b') });
    expect(codes(one.notices)).toEqual([['', 'label-own-split']]);
  });
});

describe('COCO files', () => {
  it('give boxes by image', () => {
    const { images, classes, notices } = parseCoco(cocoText(), 'a.json');
    expect(classes).toEqual(['bus', 'car']);
    expect(notices).toEqual([]);
    expect(images.map(({ boxes }) => boxes)).toEqual([
      [{ label: 'car', x0: 0, y0: 0, x1: 10, y1: 20, difficult: false, truncated: false }],
      [
        { label: 'bus', x0: 5.5, y0: 5, x1: 15.5, y1: 15, difficult: true, truncated: false },
        { label: 'car', x0: 90, y0: 40, x1: 100, y1: 50, difficult: false, truncated: false },
      ],
    ]);
  });

  it('tell the split by their name or folder, else get one', async () => {
    const one = (file: string) =>
      cocoText({
        images: [{ id: 7, file_name: file }],
        annotations: [{ image_id: 7, category_id: 1, bbox: [0, 0, 1, 1] }],
      });
    const set = await readCoco({
      'instances_val2017.json': one('a.jpg'),
      'train/_annotations.coco.json': one('b.jpg'),
      'extra.json': one('c.jpg'),
      'test.json': one('gone.jpg'),
      'images/a.jpg': null,
      'images/b.jpg': null,
      'images/c.jpg': null,
      'images/d.jpg': null,
    });
    expect(Object.fromEntries(set.items.map(({ path, split }) => [path, split]))).toEqual({
      'images/a.jpg': 'val',
      'images/b.jpg': 'train',
      'images/c.jpg': 'train',
    });
    expect(codes(set.unusable)).toEqual([
      ['gone.jpg', 'label-missing-file'],
      ['images/d.jpg', 'label-none'],
    ]);
    expect(codes(set.notices)).toEqual([['', 'label-own-split']]);
  });

  it('lose only the annotations that are wrong', () => {
    const annotations = [
      { image_id: 7, category_id: 1, bbox: [0, 0, 5, 5] },
      { image_id: 8, category_id: 1, bbox: [0, 0, 5, 5] },
      { image_id: 7, category_id: 5, bbox: [0, 0, 5, 5] },
      { image_id: 7, category_id: 1, bbox: [0, 0, 5] },
      { image_id: 7, category_id: 1, bbox: [0, 0, -5, 5] },
      null,
    ];
    const { images, notices } = parseCoco(cocoText({ annotations }), 'a.json');
    expect(images.flatMap(({ boxes }) => boxes)).toHaveLength(1);
    expect(notices).toMatchObject([{ code: 'coco-annotation', detail: { dropped: 5, of: 6 } }]);
  });

  it.each([
    ['no lists', '{}', 'coco-lists'],
    ['a category without a name', cocoText({ categories: [{ id: 1 }] }), 'coco-category'],
    ['an image without a number', cocoText({ images: [{ file_name: 'a' }] }), 'coco-image'],
  ])('are refused with %s', (_, text, code) => {
    expect(() => parseCoco(text, 'a.json')).toThrow(expect.objectContaining({ name: 'UserError', code }));
  });
});

describe.skipIf(!aerial)('the aerial images', () => {
  const files = aerial === null ? [] : droppedFolder(aerial);
  const byPath = (items: readonly LabelledImage[]) => [...items].sort((a, b) => (a.path < b.path ? -1 : 1));

  it('give the same records from XML and from COCO', async () => {
    const voc = await readVocFolder(new Folder(files));
    const folder = new Folder(files);
    const coco = await readCocoFolder(folder, folder.withExtension('json'));
    expect([voc.unusable, voc.notices, coco.unusable, coco.notices]).toEqual([[], [], [], []]);
    expect([...coco.classes].sort()).toEqual(voc.classes);
    const { found, counts, groups, unlearnable } = reportImages(coco);
    expect(reportImages(voc)).toMatchObject({ found, counts, groups, unlearnable, usable: found, problems: [] });
    expect(reportImages(voc).counts).toMatchObject({ 'train images': 70, 'test images': 20 });
    let boxes = 0;
    const cocoItems = byPath(coco.items);
    for (const [i, image] of byPath(voc.items).entries()) {
      const other = cocoItems[i]!;
      const facts = ({ path, split, widthPixels, heightPixels }: LabelledImage) => [
        path,
        split,
        widthPixels,
        heightPixels,
      ];
      expect(facts(other)).toEqual(facts(image));
      expect(other.boxes.map(({ label }) => label)).toEqual(image.boxes.map(({ label }) => label));
      for (const [k, box] of image.boxes.entries()) {
        boxes++;
        // The XML was rounded to whole pixels.
        for (const edge of ['x0', 'y0', 'x1', 'y1'] as const)
          expect(Math.abs(other.boxes[k]![edge] - box[edge]), `${image.path} ${edge}`).toBeLessThanOrEqual(0.51);
      }
    }
    expect(boxes).toBe(1060 + 482);
  });
});

it('one spelling stands for names that differ in case', () => {
  expect(Object.fromEntries(unifySpelling(['a', 'A', 'A', 'b']))).toEqual({ a: 'A', A: 'A', b: 'b' });
});
