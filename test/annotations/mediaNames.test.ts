// Names in labels and names of files: joined by one prefix or suffix where that is clear, never where it is not.
import { describe, expect, it } from 'vitest';
import { Folder } from '../../src/annotations/folder';
import { joinMedia } from '../../src/annotations/mediaNames';
import { readLabels } from '../../src/annotations/readLabels';
import { madeFolder } from '../helpers/dataFolder';
import { ucfText } from './anomalyTexts';

function join(names: readonly string[], files: readonly string[]) {
  const folder = new Folder(madeFolder(Object.fromEntries(files.map((path) => [path, null]))));
  const wanted = names.map((name) => ({ names: [name], near: 'labels.json' }));
  const { media, notices } = joinMedia(folder, 'video', wanted);
  return [media.map((file) => file?.path ?? null), notices.map(({ message }) => message)] as const;
}

describe('names of labels and files', () => {
  it.each([
    [
      'ActivityNet’s v_',
      ['JDg--pjY5gg', 'sJFgo9H6zNo', 'gone'],
      ['a/v_JDg--pjY5gg.mp4', 'v_sJFgo9H6zNo.mkv', 'x.mp4'],
      'add',
      2,
    ],
    ['one file of many', ['JDg--pjY5gg', 'b', 'c', 'd'], ['v_JDg--pjY5gg.mp4'], 'add', 1],
    ['THUMOS’', ['0000051', '0000052'], ['video_validation_0000051.mp4', 'video_validation_0000052.mp4'], 'add', 2],
    ['UCF-Crime’s', ['Abuse028.mp4', 'Arson011.mp4'], ['Abuse028_x264.mp4', 'Arson011_x264.mp4'], 'add', 2],
    ['one’s own on the files', ['1', '2'], ['cam-3.1.mp4', 'cam-3.2.mp4'], 'add', 2],
    ['one’s own on the labels', ['set_1', 'set_2'], ['1.mp4', '2.mp4'], 'taking', 2],
    ['the suffix of a tool', ['a_final.mov', 'b_final.mov'], ['a.mp4', 'b.mp4'], 'taking', 2],
    ['both ends', ['a', 'b'], ['v_a_25fps.mp4', 'v_b_25fps.mp4'], 'before and "_25fps" after', 2],
    ['a word before numbers', ['001', '002', '003'], ['clip001.mp4', 'clip002.mp4', 'clip003.mp4'], 'add', 3],
    ['a folder and another ending', ['x/01.avi', 'x/02.avi'], ['set/cam_01.mp4', 'set/cam_02.mp4'], 'add', 2],
    [
      'features in place of videos',
      ['Abuse028.npy', 'Arson011.npy'],
      ['Abuse028_x264.mp4', 'Arson011_x264.mp4'],
      'add',
      2,
    ],
    ['a pair of nothing else', ['walk'], ['walk_x.mp4'], 'add', 1],
  ])('meet by %s', (_, names, files, word, matched) => {
    const [media, notices] = join(names, files);
    expect(media.filter((path) => path !== null)).toHaveLength(matched);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain(word);
    expect(notices[0]).toContain(`${matched} video`);
  });

  it.each([
    ['two prefixes for a name', ['a', 'b'], ['v_a.mp4', 'v_b.mp4', 'old_a.mp4', 'old_b.mp4']],
    ['one pair of several', ['dog', 'cat'], ['big_dog.mp4', 'small_bird.mp4']],
    ['no end of a word', ['1', '2'], ['11.mp4', '12.mp4']],
    ['not all files', ['a', 'b'], ['take_a.mp4', 'take_b.mp4', 'c.mp4']],
    ['a version for an ending', ['clip.v1', 'clip.v2'], ['clip.mp4']],
    ['a time for an ending', ['take_12.5'], ['take_12.mp4', 'x.mp4']],
    ['a file for two names', ['validation_1', 'test_1'], ['1.mp4']],
  ])('do not meet by %s', (_, names, files) => {
    const [media, notices] = join(names, files);
    expect([...new Set(media), ...notices]).toEqual([null]);
  });

  it('leave alone what is found by name', () => {
    expect(join(['a', 'b'], ['a.mp4', 'v_b.mp4', 'v_a.mp4'])).toEqual([
      ['a.mp4', 'v_b.mp4'],
      ['1 video matched after adding "v_" before the labels\' names (labels.json)'],
    ]);
  });

  it('are told in the check, of ActivityNet and of UCF-Crime', async () => {
    const video = (subset: string) => ({ subset, duration: 9, annotations: [{ segment: [1, 2], label: 'a' }] });
    const database = { x1: video('training'), x2: video('training'), x3: video('validation') };
    const { report } = await readLabels(
      madeFolder({ 'a.json': JSON.stringify({ database }), 'v_x1.mp4': null, 'v_x2.mp4': null, 'v_x3.mkv': null }),
    );
    expect(report).toMatchObject({ found: 3, usable: 3, counts: { 'train videos': 2, 'val videos': 1 } });
    expect(report.problems).toMatchObject([{ code: 'label-affix', detail: { matched: 3, way: 'add', before: 'v_' } }]);
    const names = ucfText.match(/^\S+_x264/gm)!;
    const files = Object.fromEntries(names.map((name) => [name.replace('_x264', '.mp4'), null]));
    const ucf = await readLabels(madeFolder({ 'a.txt': ucfText, ...files }));
    expect(ucf.report.usable).toBe(names.length);
    expect(ucf.report.problems).toMatchObject([{ code: 'label-affix', detail: { way: 'remove', after: '_x264' } }]);
  });
});
