// Anomaly labels: three caption formats, UCF-Crime's texts, lists of intervals and boxes; whole folders, broken ones.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAnomalyList, readCaptionFolder, readUcfFolder } from '../../src/annotations/anomalyFolder';
import { parseAnomalyList } from '../../src/annotations/anomalyList';
import { classOfName, reportAnomalies } from '../../src/annotations/anomalyVideos';
import { parseCaptionedVideos } from '../../src/annotations/captionedVideos';
import { Folder } from '../../src/annotations/folder';
import { parseUcfAnnotation, parseUcfList } from '../../src/annotations/ucfCrime';
import { droppedFolder, madeFolder } from '../helpers/dataFolder';
import { sharedData } from '../helpers/golden';
import { anomalyList, captionsA, captionsB, captionsC, ucfText } from './anomalyTexts';

const ucf = sharedData('ucf-crime');
const own = sharedData('anomaly_self_labelled');
const codes = (problems: readonly { path: string; code: string }[]) => problems.map(({ path, code }) => [path, code]);
const captions = (value: unknown) => parseCaptionedVideos(JSON.stringify(value), 'a.json');

describe('captioned videos', () => {
  it('are read from the format with f_path', () => {
    const { entries, unusable, notices } = captions(captionsA);
    expect([unusable, notices]).toEqual([[], []]);
    expect(entries).toMatchObject([
      {
        name: 'Abuse/Abuse001_x264.mp4',
        className: 'Abuse',
        abnormal: true,
        spans: null,
        caption: '一名男子殴打他人',
        regions: [
          {
            caption: 'a man hits',
            keyFrames: [
              { frame: 10, x0: 0, y0: 0, x1: 0.4, y1: 0.4, enabled: false },
              { frame: 40, x0: 0.1, y0: 0.2, x1: 0.5, y1: 0.6, enabled: true },
            ],
          },
        ],
      },
      { className: 'Normal', abnormal: false, spans: [], regions: [] },
    ]);
  });

  it('are read from the format with timestamps', () => {
    expect(captions(captionsB).entries).toMatchObject([
      {
        className: 'Arson',
        abnormal: true,
        startSeconds: null,
        regions: [{ keyFrames: [] }, { keyFrames: [{ frame: 3 }] }],
      },
      { className: 'Normal', abnormal: false, startSeconds: 2, endSeconds: 10.5, regions: [{ caption: 'a street' }] },
    ]);
  });

  it('are read from the old format by file name', () => {
    expect(captions(captionsC).entries).toMatchObject([
      { name: 'Burglary001_x264.mp4', className: 'Burglary', abnormal: true, caption: 'a break-in' },
      { className: 'Normal', abnormal: false, regions: [{ caption: 'a till' }] },
    ]);
  });

  it('warn when every video is abnormal', () => {
    expect(captions(captionsA.slice(0, 1)).notices.map(({ code }) => code)).toEqual(['captions-all-abnormal']);
  });

  const region = (change: object) => [{ ...captionsA[0], bbox_info: [{ caption: 'a', ...change }] }];
  it.each([
    ['no object', [null]],
    ['no name', [{ ...captionsA[0], f_path: undefined }]],
    ['no caption', [{ ...captionsA[0], global_caption: ' ' }]],
    ['a region without a caption', region({ caption: 1 })],
    ['a key frame without a frame', region({ keyframes: [{ bbox: [0, 0, 1, 1] }] })],
    ['a box of three', region({ keyframes: [{ frame: 1, bbox: [0, 0, 1] }] })],
    ['a box in pixels', region({ keyframes: [{ frame: 1, bbox: [0, 0, 320, 240] }] })],
    ['a reversed box', region({ keyframes: [{ frame: 1, bbox: [0.5, 0, 0.4, 1] }] })],
    ['more captions than boxes', [{ ...captionsB[0], region_captions: ['a'] }]],
    ['reversed timestamps', [{ ...captionsB[0], timestamps: [5, 2] }]],
    ['the same video twice', [captionsA[1], captionsA[1]]],
  ])('give one reason for %s', (_, list) => {
    const { entries, unusable } = captions(list);
    expect(entries).toHaveLength(list.length - 1);
    expect(unusable.map(({ code, detail }) => [code, detail['entry']])).toEqual([['captions-entry', list.length]]);
  });

  it('are refused when the file holds a text', () => {
    expect(() => captions('a')).toThrow(expect.objectContaining({ name: 'UserError', code: 'captions-format' }));
  });

  it('are joined with videos by category folder or by name alone', async () => {
    const folder = new Folder(
      madeFolder({
        'x/train.json': JSON.stringify(captionsA),
        'x/videos/Abuse/Abuse001_x264.mp4': null,
        'x/videos/Normal/Normal_Videos_015_x264.avi': null,
      }),
    );
    const set = await readCaptionFolder(folder, folder.withExtension('json'));
    expect(set.unusable).toEqual([]);
    expect(set.classes).toEqual(['Normal', 'Abuse']);
    expect(reportAnomalies(set)).toMatchObject({
      usable: 2,
      counts: { normal: 1, abnormal: 1, regions: 1, 'key frames': 2 },
    });
  });
});

describe("UCF-Crime's texts", () => {
  it('become spans of frames', () => {
    const { entries, unusable } = parseUcfAnnotation(ucfText, 'a.txt');
    expect(unusable).toEqual([]);
    expect(entries.map(({ name, className, spans }) => [name, className, spans])).toEqual([
      ['Abuse028_x264', 'Abuse', [{ startFrame: 165, endFrame: 240 }]],
      [
        'RoadAccidents016_x264.mp4',
        'RoadAccidents',
        [
          { startFrame: 530, endFrame: 720 },
          { startFrame: 800, endFrame: 900 },
        ],
      ],
      ['Normal_Videos_003_x264', 'Normal', []],
    ]);
  });

  it.each([
    ['a line that is cut', 'Abuse029_x264  Abuse  165'],
    ['a reversed span', 'Abuse029_x264  Abuse  240  165  -1  -1'],
    ['half a span', 'Abuse029_x264  Abuse  240  300  -1  400'],
    ['a name that was there', 'Abuse028_x264  Abuse  165  240  -1  -1'],
    ['a number beyond all videos', 'Abuse029_x264  Abuse  165  99999999999999999999  -1  -1'],
  ])('give one reason for %s', (_, line) => {
    const { entries, unusable } = parseUcfAnnotation(ucfText + line, 'a.txt');
    expect(entries).toHaveLength(3);
    expect(unusable).toMatchObject([{ code: 'ucf-line', detail: { line: 4 } }]);
  });

  it('are refused when hardly a line is right', () => {
    expect(() => parseUcfAnnotation(ucfText + 'hello\n'.repeat(101), 'a.txt')).toThrow(
      expect.objectContaining({ name: 'UserError', code: 'ucf-format' }),
    );
  });

  it.each([
    ['Abuse/Abuse001_x264.mp4', 'Abuse'],
    ['RoadAccidents016_x264', 'RoadAccidents'],
    ['Training_Normal_Videos_Anomaly/Normal_Videos001_x264.mp4', 'Normal'],
    ['Theft\\cam 4.mp4', 'Theft'],
    ['cam 4.mp4', 'Anomaly'],
  ])('tell of %s that it is %s', (path, name) => {
    expect(classOfName(path)).toBe(name);
  });

  it.skipIf(!ucf)('have the counts that are known of the real ones', () => {
    const text = (name: string) => readFileSync(join(ucf!, name), 'utf8');
    const { entries, unusable } = parseUcfAnnotation(text('Temporal_Anomaly_Annotation.txt'), 'a');
    expect(unusable).toEqual([]);
    const counts: Record<string, number> = {};
    for (const { className } of entries) counts[className] = (counts[className] ?? 0) + 1;
    expect(counts).toEqual({
      RoadAccidents: 23,
      Shooting: 23,
      Explosion: 21,
      Shoplifting: 21,
      Burglary: 13,
      Arson: 9,
      Arrest: 5,
      Fighting: 5,
      Robbery: 5,
      Stealing: 5,
      Vandalism: 5,
      Assault: 3,
      Abuse: 2,
      Normal: 150,
    });
    expect(entries.filter(({ spans }) => spans?.length === 2)).toHaveLength(16);
    const { entries: train } = parseUcfList(text('Anomaly_Train.txt'), 'a', 'train');
    expect([train.length, train.filter(({ abnormal }) => abnormal).length]).toEqual([1610, 810]);
    const { entries: test } = parseUcfList(text('Anomaly_Test.txt'), 'a', 'test');
    const key = (name: string) => name.replace(/^.*\//, '').replace('.mp4', '');
    const byName = new Map(entries.map((entry) => [key(entry.name), entry.className]));
    for (const { name, className } of test) expect(byName.get(key(name))).toBe(className);
  });

  it.skipIf(!ucf)('say of a folder without videos which ones are missing', async () => {
    const set = await readUcfFolder(new Folder(droppedFolder(ucf!)));
    const report = reportAnomalies(set);
    expect([report.found, report.usable, report.counts['missing files']]).toEqual([1900, 0, 1900]);
    expect(new Set(report.problems.map(({ code }) => code))).toEqual(new Set(['label-missing-file']));
  });

  it('are joined by name, spans before lists', async () => {
    const folder = new Folder(
      madeFolder({
        'u/Anomaly_Test.txt': 'Abuse/Abuse028_x264.mp4\nAbuse/Abuse030_x264.mp4\n',
        'u/Anomaly_Train.txt': 'Abuse/Abuse001_x264.mp4\nTraining_Normal_Videos_Anomaly/Normal_Videos001_x264.mp4\n',
        'u/Temporal_Anomaly_Annotation.txt': 'Abuse028_x264  Abuse  165  240  -1  -1  \n',
        'u/readme.txt': 'hello there',
        'u/Abuse/Abuse028_x264.mp4': null,
        'u/Abuse/Abuse001_x264.mp4': null,
        'u/Normal_Videos001_x264.mp4': null,
      }),
    );
    const set = await readUcfFolder(folder);
    expect(set.items.map(({ path, split, spans }) => [path, split, spans?.length ?? null])).toEqual([
      ['u/Abuse/Abuse028_x264.mp4', 'test', 1],
      ['u/Abuse/Abuse001_x264.mp4', 'train', null],
      ['u/Normal_Videos001_x264.mp4', 'train', 0],
    ]);
    expect(codes(set.unusable)).toEqual([['Abuse/Abuse030_x264.mp4', 'label-missing-file']]);
  });
});

describe('a list with spans and boxes', () => {
  it('is read', () => {
    const { entries, unusable } = parseAnomalyList(JSON.stringify(anomalyList), 'a.json');
    expect(unusable).toEqual([]);
    expect(entries[0]).toMatchObject({ className: 'Normal', abnormal: false, spans: [] });
    expect(entries[1]).toMatchObject({ className: 'vehicle', spans: [{ startFrame: 22, endFrame: 58 }] });
    expect(entries[1]!.boxes.get(23)).toEqual({ x0: 0, y0: 125, x1: 18, y1: 171 });
  });

  const second = anomalyList[1]!;
  it.each([
    ['no object', null],
    ['no file', { ...second, file: '' }],
    ['another label', { ...second, label: 2 }],
    ['another split', { ...second, split: 'maybe' }],
    ['a span past the end', { ...second, anomaly_frames: [[100, 129]] }],
    ['a reversed span', { ...second, anomaly_frames: [[5, 5]] }],
    ['a box of three', { ...second, boxes: { '1': [0, 0, 1] } }],
    ['a box at no frame', { ...second, boxes: { first: [0, 0, 1, 1] } }],
    ['a rate of zero', { ...second, fps: 0 }],
  ])('gives one reason for %s', (_, entry) => {
    const { entries, unusable } = parseAnomalyList(JSON.stringify([anomalyList[0], entry]), 'a.json');
    expect(entries).toHaveLength(1);
    expect(unusable.map(({ code, detail }) => [code, detail['entry']])).toEqual([['anomaly-entry', 2]]);
  });

  it('is refused when most of it is broken, and kept when little is', () => {
    const nothing = Array<null>(101).fill(null);
    expect(() => parseAnomalyList(JSON.stringify(nothing), 'a')).toThrow(
      expect.objectContaining({ name: 'UserError', code: 'anomaly-entry' }),
    );
    const good = Array<unknown>(102).fill(anomalyList[0]);
    expect(parseAnomalyList(JSON.stringify([...good, ...nothing]), 'a').unusable).toHaveLength(101);
  });

  it('is refused when it is none', () => {
    expect(() => parseAnomalyList('{}', 'a')).toThrow(
      expect.objectContaining({ name: 'UserError', code: 'anomaly-list' }),
    );
  });

  it.skipIf(!own)('is read from the real one', async () => {
    const folder = new Folder(droppedFolder(own!));
    const set = await readAnomalyList(folder, folder.withExtension('json')[0]!);
    expect([set.unusable, set.notices]).toEqual([[], []]);
    expect(reportAnomalies(set)).toMatchObject({
      found: 27,
      usable: 27,
      counts: { 'train videos': 20, 'test videos': 7, normal: 8, abnormal: 19, spans: 19 },
    });
    const boxed = set.items.filter(({ boxes, split }) => boxes.size > 0 && split === 'test');
    expect(boxed.reduce((sum, { boxes }) => sum + boxes.size, 0)).toBe(186);
  });
});
