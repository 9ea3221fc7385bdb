// What the view counts again equals what the metric says: on the recorded evaluation, and as labels are corrected.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Action, DetectedAction } from '../../../src/metrics/tadMap';
import { correctionName, correctionsFile } from '../../../src/ui/corrections/correctionsFile';
import { countVerdicts, judgeShown, passMap, recountMap, totalOf } from '../../../src/models/adatad/recount';
import type { ActionVideoRow, AdatadView } from '../../../src/models/adatad/viewPayload';

interface Recorded {
  readonly tiou_thresholds: readonly number[];
  readonly subset: string;
  readonly ground_truth: {
    readonly database: Readonly<Record<string, { subset: string; annotations: readonly Action[] }>>;
  };
  readonly predictions: { readonly results: Readonly<Record<string, readonly DetectedAction[]>> };
  readonly expected: { readonly mAP: Readonly<Record<string, number>> };
}

const recorded = JSON.parse(
  readFileSync(new URL('../../goldens/adatad/metric.json', import.meta.url), 'utf8'),
) as Recorded;

const row = (name: string, truth: readonly Action[], candidates: readonly DetectedAction[]): ActionVideoRow => ({
  ...{ path: `set/${name}.mp4`, name, media: new Blob([]), part: 'validation', durationSeconds: 20, frames: 160 },
  ...{ truth, candidates },
});

const viewOf = (videos: readonly ActionVideoRow[], overlaps: readonly number[]): AdatadView => ({
  kind: 'adatad',
  ...{ classes: ['jump', 'run'], overlaps, map: [], perClass: [], threshold: 0.5, best: null, sigma: 0.7, videos },
});

describe('recounting', () => {
  it('says what the recorded evaluation says', () => {
    const { results } = recorded.predictions;
    const { database } = recorded.ground_truth;
    const videos = [...new Set([...Object.keys(database), ...Object.keys(results)])].map((name) => {
      const labelled = database[name]?.subset === recorded.subset ? database[name].annotations : [];
      return row(name, labelled, results[name] ?? []);
    });
    const { average, map, thresholds } = recountMap(viewOf(videos, recorded.tiou_thresholds), ({ truth }) => truth, 0);
    expect(average).toBeCloseTo(recorded.expected.mAP['average_mAP']!, 9);
    thresholds.forEach((at, k) => expect(map[k]).toBeCloseTo(recorded.expected.mAP[`mAP@${at}`]!, 9));
  });

  const jump = (start: number, end: number, score: number): DetectedAction => ({
    ...{ segment: [start, end], label: 'jump', score },
  });
  const video = row(
    'a',
    [
      { segment: [1, 3], label: 'jump' },
      { segment: [6, 9], label: 'run' },
    ],
    [jump(1, 3, 0.9), jump(1.1, 3, 0.8), jump(10, 12, 0.6)],
  );

  it('follows corrections: what was false is a hit once it is accepted', () => {
    const view = viewOf([video], [0.5]);
    const accepted = [...video.truth, { segment: [10, 12] as const, label: 'jump' }];
    const counted = (truth: readonly Action[]) =>
      totalOf(countVerdicts([{ truth, judged: judgeShown(video, truth, 0.05, 0.5, 0.5) }]));
    expect(counted(video.truth)).toEqual({ labelled: 2, hit: 1, late: 0, false: 1, missed: 1 });
    expect(counted(accepted)).toEqual({ labelled: 3, hit: 2, late: 0, false: 0, missed: 1 });
    const [before, after] = [video.truth, accepted].map((truth) => recountMap(view, () => truth, 0));
    expect(before!.perClass.get('jump')).toEqual([1]);
    expect(after!.perClass.get('jump')![0]).toBeCloseTo(0.5 + 0.5 * (2 / 3), 12);
  });

  it('follows threshold and suppression', () => {
    const shown = (sigma: number, threshold: number) =>
      judgeShown(video, video.truth, sigma, threshold, 0.5).detections.length;
    expect([shown(0, 0.5), shown(0, 0.85), shown(0.05, 0.5)]).toEqual([3, 1, 2]);
  });

  it('leaves videos of training out of the metric', () => {
    const view = viewOf([{ ...video, part: 'training' }], [0.5]);
    expect(recountMap(view, ({ truth }) => truth, 0).perClass.size).toBe(0);
    expect(passMap({ ...view, map: [0.25, 0.75] }).average).toBe(0.5);
  });

  it('knows a video again by path and length, and writes what is true of it for the next run', async () => {
    expect(correctionName(video)).toBe('set/a.mp4 20.00');
    const { path, blob } = correctionsFile([video], () => ({ marks: [video.truth[1]!], use: 'training' }));
    expect(path).toBe('corrections.json');
    expect(JSON.parse(await blob.text())).toMatchObject({
      corrects: true,
      database: { 'set/a.mp4': { subset: 'training', duration: 20, frame: 160, annotations: [{ label: 'run' }] } },
    });
  });
});
