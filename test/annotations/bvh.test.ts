// BVH: real recordings of three skeleton families, broken files.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseBvh } from '../../src/annotations/bvh';
import { bvhFamilies, recogniseFamily } from '../../src/annotations/bvhFamilies';
import { readBvhFolder } from '../../src/annotations/bvhFolder';
import { Folder } from '../../src/annotations/folder';
import { worldPositions } from '../../src/annotations/bvhKinematics';
import { sharedData } from '../helpers/golden';
import { fileOf, skeletonText, tinyBvh } from './bvhText';

const recordings = sharedData('bvh');

describe('BVH', () => {
  it('turns in the order in which the channels stand', () => {
    const tip = (text: string) => [...worldPositions(parseBvh(text, 'a')).slice(6, 9)].map(Math.round);
    // The tip lies at (0, 2, 0) from the joint at (6, 1, 0): Rz(90) Ry(90) takes it to -2 x, Ry(90) Rx(90) to 2 x.
    expect(tip(tinyBvh)).toEqual([4, 1, 0]);
    expect(tip(tinyBvh.replaceAll('Zrotation Xrotation Yrotation', 'Yrotation Zrotation Xrotation'))).toEqual([
      8, 1, 0,
    ]);
  });

  it('takes tabs, Windows line ends and a brace on the line of the name', () => {
    const text = tinyBvh
      .replace(/ROOT a\n\{/, 'ROOT a {')
      .replace('Frames: 2', 'Frames:\t2')
      .replace(/ {2}/g, '\t')
      .replace(/\n/g, '\r\n');
    expect(parseBvh(text, 'a')).toEqual(parseBvh(tinyBvh, 'a'));
  });

  it('takes what Blender takes: blank lines, named and several End Sites, equal names', () => {
    const plain = parseBvh(tinyBvh, 'a');
    expect(parseBvh(tinyBvh.replace('90 0 90\n5', '90 0 90\n\n \n5'), 'a')).toEqual(plain);
    expect(parseBvh(tinyBvh.replace('End Site', 'End Site tip of b'), 'a')).toEqual(plain);
    const end = /End Site\s*\{[^}]*\}/.exec(tinyBvh)![0];
    expect(parseBvh(tinyBvh.replace(end, `${end}\n${end}`), 'a').nodes.map(({ name }) => name)).toEqual([
      ...['a', 'b', 'b_End', 'b_End.001'],
    ]);
    expect(parseBvh(tinyBvh.replace('JOINT b', 'JOINT a'), 'a').nodes.map(({ name }) => name)).toEqual([
      ...['a', 'a.001', 'a_End'],
    ]);
  });

  it('says it of a decimal comma, in the skeleton and in the motion', () => {
    const texts = [
      tinyBvh.replace('OFFSET 1 1 0', 'OFFSET 1,5 1 0'),
      tinyBvh.replace('5 0 0 0', '5,25 0 0 0'),
      tinyBvh.replace('.0333', '0,033333'),
      tinyBvh.replace('OFFSET 0 2 0', 'OFFSET 0 -2,5E+01 0'),
    ];
    for (const text of texts)
      expect(() => parseBvh(text, 'a.bvh')).toThrow(expect.objectContaining({ code: 'bvh-decimal-comma' }));
  });

  it('knows its families with namespaces, and Mixamo’s', async () => {
    const spaced = skeletonText().replace(/(ROOT|JOINT) /g, '$1 mixamorig:');
    const barred = skeletonText().replace(/(ROOT|JOINT) /g, '$1 rig_');
    const { clips } = await readBvhFolder(new Folder([fileOf('a_1.bvh', spaced), fileOf('b_1.bvh', barred)]));
    expect(clips.map(({ family }) => family)).toEqual(['motionbuilder', 'motionbuilder']);
    const { clips: plain } = await readBvhFolder(new Folder([fileOf('a_1.bvh', skeletonText())]));
    expect(clips[0]!.joints).toEqual(plain[0]!.joints);
    const nodes = bvhFamilies
      .find(({ name }) => name === 'mixamo')!
      .joints.map((name) => ({ name: `mixamorig:${name}` }));
    expect(recogniseFamily(nodes as never, bvhFamilies)?.name).toBe('mixamo');
  });

  it('refuses equal names only where the family needs them', async () => {
    const read = (text: string) => readBvhFolder(new Folder([fileOf('a_1.bvh', text)]));
    const extra = (name: string) =>
      skeletonText().replace(
        'JOINT Neck1',
        `JOINT ${name}\n{\nOFFSET 0 0 0\nCHANNELS 0\n}\nJOINT ${name}\n{\nOFFSET 0 0 0\nCHANNELS 0\n}\nJOINT Neck1`,
      );
    expect((await read(extra('Thumb'))).clips).toHaveLength(1);
    await expect(read(extra('Head'))).rejects.toThrow(/Two joints are called "Head"/);
  });

  it.skipIf(!recordings)('reads all 54 recordings with human measures', { timeout: 60_000 }, async () => {
    const files = readdirSync(recordings!).map((name) => fileOf(`bvh/${name}`, readFileSync(join(recordings!, name))));
    const { clips, problems, found } = await readBvhFolder(new Folder(files));
    expect(problems).toEqual([]);
    expect([found, clips.length, clips.filter(({ split }) => split === 'val').length]).toEqual([54, 54, 9]);
    expect(new Set(clips.map(({ family }) => family))).toEqual(new Set(['motionbuilder', 'daz', 'max131']));
    expect(clips.reduce((sum, clip) => sum + clip.frames, 0)).toBeGreaterThan(33_000);
    for (const { joints, path } of clips) {
      const length = (a: number, b: number) =>
        Math.hypot(...[0, 1, 2].map((k) => joints[a * 3 + k]! - joints[b * 3 + k]!));
      expect(length(1, 2), path).toBeGreaterThan(350);
      expect(length(2, 3), path).toBeLessThan(470);
      expect(
        joints.every((x) => Math.abs(x) < 20_000),
        path,
      ).toBe(true);
    }
  });

  it.skipIf(!recordings)('reads them without the index, people kept apart', { timeout: 60_000 }, async () => {
    const names = readdirSync(recordings!).filter((name) => /_(01|1|2)\.bvh$/.test(name));
    const files = names.map((name) => fileOf(name, readFileSync(join(recordings!, name))));
    const first = await readBvhFolder(new Folder(files));
    const second = await readBvhFolder(new Folder([...files].reverse()));
    expect(first.problems).toEqual([]);
    expect(second.clips.map(({ path, split }) => [path, split])).toEqual(
      first.clips.map(({ path, split }) => [path, split]),
    );
    const people = (split: string) =>
      new Set(first.clips.filter((clip) => clip.split === split).map(({ subject }) => subject));
    expect(people('val').size).toBeGreaterThan(0);
    expect([...people('val')].filter((name) => people('train').has(name))).toEqual([]);
  });

  it.each([
    ['nothing', '', 'bvh-syntax', 1],
    ['another format', 'o 1 2 3', 'bvh-syntax', 1],
    ['an unclosed brace', tinyBvh.replace('  }\n}\n', '  }\n'), 'bvh-braces', 16],
    ['a brace too many', tinyBvh.replace('MOTION', '}\nMOTION'), 'bvh-braces', 17],
    ['no MOTION', tinyBvh.slice(0, tinyBvh.indexOf('MOTION')), 'bvh-motion', 18],
    ['zero frames', tinyBvh.replace('Frames: 2', 'Frames: 0'), 'bvh-no-frames', 18],
    ['a fractional frame count', tinyBvh.replace('Frames: 2', 'Frames: 2.5'), 'bvh-frame-count', 18],
    ['a frame time of zero', tinyBvh.replace('.0333', '0'), 'bvh-frame-time', 19],
    ['a frame that is not there', tinyBvh.replace('Frames: 2', 'Frames: 3'), 'bvh-truncated', 21],
    ['a frame too many', tinyBvh.replace('Frames: 2', 'Frames: 1'), 'bvh-extra-lines', 21],
    ['a missing value', tinyBvh.replace('5 0 0 0 0 0 90 0 90', '5 0 0 0 0 0 90 0'), 'bvh-value-count', 20],
    ['NaN', tinyBvh.replace('5 0 0 0', '5 NaN 0 0'), 'bvh-bad-number', 20],
    ['a decimal comma', tinyBvh.replace('5 0 0 0', '5 0,5 0 0'), 'bvh-decimal-comma', 20],
    ['a huge value', tinyBvh.replace('5 0 0 0', '5 1e300 0 0'), 'bvh-bad-number', 20],
    ['an unknown channel', tinyBvh.replace('Yrotation\n', 'Wrotation\n'), 'bvh-channels', 5],
    ['two roots', tinyBvh.replace('MOTION', 'ROOT c\n{\nOFFSET 0 0 0\nCHANNELS 0\n}\nMOTION'), 'bvh-two-roots', 17],
  ])('refuses %s', (_, text, code, line) => {
    expect(() => parseBvh(text, 'a.bvh')).toThrow(
      expect.objectContaining({
        name: 'UserError',
        code,
        detail: { path: 'a.bvh', line },
        message: expect.stringContaining(`(a.bvh, line ${line})`),
      }),
    );
  });
});

describe('a folder of BVH files', () => {
  const index = (value: unknown) => fileOf('f/index.json', typeof value === 'string' ? value : JSON.stringify(value));
  const good = (name: string) => fileOf(`f/${name}`, skeletonText());

  it('keeps the good files when others are broken, and names each problem', async () => {
    const files = [
      index({
        clips: [
          { file: 'a_01.bvh', split: 'train', action: 'walk', true_fps: 60 },
          { file: 'gone.bvh', split: 'val' },
          { file: 'b_01.bvh', split: 'val' },
          { file: 'bad.bvh', split: 'val' },
          { file: 'odd.bvh', split: 'sometimes' },
        ],
      }),
      good('a_01.bvh'),
      good('b_01.bvh'),
      good('unlisted.bvh'),
      fileOf('f/bad.bvh', tinyBvh),
      fileOf('f/readme.md', 'hello'),
    ];
    const { clips, problems, found } = await readBvhFolder(new Folder(files));
    expect(
      clips.map(({ path, split, action, framesPerSecond }) => [path, split, action, Math.round(framesPerSecond)]),
    ).toEqual([
      ['f/a_01.bvh', 'train', 'walk', 60],
      ['f/b_01.bvh', 'val', 'b', 30],
    ]);
    expect(problems.map(({ path, code }) => [path, code])).toEqual([
      ['f/index.json', 'bvh-index-entry'],
      ['f/bad.bvh', 'bvh-unknown-joints'],
      ['f/unlisted.bvh', 'bvh-not-in-index'],
      ['f/gone.bvh', 'bvh-missing-file'],
    ]);
    expect(found).toBe(5);
    expect(recogniseFamily(parseBvh(skeletonText(), 'a').nodes, bvhFamilies)?.name).toBe('motionbuilder');
  });

  it.each([
    ['no motion file', [fileOf('readme.md', '')], 'bvh-none'],
    ['only broken files', [fileOf('a.bvh', 'x')], 'bvh-none-usable'],
    ['a wrong unit', [fileOf('a.bvh', skeletonText(100))], 'bvh-none-usable'],
    ['an index that is not JSON', [index('{'), good('a.bvh')], 'bvh-index'],
    ['an index without clips', [index({}), good('a.bvh')], 'bvh-index'],
    [
      'a mapping of 16 joints',
      [index({ clips: [], mapping: { own: Array(16).fill('a') } }), good('a.bvh')],
      'bvh-index',
    ],
    ['a unit of zero', [index({ clips: [], mm_per_unit: { daz: 0 } }), good('a.bvh')], 'bvh-index'],
  ])('refuses %s', async (_, files, code) => {
    await expect(readBvhFolder(new Folder(files))).rejects.toMatchObject({ name: 'UserError', code });
  });

  it('says that one person alone is split by recording', async () => {
    const { clips, problems } = await readBvhFolder(new Folder(['s1_01.bvh', 's1_02.bvh', 's1_03.bvh'].map(good)));
    expect(problems.map(({ code }) => code)).toEqual(['bvh-one-subject']);
    expect(new Set(clips.map(({ split }) => split)).size).toBe(2);
  });
});
