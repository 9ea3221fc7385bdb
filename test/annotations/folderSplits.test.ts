// Splits that folders tell, in every format that has none of its own: what is called test is never trained on.
import { expect, it } from 'vitest';
import { readLabels } from '../../src/annotations/readLabels';
import { madeFolder } from '../helpers/dataFolder';
import { skeletonText } from './bvhText';
import { cocoText, vocText } from './vocText';

const table = 'video,label,start,end\na,jump,1,2\nb,run,0,1\nc,run,0,1\n';
const pictures = (folder: string) => Object.fromEntries(['0', '1'].map((name) => [`${folder}/${name}.png`, null]));

it.each([
  [
    'VOC with all annotations in one folder',
    {
      'd/Annotations/a.xml': vocText(),
      'd/Annotations/b.xml': vocText(undefined, 'b.jpg'),
      'd/images/train/a.jpg': null,
      'd/images/test/b.jpg': null,
    },
    { 'd/images/train/a.jpg': 'train', 'd/images/test/b.jpg': 'test' },
  ],
  [
    'COCO in one file',
    { 'my test/labels.json': cocoText(), 'my test/train/a.jpg': null, 'my test/valid/b.jpg': null },
    { 'my test/train/a.jpg': 'train', 'my test/valid/b.jpg': 'val' },
  ],
  [
    'a table of segments',
    { 'd/l.csv': table, 'd/train/a.mp4': null, 'd/val/b.mp4': null, 'd/test/c.mp4': null },
    { 'd/train/a.mp4': 'train', 'd/val/b.mp4': 'val', 'd/test/c.mp4': 'test' },
  ],
  [
    'videos of faces',
    { 'd/train/real/a.mp4': null, 'd/train/fake/b.mp4': null, 'd/test/real/c.mp4': null, 'd/valid/fake/d.mp4': null },
    {
      'd/train/real/a.mp4': 'train',
      'd/train/fake/b.mp4': 'train',
      'd/test/real/c.mp4': 'test',
      'd/valid/fake/d.mp4': 'val',
    },
  ],
  [
    'pictures of faces',
    { ...pictures('d/Train/Real/a'), ...pictures('d/Test/Fake/b'), ...pictures('d/Validation/Real/c') },
    { 'd/Train/Real/a': 'train', 'd/Test/Fake/b': 'test', 'd/Validation/Real/c': 'val' },
  ],
  [
    'motion',
    { 'd/train/walk.bvh': skeletonText(), 'd/test/run.bvh': skeletonText(), 'd/train/jump.bvh': skeletonText() },
    { 'd/train/walk.bvh': 'train', 'd/test/run.bvh': 'val', 'd/train/jump.bvh': 'train' },
  ],
])('%s', async (_, files: Record<string, string | null>, wanted) => {
  const { set } = await readLabels(madeFolder(files));
  expect(Object.fromEntries(set.items.map(({ path, split }) => [path, split]))).toEqual(wanted);
  expect(set.notices.filter(({ code }) => code.endsWith('own-split'))).toEqual([]);
});

it('are drawn where the folder that all lies in is called so', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`train/${i % 2 ? 'real' : 'fake'}/${i}.mp4`, null]),
  );
  const { set } = await readLabels(madeFolder(many));
  expect(new Set(set.items.map(({ split }) => split)).size).toBe(3);
  expect(set.notices).toMatchObject([{ code: 'faces-own-split' }]);
});
