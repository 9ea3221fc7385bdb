// Videos that come as pictures of faces: found by folders and by names, in order, with reasons for what is left over.
import { describe, expect, it } from 'vitest';
import { reportFaces } from '../../src/annotations/faceClips';
import { looksLikeFaceFrames, placeOfFrame, readFaceFrames } from '../../src/annotations/faceFrames';
import { Folder } from '../../src/annotations/folder';
import { readLabels } from '../../src/annotations/readLabels';
import { madeFolder } from '../helpers/dataFolder';

const files = (...paths: readonly string[]) => Object.fromEntries(paths.map((path) => [path, null]));
const read = (content: Readonly<Record<string, string | null>>) => readFaceFrames(new Folder(madeFolder(content)));
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('folders of class, video and clip', () => {
  it('give each clip its pictures in the order of their numbers', async () => {
    const { items, unusable } = await read(
      files(
        ...[10, 2, 0].map((i) => `set/real/033/clip_0/${String(i).padStart(6, '0')}.jpg`),
        'set/real/033/clip_1/000007.png',
        'set/Fake/033_097/0/000001.jpg',
        'set/Fake/033_097/0/000000.jpg',
        'set/Fake/033_097/0/000000.png',
      ),
    );
    expect(unusable).toEqual([]);
    expect(items.map(({ path, label, identities, frames }) => [path, label, identities, frames])).toEqual([
      ['set/Fake/033_097', 'fake', ['033', '097'], 2],
      ['set/real/033', 'real', ['033'], 4],
    ]);
    const [fake, real] = items;
    expect(real!.clips!.map((clip) => clip.map(({ number }) => number))).toEqual([[0, 2, 10], [7]]);
    expect(real!.media.path).toBe('set/real/033/clip_0/000000.jpg');
    // Of one frame in two formats the first by name counts.
    expect(fake!.clips![0]!.map(({ media }) => media.path)).toEqual([
      'set/Fake/033_097/0/000000.jpg',
      'set/Fake/033_097/0/000001.jpg',
    ]);
    expect(reportFaces({ items, unusable, notices: [], classes: ['real', 'fake'] }).counts).toMatchObject({
      clips: 3,
      pictures: 6,
    });
  });

  it('may leave out the clip, and be those of FaceForensics++ with its splits', async () => {
    const { items, unusable, notices } = await read({
      ...files(
        ...range(3).map((i) => `FF/original_sequences/youtube/c23/faces/720/frame_${i}.png`),
        ...range(2).map((i) => `FF/manipulated_sequences/FaceSwap/c23/images/720_672/000${i}.png`),
        'FF/manipulated_sequences/FaceSwap/raw/images/720_672/0000.png',
        'FF/manipulated_sequences/FaceSwap/c23/images/001_002/0000.png',
      ),
      'FF/splits/train.json': '[["720", "672"]]',
    });
    expect(items.map(({ path, kind, split, clips }) => [path, kind, split, clips![0]!.length])).toEqual([
      ['FF/manipulated_sequences/FaceSwap/c23/images/720_672', 'FaceSwap', 'train', 2],
      ['FF/original_sequences/youtube/c23/faces/720', 'youtube', 'train', 3],
    ]);
    expect(unusable.map(({ code, path }) => [code, path])).toEqual([
      ['label-no-split', 'FF/manipulated_sequences/FaceSwap/c23/images/001_002'],
    ]);
    expect(notices).toEqual([]);
  });
});

describe('names that say all', () => {
  const pictures = (video: string) => range(2).map((i) => `crops/${video}_frame_${i * 30}_face.jpg`);

  it('make a video of each method, target and source', async () => {
    const set = await read(files(...['0033', '0097_000', '1033_097', '5033_097'].flatMap(pictures), 'crops/cover.jpg'));
    expect(
      set.items.map(({ path, label, kind, identities, clips }) => [path, label, kind, identities, clips!.length]),
    ).toEqual([
      ['crops/0033', 'real', 'real', ['033'], 1],
      ['crops/0097_000', 'real', 'real', ['097'], 1],
      ['crops/1033_097', 'fake', 'method 1', ['033', '097'], 1],
      ['crops/5033_097', 'fake', 'method 5', ['033', '097'], 1],
    ]);
    expect(set.items[0]!.clips![0]!.map(({ number }) => number)).toEqual([0, 30]);
    expect(set.unusable).toMatchObject([{ path: 'crops', code: 'faces-pictures', detail: { pictures: 1 } }]);
    // Both fakes show people of both originals: all of them are of one split.
    expect(new Set(set.items.map(({ split }) => split)).size).toBe(1);
  });

  it.each([
    ['6033_097_frame_0_face.jpg', null],
    ['033_097_frame_0_face.jpg', null],
    ['1033_097_frame_x_face.jpg', null],
    ['1033_097_FRAME_0012_FACE.PNG', 12],
    ['real/a.jpg', null],
    ['real/000001.jpg', null],
    ['real/video/portrait.jpg', null],
    ['other/video/000001.jpg', null],
    ['real/frames/c23/000001.jpg', null],
    ['a/real/b/deep/er/img-000003.webp', 3],
  ])('%s is frame %s', (path, number) => {
    expect(placeOfFrame(path)?.number ?? null).toBe(number);
  });
});

describe('as dropped labels', () => {
  const both = files(...range(4).flatMap((i) => [`real/a/0/${i}.jpg`, `fake/b/0/${i}.jpg`]));

  it('are known one level deeper too, but only where both classes are', async () => {
    const labels = await readLabels(madeFolder(both));
    expect(labels).toMatchObject({ format: 'face-frames', others: [], report: { found: 2, usable: 2 } });
    const deeper = Object.fromEntries(Object.keys(both).map((path) => [`outer/inner/${path}`, null]));
    expect((await readLabels(madeFolder(deeper))).report.usable).toBe(2);
    expect(looksLikeFaceFrames(new Folder(madeFolder(files('real/a/0/1.jpg', 'real/b/0/1.jpg'))))).toBe(false);
  });

  it('come after videos in such folders', async () => {
    const labels = await readLabels(madeFolder({ ...both, ...files('real/a.mp4', 'fake/b.mp4') }));
    expect(labels).toMatchObject({ format: 'face-folders', others: ['face-frames'] });
  });
});
