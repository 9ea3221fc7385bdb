// What is tried on a video finds what the evaluation finds, and batches hold what the model reads.
import { describe, expect, it } from 'vitest';
import type { ClipFrames, OpenVideo, VideoStore } from '../../../src/frames/videoStore';
import type { OpenedActions } from '../../../src/models/adatad/actionVideos';
import { adatadDataSettings } from '../../../src/models/adatad/dataSettings';
import { actionsOf, findings } from '../../../src/models/adatad/findings';
import { actionBaselines, judge } from '../../../src/models/adatad/judge';
import { judgeActions } from '../../../src/models/adatad/judgeActions';
import { pointCount } from '../../../src/models/adatad/points';
import { ScoredWindows } from '../../../src/models/adatad/scoredWindows';
import { task } from '../../../src/models/adatad/task';
import { stillWindow, TrainWindows } from '../../../src/models/adatad/trainWindows';
import type { AdatadView } from '../../../src/models/adatad/viewPayload';
import { seededRandom } from '../../../src/samples/seededRandom';
import type { Outputs } from '../../../src/training/batch';
import { presetSettings } from '../../../src/ui/config/settingValues';

const classes = ['jump', 'run'];
const settings = { ...presetSettings(task, 'small'), frames: 32, stride: 2, levels: 3 };
const wanted = adatadDataSettings(settings);
const points = pointCount(wanted.levels);

const times = Float64Array.from({ length: 150 }, (_, i) => i / 10);
const video = {
  ...{ times, crop: null, facts: { width: 320, height: 180, durationSeconds: 15 } },
} as unknown as OpenVideo;
const opened: OpenedActions = {
  ...{ path: 'a.mp4', name: 'a', media: new Blob(), split: 'train', video, frames: 150 },
  clock: { framesPerSecond: 10, durationSeconds: 15 },
  segments: [{ segment: [40, 61], label: 1 }],
  truth: [{ segment: [4, 6.1], label: 'run' }],
};
const seen: ClipFrames[] = [];
const store = {
  open: () => Promise.resolve(video),
  input(clips: readonly ClipFrames[]) {
    seen.push(...clips);
    return { writeFrames: () => Promise.resolve() };
  },
} as unknown as VideoStore;

function randomOutputs(count: number): Outputs[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, () => ({
    scores: Float32Array.from({ length: points * classes.length }, () => random() ** 4),
    distances: Float32Array.from({ length: points * 2 }, () => 4 * random()),
  }));
}

describe('windows that are tried', () => {
  it('give the segments of the evaluation', async () => {
    const scored = new ScoredWindows({ validation: [opened], training: [] }, classes, wanted, store);
    const outputs = randomOutputs(scored.count);
    const [evaluated] = scored.read(outputs);
    const item = { name: 'a.mp4', files: [{ path: 'a.mp4', blob: new Blob() }] };
    const order = {
      ...{ settings, facts: { classes }, videos: store, tell: () => undefined, found: () => undefined },
      signal: new AbortController().signal,
    };
    const tried = await judgeActions.open(item, order);
    const windows = [...(tried.windows() as Iterable<{ untilSeconds: number }>)];
    expect(windows).toHaveLength(scored.count);
    expect(windows.at(-1)!.untilSeconds).toBe(15);
    windows.forEach((window, i) => tried.hear(window, outputs[i]!));
    const found = (await tried.findings()) as Parameters<typeof actionsOf>[0];
    expect(actionsOf(JSON.parse(JSON.stringify(found)) as typeof found, settings)).toEqual(evaluated!.detections);
    const live = { threshold: 0.5, suppression: 0.7 };
    const result = { name: 'a.mp4', findings: found, head: tried.head, untilSeconds: 15 } as never;
    const reading = findings.read(result, live, 'en');
    expect(reading.spans).toHaveLength(evaluated!.detections.filter(({ score }) => score >= 0.5).length);
    const written = JSON.parse(findings.exports[0]!.write([result], live) as string) as { results: { a: unknown[] } };
    expect(written.results.a).toEqual(evaluated!.detections);
  });

  it('know published weights by their shapes', () => {
    const place = 'backbone.model.backbone.blocks';
    const shapes = new Map<string, readonly number[]>([
      [`${place}.0.norm1.weight`, [384]],
      [`${place}.11.norm1.weight`, [384]],
      ['neck.fpn_norms.0.weight', [512]],
      ['neck.fpn_norms.5.weight', [512]],
      ['rpn_head.cls_head.bias', [20]],
    ]);
    expect(judgeActions.guess!(shapes)).toEqual({
      settings: { width: 384, channels: 512, depth: 2, levels: 2 },
      classes: 20,
    });
  });
});

describe('a judged pass', () => {
  it('tells metrics of both parts and gives the view what it draws', () => {
    const scored = new ScoredWindows({ validation: [opened], training: [opened] }, classes, wanted, store);
    const { metrics, view } = judge(scored.read(randomOutputs(scored.count)), scored, classes, 0.7);
    expect(Object.keys(metrics)).toEqual(task.metrics.map(({ name }) => name));
    const { videos, perClass, best } = view as AdatadView;
    expect(videos.map(({ part }) => part)).toEqual(['validation', 'training']);
    expect(perClass.map(({ label }) => label)).toEqual(['run']);
    expect(best === null ? 0 : best.f1).toBe(metrics['F1']);
  });

  it('is to beat a detector that knows durations', () => {
    const perfect = { ...opened, truth: [{ segment: [0, 15] as const, label: 'run' }] };
    expect(actionBaselines([perfect], [perfect])).toEqual({ wholeVideo: 1, meanDuration: 1 });
  });
});

describe('a training window', () => {
  it('shows an action and says which points shall find it', () => {
    const train = new TrainWindows([opened], classes.length, wanted, store);
    expect(train.count).toBe(6);
    seen.length = 0;
    const { classes: named, mask } = train.batch([0, 5], seededRandom(3)) as Record<string, Float32Array>;
    expect(seen.map(({ frames }) => frames.length)).toEqual([32, 32]);
    expect(mask!.every((one) => one === 1)).toBe(true);
    for (const row of [0, 1]) {
      const own = named!.subarray(row * points * 2, (row + 1) * points * 2);
      expect(own.some((value, i) => value === 1 && i % 2 === 1)).toBe(true);
      expect(own.some((value, i) => value === 1 && i % 2 === 0)).toBe(false);
    }
  });

  it('is disturbed by the same two operations in all of its frames', () => {
    const train = new TrainWindows([opened], classes.length, { ...wanted, operations: 2 }, store);
    seen.length = 0;
    train.batch([0, 1, 2], seededRandom(3));
    expect(seen.map(({ augment }) => augment!.length)).toEqual([2, 2, 2]);
    expect(new Set(seen.map(({ augment }) => JSON.stringify(augment))).size).toBeGreaterThan(1);
  });

  it('sees the middle square in pixels of the look where the picture is not pressed into one', () => {
    const look = { width: 160, height: 160 };
    expect(stillWindow({ width: 320, height: 160 }, look, 'centre')).toEqual({ x: 40, y: 0, width: 80, height: 160 });
    expect(stillWindow({ width: 320, height: 160 }, look, 'stretch')).toEqual({ x: 0, y: 0, ...look });
  });
});
