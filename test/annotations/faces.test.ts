// Real and manipulated face videos: FaceForensics++ and other layouts, official and own splits, lists, broken ones.
import { describe, expect, it } from 'vitest';
import { identityGroups, reportFaces, type FaceVideo } from '../../src/annotations/faceClips';
import { looksLikeFaceFolders, readFaceFolder } from '../../src/annotations/faceForensics';
import { parseFaceList, readFaceList } from '../../src/annotations/faceList';
import { Folder } from '../../src/annotations/folder';
import { droppedFolder, madeFolder } from '../helpers/dataFolder';
import { sharedData } from '../helpers/golden';

const toy = sharedData('faceswap_toy');
const videos = (...paths: readonly string[]) => Object.fromEntries(paths.map((path) => [path, null]));
const read = (files: Readonly<Record<string, string | null>>) => readFaceFolder(new Folder(madeFolder(files)));
const facts = (items: readonly FaceVideo[]) => items.map(({ path, label, kind, split }) => [path, label, kind, split]);
const codes = (problems: readonly { path: string; code: string }[]) => problems.map(({ path, code }) => [path, code]);

const originals = 'FF/original_sequences/youtube/c23/videos';
const made = 'FF/manipulated_sequences';

describe('FaceForensics++', () => {
  const pairs = (list: readonly string[][]) => JSON.stringify(list);

  it('is split by its official pairs', async () => {
    const set = await read({
      ...videos(
        ...['000', '003', '720', '672', '999'].map((id) => `${originals}/${id}.mp4`),
        `${made}/Deepfakes/c23/videos/000_003.mp4`,
        `${made}/NeuralTextures/c23/videos/672_720.mp4`,
        `${made}/FaceSwap/c23/videos/000_720.mp4`,
        `${made}/Deepfakes/raw/videos/000_003.mp4`,
        `FF/notes/talk.mp4`,
      ),
      'FF/splits/train.json': pairs([['720', '672']]),
      'FF/splits/val.json': pairs([['000', '003']]),
      'FF/splits/test.json': pairs([]),
    });
    expect(facts(set.items)).toEqual([
      [`${made}/Deepfakes/c23/videos/000_003.mp4`, 'fake', 'Deepfakes', 'val'],
      [`${made}/NeuralTextures/c23/videos/672_720.mp4`, 'fake', 'NeuralTextures', 'train'],
      [`${originals}/000.mp4`, 'real', 'youtube', 'val'],
      [`${originals}/003.mp4`, 'real', 'youtube', 'val'],
      [`${originals}/672.mp4`, 'real', 'youtube', 'train'],
      [`${originals}/720.mp4`, 'real', 'youtube', 'train'],
    ]);
    // A fake between two pairs belongs to no split: it shows people of both.
    expect(codes(set.unusable)).toEqual([
      [`${made}/FaceSwap/c23/videos/000_720.mp4`, 'label-no-split'],
      ['FF/notes/talk.mp4', 'label-none'],
      [`${originals}/999.mp4`, 'label-no-split'],
    ]);
    expect(codes(set.notices)).toEqual([['', 'faces-compression']]);
  });

  it('without split files keeps the people of one video in one split', async () => {
    const ids = Array.from({ length: 60 }, (_, i) => String(i).padStart(3, '0'));
    const fakes = ids.map((id, i) => `${made}/Deepfakes/c23/videos/${id}_${ids[i ^ 1]!}.mp4`);
    const { items, notices } = await read(videos(...ids.map((id) => `${originals}/${id}.mp4`), ...fakes));
    expect(codes(notices)).toEqual([['', 'faces-own-split']]);
    const splitsOf = new Map<string, Set<string | null>>();
    for (const { identities, split } of items)
      for (const id of identities) splitsOf.set(id, (splitsOf.get(id) ?? new Set()).add(split));
    for (const splits of splitsOf.values()) expect(splits.size).toBe(1);
    expect(new Set(items.map(({ split }) => split))).toEqual(new Set(['train', 'val', 'test']));
  });

  it.each([
    [
      'upstream',
      ['FFPP/original/c23/videos/001.mp4', 'FFPP/NeuralTexture/c23/videos/001_002.mp4'],
      ['NeuralTextures', 'youtube'],
    ],
    ['Celeb-DF', ['Celeb-real/id0_0001.mp4', 'Celeb-synthesis/id0_id16_0001.mp4'], ['Celeb-real', 'Celeb-synthesis']],
    ['plain folders, one level down', ['my data/Real/a.mp4', 'my data/FAKE/b.mov'], ['fake', 'real']],
    [
      'actors',
      ['x/actors/c23/videos/01__walk.mp4', 'x/DeepFakeDetection/c23/videos/01_02__walk__A.mp4'],
      ['DeepFakeDetection', 'actors'],
    ],
  ])('is known in the layout of %s', async (_, paths, kinds) => {
    const folder = new Folder(madeFolder(videos(...paths)));
    expect(looksLikeFaceFolders(folder)).toBe(true);
    const { items, unusable } = await readFaceFolder(folder);
    expect(unusable).toEqual([]);
    expect(items.map(({ kind }) => kind).sort()).toEqual(kinds);
    expect(new Set(items.map(({ label }) => label))).toEqual(new Set(['real', 'fake']));
  });

  it('is not seen where only one kind of folder is', () => {
    expect(looksLikeFaceFolders(new Folder(madeFolder(videos('real/a.mp4', 'other/b.mp4'))))).toBe(false);
  });

  it.each(['{}', '[["1"]]', '[[1, 2]]', '["720", "672"]'])('refuses the split file %s', async (text) => {
    await expect(read({ ...videos('real/1.mp4', 'fake/2.mp4'), 'train.json': text })).rejects.toMatchObject({
      name: 'UserError',
      code: 'faces-splits',
    });
  });
});

describe('a list of face videos', () => {
  it('gives one reason for each clip that cannot be used', () => {
    const { entries, unusable } = parseFaceList(
      JSON.stringify([
        { file: 'a.mp4', label: 0 },
        { file: 'b.mp4', label: 'fake', kind: 'swap', split: 'test', person: 'B', frames: 60, fps: 30 },
        { file: 'c.mp4', label: 2 },
        { label: 1 },
        { file: 'd.mp4', label: 1, split: 'sometimes' },
        { file: 'e.mp4', label: 1, fps: 0 },
        null,
      ]),
      'labels.json',
    );
    expect(entries).toEqual([
      {
        file: 'a.mp4',
        label: 'real',
        kind: 'real',
        split: null,
        identities: ['a.mp4'],
        frames: null,
        framesPerSecond: null,
      },
      { file: 'b.mp4', label: 'fake', kind: 'swap', split: 'test', identities: ['B'], frames: 60, framesPerSecond: 30 },
    ]);
    expect(unusable.map(({ code, detail }) => [code, detail['entry']])).toEqual(
      [3, 4, 5, 6, 7].map((i) => ['faces-entry', i]),
    );
  });

  it('is refused when it is none', () => {
    expect(() => parseFaceList('{}', 'a')).toThrow(expect.objectContaining({ name: 'UserError', code: 'faces-list' }));
  });

  it.skipIf(!toy)('is read from the real one, people kept apart', async () => {
    const folder = new Folder(droppedFolder(toy!));
    const set = await readFaceList(folder, folder.withExtension('json')[0]!);
    expect(codes(set.unusable)).toEqual(
      ['again_swap', 'book_real'].map((name) => [`faceswap_toy/fullframe_${name}.mp4`, 'label-none']),
    );
    expect(set.notices).toEqual([]);
    expect(reportFaces(set)).toMatchObject({
      found: 62,
      usable: 60,
      counts: { 'train videos': 33, 'test videos': 27, instances: 60, seconds: 132 },
      groups: { 'fake: blend': 20, 'fake: swap': 20, real: 20 },
    });
    const people = (split: string) =>
      new Set(set.items.filter((item) => item.split === split).flatMap(({ identities }) => identities));
    expect([...people('train')].sort()).toEqual(['A', 'B']);
    expect([...people('test')].sort()).toEqual(['C', 'D', 'E']);
  });
});

it('people who meet in any video form one group', () => {
  const groups = identityGroups(
    [['a', 'b'], ['c'], ['b', 'd'], ['d'], ['e', 'c']].map((identities) => ({ identities })),
  );
  expect(groups[0]).toBe(groups[2]);
  expect(groups[0]).toBe(groups[3]);
  expect(groups[1]).toBe(groups[4]);
  expect(groups[0]).not.toBe(groups[1]);
});
