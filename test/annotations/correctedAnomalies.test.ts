// Corrected incidents beside labels of anomalies: spans, class, regions and part of the next run.
import { describe, expect, it } from 'vitest';
import { readLabels } from '../../src/annotations/readLabels';
import { labelsJson, type LabelledSegment } from '../../src/annotations/segmentLabels';
import { madeFolder } from '../helpers/dataFolder';

const listed = [
  {
    file: 'a.mp4',
    label: 1,
    kind: 'Cart',
    split: 'train',
    frames: 100,
    fps: 10,
    anomaly_frames: [[20, 40]],
    boxes: { 25: [0, 0, 5, 5] },
  },
  { file: 'b.mp4', label: 0, split: 'test', frames: 100, fps: 10, anomaly_frames: [] },
  { file: 'c.mp4', label: 1, kind: 'Cart', split: 'test', frames: 100, fps: 10, anomaly_frames: [[0, 10]] },
];

async function read(
  corrected: Readonly<Record<string, readonly LabelledSegment[]>>,
  subset: 'training' | 'validation',
) {
  const corrections = labelsJson(
    new Map(
      Object.entries(corrected).map(([path, actions]) => [path, { subset, durationSeconds: 10, frames: 100, actions }]),
    ),
    true,
  );
  const videos = Object.fromEntries(listed.map(({ file }) => [`set/${file}`, null]));
  const labels = await readLabels(
    madeFolder({ ...videos, 'set/labels.json': JSON.stringify(listed), 'corrections.json': corrections }),
  );
  if (labels.format !== 'anomaly-list') throw new Error(labels.format);
  return { ...labels.set, of: (path: string) => labels.set.items.find((one) => one.path === `set/${path}`)! };
}

describe('corrected incidents', () => {
  it('take the place of the labels of their videos, and leave the others alone', async () => {
    const set = await read(
      {
        'set/a.mp4': [
          { segment: [2.2, 3.5], label: 'Cart' },
          { segment: [7, 8], label: 'Cart' },
        ],
      },
      'training',
    );
    const { spans, boxes, regions, className, split } = set.of('a.mp4');
    expect(spans).toEqual([
      { startFrame: 22, endFrame: 35 },
      { startFrame: 70, endFrame: 80 },
    ]);
    expect([className, split, [...boxes.keys()]]).toEqual(['Cart', 'train', [25]]);
    // Where nothing says where it is, it is somewhere in the frame as long as it lasts.
    expect(regions).toHaveLength(1);
    expect(regions[0]!.keyFrames.map(({ frame, x0, x1 }) => [frame, x0, x1])).toEqual([
      [70, 0, 1],
      [79, 0, 1],
    ]);
    expect(set.of('c.mp4').spans).toEqual([{ startFrame: 0, endFrame: 10 }]);
  });

  it('make a video normal or abnormal, and bring new classes', async () => {
    const set = await read({ 'set/c.mp4': [], 'set/b.mp4': [{ segment: [1, 2], label: 'LyingPerson' }] }, 'training');
    expect(set.of('c.mp4')).toMatchObject({
      abnormal: false,
      className: 'Normal',
      spans: [],
      regions: [],
      split: 'train',
    });
    expect(set.of('b.mp4')).toMatchObject({ abnormal: true, className: 'LyingPerson', caption: null });
    expect(set.of('b.mp4').regions[0]!.caption).toBe('lying person');
    expect(set.classes).toEqual(['Normal', 'Cart', 'LyingPerson']);
  });

  it('keep what was held out in its part', async () => {
    const set = await read({ 'set/b.mp4': [], 'set/a.mp4': [] }, 'validation');
    expect([set.of('b.mp4').split, set.of('a.mp4').split]).toEqual(['test', 'val']);
  });
});
