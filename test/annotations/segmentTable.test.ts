// Tables of segments: headings in any order, times as people write them, splits by column or file, broken lines.
import { describe, expect, it } from 'vitest';
import type { ActionVideo } from '../../src/annotations/actionFolder';
import { readLabels } from '../../src/annotations/readLabels';
import { looksLikeSegmentTable, parseSegmentTable } from '../../src/annotations/segmentTable';
import { madeFolder } from '../helpers/dataFolder';

const segments = (text: string) =>
  parseSegmentTable(text, 'a.csv').videos.flatMap(({ name, segments: own }) =>
    own.map(({ label, startSeconds, endSeconds }) => [name, label, startSeconds, endSeconds]),
  );

describe('a table of segments', () => {
  it.each([
    ['seconds', 'video,label,start,end\na,jump,1,2.5\n', [['a', 'jump', 1, 2.5]]],
    ['clock times', 'video,label,start,end\r\na,jump,0:01:02.5,01:03\r\n', [['a', 'jump', 62.5, 63]]],
    [
      'a mark of UTF-8 and other headings',
      '\ufeffVideo ID;Action;Start (s);End (s)\na;b;1,5;2\n',
      [['a', 'b', 1.5, 2]],
    ],
    ['tabs and another order', 'start_time\tend_time\tclass\tfilename\n1\t2\tx\ta b.mp4\n', [['a b.mp4', 'x', 1, 2]]],
    ['quotes', 'video,label,start,end\n"a,1.mp4","say ""hi""",1,2 s\n', [['a,1.mp4', 'say "hi"', 1, 2]]],
    ['Excel’s mark of the separator', 'sep=;\nvideo;label;start;end\na;b;0:00:01,5;0:00:02\n', [['a', 'b', 1.5, 2]]],
    [
      'headings in a comment',
      '# YTID, start_seconds, end_seconds, label\na, 30.000, 40.000, jump\n',
      [['a', 'jump', 30, 40]],
    ],
    ['milliseconds', 'video,label,start_ms,end_ms\na,b,1500,2000\n', [['a', 'b', 1.5, 2]]],
    [
      'words of BORIS',
      'Media file name\tBehavior\tStart (s)\tStop (s)\na.mp4\twalk\t1\t2\n',
      [['a.mp4', 'walk', 1, 2]],
    ],
    ['pandas’ durations', 'video,label,start,end\na,b,0 days 00:00:01,0 days 00:01:02.500000\n', [['a', 'b', 1, 62.5]]],
    ['units in words', 'videoName,label,startSeconds,endSeconds\na,b,1,2\n', [['a', 'b', 1, 2]]],
    [
      'no headings',
      'a.mp4,jump,1,2\na.mp4,run,3,4\n',
      [
        ['a.mp4', 'jump', 1, 2],
        ['a.mp4', 'run', 3, 4],
      ],
    ],
    ['no headings, the label last', 'a.mp4,1,2,jump\n', [['a.mp4', 'jump', 1, 2]]],
    ['frames', 'video,label,start_frame,end_frame,fps\na,jump,25,50,25\n', [['a', 'jump', 1, 2]]],
    [
      'a class beside a number called label',
      'classname,youtube_id,start,end,label\njump,a,1,2,1\n',
      [['a', 'jump', 1, 2]],
    ],
  ])('with %s', (_, text, wanted) => {
    expect(looksLikeSegmentTable(text)).toBe(true);
    expect(segments(text)).toEqual(wanted);
  });

  it.each(['id,name\n1,2\n', 'a,b,c\n', '', 'name,age,start\nx,3,4\n', '1,2,3,4\n'])('is not %j', (text) =>
    expect(looksLikeSegmentTable(text)).toBe(false),
  );

  it('loses only the lines that are wrong', () => {
    const lines = ['a,jump,1,2', 'a,jump,1,2', ',jump,1,2', 'a,,1,2', 'a,jump,x,2', 'a,jump,3,2', 'b,,,'];
    const { videos, unusable } = parseSegmentTable(`video,label,start,end\n${lines.join('\n')}`, 'a.csv');
    expect(videos.map(({ name, segments: own }) => [name, own.length])).toEqual([
      ['a', 2],
      ['b', 0],
    ]);
    expect(unusable.map(({ detail }) => detail['line'])).toEqual([4, 5, 6, 7]);
    expect(unusable[2]!.message).toContain('"x" where a time');
    const broken = `video,label,start,end\n${'a,b,c,d\n'.repeat(200)}`;
    expect(() => parseSegmentTable(broken, 'a.csv')).toThrow(expect.objectContaining({ code: 'segments-format' }));
  });

  it('is read with its videos and splits', async () => {
    const table =
      'video,label,start,end,split\na,jump,1,2,train\na,jump,1,2,train\nb,run,1,2,validation\ngone,run,0,1,test\n';
    const labels = await readLabels(madeFolder({ 'l.csv': table, 'a.mp4': null, 'x/b.mkv': null, 'c.mp4': null }));
    expect(labels.format).toBe('segment-table');
    expect(labels.report).toMatchObject({
      found: 4,
      usable: 2,
      counts: { 'train videos': 1, 'val videos': 1, instances: 2, classes: 2, 'missing files': 1 },
      problems: [
        { code: 'label-missing-file', path: 'gone' },
        { code: 'label-none', path: 'c.mp4' },
        { code: 'label-repeated', detail: { repeated: 1 } },
      ],
    });
    const parts = await readLabels(
      madeFolder({
        'train.csv': 'a.mp4,jump,1,2\n',
        'test/labels.csv': 'b.mp4,jump,1,2\n',
        'a.mp4': null,
        'b.mp4': null,
      }),
    );
    const items = parts.set.items as readonly ActionVideo[];
    expect(items.map(({ path, split, durationSeconds }) => [path, split, durationSeconds])).toEqual([
      ['a.mp4', 'train', null],
      ['b.mp4', 'test', null],
    ]);
  });
});
