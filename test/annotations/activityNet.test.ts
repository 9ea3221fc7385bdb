// Temporal action labels: both THUMOS14 flavours, folders with videos, and what is wrong with broken ones.
import { describe, expect, it } from 'vitest';
import { readActionFolder, reportActions } from '../../src/annotations/actionFolder';
import { parseActivityNet, segmentFrames } from '../../src/annotations/activityNet';
import { Folder } from '../../src/annotations/folder';
import { droppedFolder, madeFolder } from '../helpers/dataFolder';
import { sharedData } from '../helpers/golden';

const real = sharedData('tad_self_labelled');

const entry = (change: object = {}) => ({
  subset: 'training',
  duration: 10,
  frame: 250,
  annotations: [{ segment: [1, 2.5], label: 'jump' }],
  ...change,
});
const json = (database: unknown, more: object = {}) => JSON.stringify({ version: '1', database, ...more });
const parse = (database: unknown, more: object = {}, classes: string | null = null) =>
  parseActivityNet(json(database, more), 'a.json', classes);

async function read(files: Readonly<Record<string, string | null>>) {
  const folder = new Folder(madeFolder(files));
  return readActionFolder(folder, folder.withExtension('json')[0]!);
}

describe('ActivityNet labels', () => {
  it('become seconds and whole frames', () => {
    const { entries, classes } = parse({ v: entry() });
    expect(entries).toEqual([
      {
        name: 'v',
        file: null,
        split: 'train',
        durationSeconds: 10,
        frames: 250,
        segments: [{ startSeconds: 1, endSeconds: 2.5, label: 'jump' }],
      },
    ]);
    expect(classes).toEqual(['jump']);
    expect(segmentFrames(entries[0]!.segments[0]!, entries[0]!)).toEqual([25, 62]);
    expect(
      segmentFrames({ startSeconds: 0, endSeconds: 1, label: '' }, { durationSeconds: 2, frames: null }),
    ).toBeNull();
  });

  it('keep equal instances once and leave "Ambiguous" out', () => {
    const jump = { segment: [1, 2], label: 'jump' };
    const annotations = [jump, jump, { segment: [1, 2], label: 'run' }, { segment: [3, 4], label: 'Ambiguous' }];
    const { entries, notices } = parse({ v: entry({ annotations }) });
    expect(entries[0]!.segments.map(({ label }) => label)).toEqual(['jump', 'run']);
    expect(notices).toEqual([]);
  });

  it('train on "Validation" where nothing is called training, as THUMOS14 does', () => {
    const { entries, notices } = parse({
      a: entry({ subset: 'Validation', frame: undefined, fps: 25 }),
      b: entry({ subset: 'Test' }),
    });
    expect(entries.map(({ split, frames }) => [split, frames])).toEqual([
      ['train', 250],
      ['val', 250],
    ]);
    expect(notices.map(({ code }) => code)).toEqual(['activitynet-thumos']);
  });

  it('take the order of classes from the list, then from the file', () => {
    const annotations = ['b', 'a', 'c'].map((label, i) => ({ segment: [i, i + 1], label }));
    expect(parse({ v: entry({ annotations }) }).classes).toEqual(['a', 'b', 'c']);
    expect(parse({ v: entry({ annotations }) }, { classes: ['c', 'b', 'a'] }).classes).toEqual(['c', 'b', 'a']);
    const listed = parse({ v: entry({ annotations }) }, { classes: ['c', 'b', 'a'] }, 'b\r\na\r\n\r\n');
    expect(listed.classes).toEqual(['b', 'a']);
    expect(listed.notices[0]).toMatchObject({ code: 'activitynet-segment', detail: { path: 'v', dropped: 1, of: 3 } });
  });

  it('leave open what Python does not know, and name it where a time is needed', () => {
    const video = (facts: string, segment: string) =>
      `{"subset": "training", ${facts}, "annotations": [{"segment": ${segment}, "label": "a"}]}`;
    const text = `{"database": {"a": ${video('"duration": Infinity, "fps": NaN', '[1, 2]')},\n"b": ${video('"duration": 9', '[NaN, 2]')}}}`;
    const { entries, unusable, notices } = parseActivityNet(text, 'a.json');
    expect(entries).toMatchObject([{ name: 'a', durationSeconds: null, frames: null, segments: [{ endSeconds: 2 }] }]);
    expect(notices[0]!.message).toContain('since database.a.duration is Infinity in line 1, column 55');
    expect(unusable[0]!.message).toContain('since database.b.annotations[0].segment[0] is NaN in line 2');
  });

  it.each([
    ['a list', [], 'activitynet-field'],
    ['another subset', entry({ subset: 'sometimes' }), 'activitynet-field'],
    ['a subset that every object has', entry({ subset: 'constructor' }), 'activitynet-field'],
    ['no duration', entry({ duration: undefined }), 'activitynet-field'],
    ['a duration of zero', entry({ duration: 0 }), 'activitynet-field'],
    ['half a frame', entry({ frame: 2.5 }), 'activitynet-field'],
    ['a rate in words', entry({ fps: 'slow' }), 'activitynet-field'],
    ['no annotations', entry({ annotations: undefined }), 'activitynet-field'],
    ['only reversed instances', entry({ annotations: [{ segment: [2, 1], label: 'a' }] }), 'activitynet-segments'],
    [
      'only instances past the end',
      entry({ annotations: [{ segment: [10, 11], label: 'a' }] }),
      'activitynet-segments',
    ],
    ['instances without numbers', entry({ annotations: [{ segment: ['1', 2], label: 'a' }] }), 'activitynet-segments'],
    ['instances without a label', entry({ annotations: [{ segment: [1, 2] }] }), 'activitynet-segments'],
  ])('give one reason for %s', (_, value, code) => {
    const { entries, unusable } = parse({ good: entry(), bad: value });
    expect(entries.map(({ name }) => name)).toEqual(['good']);
    expect(unusable.map(({ path, code: got }) => [path, got])).toEqual([['bad', code]]);
  });

  it('survive names that objects have by themselves', () => {
    const text = `{"database": {"__proto__": ${JSON.stringify(entry())}, "constructor": ${JSON.stringify(entry())}}}`;
    expect(parseActivityNet(text, 'a').entries.map(({ name }) => name)).toEqual(['__proto__', 'constructor']);
  });

  it.each([
    ['no JSON', '{', 'json-broken'],
    ['no database', '{}', 'activitynet-database'],
    ['an empty database', '{"database": {}}', 'activitynet-database'],
    ['a list', '[]', 'activitynet-database'],
  ])('are refused with %s', (_, text, code) => {
    expect(() => parseActivityNet(text, 'a.json')).toThrow(expect.objectContaining({ name: 'UserError', code }));
  });
});

describe('a folder of videos with action labels', () => {
  it('names what is missing and what has no label', async () => {
    const set = await read({
      'f/deep/labels.json': json({ a: entry(), gone: entry(), broken: entry({ duration: -1 }), B: entry() }),
      'f/videos/a.mp4': null,
      'f/videos/b.MP4': null,
      'f/videos/broken.mp4': null,
      'f/videos/extra.mkv': null,
    });
    expect(set.items.map(({ path, name }) => [path, name])).toEqual([
      ['f/videos/a.mp4', 'a'],
      ['f/videos/b.MP4', 'B'],
    ]);
    expect(set.unusable.map(({ path, code }) => [path, code])).toEqual([
      ['broken', 'activitynet-field'],
      ['gone', 'label-missing-file'],
      ['f/videos/extra.mkv', 'label-none'],
    ]);
    expect(reportActions(set)).toMatchObject({
      found: 5,
      usable: 2,
      counts: { 'train videos': 2, instances: 2, classes: 1, seconds: 20, 'missing files': 1 },
      groups: { jump: 2 },
    });
  });

  it.skipIf(!real)('is read from the real one', async () => {
    const folder = new Folder(droppedFolder(real!));
    const labels = folder.withExtension('json')[0]!;
    const set = await readActionFolder(folder, labels);
    expect([set.unusable, set.notices]).toEqual([[], []]);
    expect(set.classes).toHaveLength(7);
    expect(reportActions(set)).toMatchObject({
      found: 8,
      usable: 8,
      problems: [],
      counts: {
        'train videos': 5,
        'val videos': 3,
        instances: 29,
        classes: 7,
        seconds: 209,
        'longest, seconds': 49,
      },
      groups: {
        person_approaches: 6,
        person_leaves: 6,
        person_stands_at_table: 6,
        put_bottle: 4,
        take_bottle: 3,
        car_moves_down: 2,
        car_moves_up: 2,
      },
    });
    // The labels' own frames agree with the times.
    const { database } = JSON.parse(await labels.blob.text()) as {
      database: Record<string, { annotations: { segment_frames: [number, number] }[] }>;
    };
    for (const video of set.items) {
      const want = database[video.name]!.annotations.map((item) => item.segment_frames);
      const got = video.segments.map((segment) => segmentFrames(segment, video)!);
      for (const [i, [start, end]] of got.entries()) {
        expect(Math.abs(start - want[i]![0])).toBeLessThanOrEqual(1);
        expect(Math.abs(end - want[i]![1])).toBeLessThanOrEqual(1);
      }
    }
  });
});
