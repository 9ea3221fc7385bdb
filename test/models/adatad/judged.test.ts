// What a person is told of detections, and the files that they leave as.
import { describe, expect, it } from 'vitest';
import { parseActivityNet } from '../../../src/annotations/activityNet';
import type { Action, DetectedAction } from '../../../src/metrics/tadMap';
import { labelsJson } from '../../../src/annotations/segmentLabels';
import { actionsCsv, actionsVtt, resultsJson } from '../../../src/models/adatad/actionFiles';
import { judgeVideo } from '../../../src/models/adatad/judged';

const action = (start: number, end: number, label = 'jump'): Action => ({ segment: [start, end], label });
const detected = (score: number, start: number, end: number, label = 'jump'): DetectedAction => ({
  score,
  ...action(start, end, label),
});

describe('judgeVideo', () => {
  it('tells hits, late ones, false ones and misses apart', () => {
    const truth = [action(0, 10), action(20, 30), action(40, 50, 'run'), action(60, 70)];
    const found = [
      detected(0.5, 1, 10), // less sure of what another hits
      detected(0.9, 0, 10),
      detected(0.8, 26, 36),
      detected(0.7, 40, 50),
      detected(0.6, 80, 90),
    ];
    const { detections, missed } = judgeVideo(truth, found, 0.5);
    expect(detections.map(({ verdict, truth: place }) => [verdict, place])).toEqual([
      ['false', null],
      ['hit', 0],
      ['late', 1],
      ['false', null],
      ['false', null],
    ]);
    expect(missed).toEqual([1, 2, 3]);
  });

  it('lets the surer one choose and the other take the next', () => {
    const { detections, missed } = judgeVideo(
      [action(0, 10), action(2, 12)],
      [detected(0.4, 0, 10), detected(0.6, 0, 10)],
      0.5,
    );
    expect(detections.map(({ truth: place }) => place)).toEqual([1, 0]);
    expect(missed).toEqual([]);
  });
});

describe('files of actions', () => {
  const found = new Map([['a, b.mp4', [detected(0.5, 61.5, 3723.0456, 'say "<hi>"'), detected(0.9, 1, 2)]]]);

  it('are ActivityNet results', () => {
    expect(JSON.parse(resultsJson(found))).toEqual({
      version: 'tabtune',
      results: {
        'a, b.mp4': [
          { segment: [61.5, 3723.0456], label: 'say "<hi>"', score: 0.5 },
          { segment: [1, 2], label: 'jump', score: 0.9 },
        ],
      },
      external_data: {},
    });
  });

  it('are labels that the reader of labels takes', () => {
    const videos = new Map([
      ['a', { subset: 'training', durationSeconds: 10, frames: 250, actions: [action(4, 5), action(1, 2)] }],
      ['b', { subset: 'validation', durationSeconds: 20, frames: 500, actions: [action(3, 9, 'run')] }],
    ] as const);
    const { entries, unusable, classes } = parseActivityNet(labelsJson(videos), 'labels.json');
    expect(unusable).toEqual([]);
    expect(classes).toEqual(['jump', 'run']);
    expect(entries.map(({ name, split, frames }) => [name, split, frames])).toEqual([
      ['a', 'train', 250],
      ['b', 'val', 500],
    ]);
    expect(entries[0]!.segments.map(({ startSeconds }) => startSeconds)).toEqual([1, 4]);
  });

  it('are a table with quotes where they are needed', () => {
    expect(actionsCsv(found).split('\r\n')).toEqual([
      'video,start,end,label,score',
      '"a, b.mp4",61.5,3723.0456,"say ""<hi>""",0.5',
      '"a, b.mp4",1,2,jump,0.9',
      '',
    ]);
  });

  it('are titles in the order of time', () => {
    expect(actionsVtt(found.get('a, b.mp4')!)).toBe(
      'WEBVTT\n\n00:00:01.000 --> 00:00:02.000\njump 90 %\n\n00:01:01.500 --> 01:02:03.046\nsay "&lt;hi&gt;" 50 %\n',
    );
  });
});
