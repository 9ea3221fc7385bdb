// From labelled files to training batches, scored windows and metrics: what is used, in which frames, what it comes to.
import { describe, expect, it } from 'vitest';
import { isMendedByVocabulary } from '../../../src/text/vocabularyFile';
import type { DataFile } from '../../../src/formats/dataFile';
import type { ClipFrames, OpenVideo, VideoStore } from '../../../src/frames/videoStore';
import { prepareFgclip } from '../../../src/models/fgclip-vad/data';
import { regionTrack } from '../../../src/models/fgclip-vad/regionTracks';
import type { Batch, DataTools } from '../../../src/training/runtime';
import type { VideoFacts } from '../../../src/video/videoFile';

const settings = {
  ...{ frames: 4, regions: 2, imageSize: 8, sampleEvery: 2, sampling: 'whole', score: 'mil', sampler: 'balanced' },
  learnBoxes: true,
};

/** Videos of 16 frames of 20 x 10 pixels at 10 frames a second. */
function opened(path: string): OpenVideo {
  const times = Float64Array.from({ length: 16 }, (_, k) => k / 10);
  const facts = { path, times, durationSeconds: 1.6, width: 20, height: 10, notices: [] } as Partial<VideoFacts>;
  const still = (frame: number, { width, height }: { width: number; height: number }) =>
    Promise.resolve({ width, height, pixels: new Uint8Array(4 * width * height).fill(frame >= 8 ? 200 : 0) });
  const frames = () => {
    throw new Error('nothing decodes here');
  };
  return { facts: facts as VideoFacts, source: String(facts.path), times, crop: null, still, frames };
}

const tools: DataTools = {
  videos: {
    open: ({ path }: DataFile) => Promise.resolve(opened(path)),
    input: (clips: readonly ClipFrames[]) => ({ clips, writeFrames: () => Promise.resolve() }),
  } as Partial<VideoStore> as VideoStore,
};

const prepare = (entries: readonly object[], more = {}) =>
  prepareFgclip(
    {
      kind: 'files',
      name: 'set',
      files: [
        { path: 'set/labels.json', blob: new Blob([JSON.stringify(entries)]) },
        ...entries.map((one) => {
          const { file, f_path } = one as { file?: string; f_path?: string };
          return { path: `set/${file ?? f_path!}`, blob: new Blob([file ?? f_path!]) };
        }),
      ],
    },
    { ...settings, ...more },
    () => undefined,
    tools,
  );

const listed = [
  { file: 'a.mp4', label: 0, split: 'train', anomaly_frames: [] },
  { file: 'b.mp4', label: 1, kind: 'car', split: 'train', anomaly_frames: [[8, 12]], boxes: { 5: [2, 1, 10, 5] } },
  { file: 'c.mp4', label: 0, split: 'test', anomaly_frames: [] },
  { file: 'd.mp4', label: 1, kind: 'car', split: 'test', anomaly_frames: [[8, 16]], boxes: { 8: [0, 0, 10, 10] } },
];
const clipsOf = (batch: Batch) => (batch['frames'] as unknown as { clips: readonly ClipFrames[] }).clips;
const codes = (problems: readonly { readonly code: string }[]) => problems.map(({ code }) => code);

describe('a list with anomalous frames and boxes', () => {
  it('gives batches of evenly spread frames with boxes in shares of the picture', async () => {
    const data = await prepare(listed);
    expect([data.trainClips, data.validationClips]).toEqual([2, 6]);
    expect(codes(data.report.problems)).toEqual(['fgclip-vad-test-judged', 'fgclip-vad-spelt']);
    expect(data.report.problems.map(isMendedByVocabulary)).toEqual([false, true]);
    expect(data.facts).toMatchObject({ classes: ['Normal', 'car'], vocabulary: 'bytes' });
    const batch = data.trainBatch([0, 1], () => 0.5);
    expect(clipsOf(batch).map(({ frames }) => frames)).toEqual([
      [0, 5, 10, 15],
      [0, 5, 10, 15],
    ]);
    expect([...(batch['labels'] as Float32Array)]).toEqual([1, 0, 0, 1]);
    // The normal video's region is the whole frame, the car's is there in one of the frames.
    const mask = batch['boxMask'] as Float32Array;
    expect([...mask]).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    expect([...(batch['boxes'] as Float32Array).slice(40, 44)].map((edge) => edge.toFixed(2))).toEqual([
      '0.10',
      '0.10',
      '0.50',
      '0.50',
    ]);
    expect([...(batch['regionValid'] as Float32Array)]).toEqual([1, 0, 1, 0]);
  });

  it('shows regions as clips from their first frame to their last', async () => {
    const keyframes = [4, 10].map((frame) => ({ frame, bbox: [0.1, 0.1, 0.5, 0.5] }));
    const described = (f_path: string, split: string, bbox_info: readonly object[]) => ({
      ...{ f_path, split, global_caption: 'a street', bbox_info },
    });
    const car = { caption: 'a car', start_frame: 4, end_frame: 10, keyframes };
    const data = await prepare(
      [
        ...[described('Normal_1.mp4', 'train', []), described('Car_2.mp4', 'train', [car])],
        ...[described('Normal_3.mp4', 'test', []), described('Car_4.mp4', 'test', [car])],
      ],
      { regionPath: 'clips', clipFrames: 3, normalPlaces: true },
    );
    const batch = data.trainBatch([0, 1], () => 0.5);
    const { clips } = batch['clips'] as unknown as { clips: readonly ClipFrames[] };
    expect(clips.map(({ frames }) => frames)).toEqual([
      [0, 7, 15],
      [0, 0, 0],
      [4, 7, 10],
      [0, 0, 0],
    ]);
    expect([...(batch['regionValid'] as Float32Array)]).toEqual([1, 0, 1, 0]);
    expect(batch).not.toHaveProperty('boxes');
  });

  it('learns from no box where it shall not', async () => {
    const data = await prepare(listed, { learnBoxes: false });
    expect([...(data.trainBatch([0, 1], () => 0.5)['regionValid'] as Float32Array)]).toEqual([1, 0, 0, 0]);
  });

  it('mirrors boxes with their frames', async () => {
    const data = await prepare(listed, { flip: 1 });
    const boxes = data.trainBatch([1], () => 0.5)['boxes'] as Float32Array;
    expect([...boxes.slice(8, 12)].map((edge) => edge.toFixed(2))).toEqual(['0.50', '0.10', '0.90', '0.50']);
  });

  it('moves boxes with the part of the frame that a clip shows, and drops those that it hardly shows', async () => {
    const boxed = listed.map((one) => ({
      ...one,
      ...(one.label === 1 && { boxes: { 5: [2, 2, 10, 6], 10: [16, 0, 20, 2] } }),
    }));
    const data = await prepare(boxed, { zoom: 0.8 });
    // The middle: 0.6 of each side, a fifth from the left and from the top.
    const batch = data.trainBatch([1], () => 0.5);
    const { x, y, width, height } = clipsOf(batch)[0]!.window!;
    [1.6, 1.6, 4.8, 4.8].forEach((edge, k) => expect([x, y, width, height][k]).toBeCloseTo(edge, 6));
    expect([...(batch['boxMask'] as Float32Array)]).toEqual([0, 0, 1, 0, 0, 0, 0, 0]);
    const box = [...(batch['boxes'] as Float32Array).slice(8, 12)];
    [0, 0, 0.5, 2 / 3].forEach((edge, k) => expect(box[k]).toBeCloseTo(edge, 6));
  });

  it('judges every frame by the sample that stands for it, windows averaged', async () => {
    const data = await prepare(listed);
    // Windows of 4 of the 8 samples, from 0, 2 and 4.
    const output = (scores: readonly number[]) => ({
      head: Float32Array.from(scores),
      classes: Float32Array.from(scores.flatMap((one) => [1 - one, one])),
      headClasses: Float32Array.from(scores.flatMap((one) => [1 - one, one])),
      places: Float32Array.from(scores.flatMap(() => [0.9, 0, 0, 0.1])),
    });
    const quiet = [0.1, 0.1, 0.1, 0.1];
    const outputs = [quiet, quiet, quiet, quiet, [0.1, 0.1, 0.9, 0.9], [0.9, 0.9, 0.9, 0.9]].map(output);
    const { metrics, tables, view } = await data.evaluate(outputs);
    expect(metrics).toMatchObject({ 'frame AUC': 1, AnoAUC: 1, 'video AUC': 1, 'pointing game': 1 });
    // The car's stretch is hit; the normal class has none, as no stretch stands out of a flat curve.
    expect(metrics['mAP@0.5']).toBe(0.5);
    expect(tables['class']).toEqual({ car: 1 });
    expect(view).toMatchObject({ shown: 'mil', footage: true, classes: ['Normal', 'car'] });
    expect(await data.baselines(() => undefined)).toMatchObject({ chance: 0.5 });
  });
});

it('refuses videos without training ones, and says where nothing is normal', async () => {
  await expect(prepare(listed.slice(2))).rejects.toThrow('No video is marked for training');
  expect(codes((await prepare(listed.slice(1))).report.problems)).toContain('fgclip-vad-no-normal');
});

it('counts captions that are cut or Chinese', async () => {
  const entry = (f_path: string, split: string, global_caption: string) => ({
    f_path,
    split,
    global_caption,
    bbox_info: [],
  });
  const data = await prepare([
    entry('Normal_Videos001.mp4', 'train', 'word '.repeat(200)),
    entry('Normal_Videos002.mp4', 'val', '一个人走过广场'),
  ]);
  expect(codes(data.report.problems)).toEqual(
    expect.arrayContaining(['fgclip-vad-captions-cut', 'fgclip-vad-captions-chinese', 'fgclip-vad-no-abnormal']),
  );
  expect(data.facts.captionLength).toBe(248);
});

describe('a region by its key frames', () => {
  const key = (frame: number, x0: number, enabled = true) => ({ frame, x0, y0: 0, x1: x0 + 0.2, y1: 1, enabled });

  it('is between them in a straight line, and ends where one says so', () => {
    const { boxAt, extent } = regionTrack({ caption: 'x', keyFrames: [key(2, 0), key(6, 0.4, false), key(9, 0.8)] });
    expect(extent).toEqual([2, 7]);
    expect([boxAt(1), boxAt(7)]).toEqual([null, null]);
    expect(boxAt(4)![0]).toBeCloseTo(0.2, 12);
    expect([boxAt(2)![0], boxAt(6)![0]]).toEqual([0, 0.4]);
  });

  it('is at its one key frame alone', () => {
    const { boxAt } = regionTrack({ caption: 'x', keyFrames: [key(3, 0.5)] });
    expect([boxAt(2), boxAt(3)?.[0], boxAt(4)]).toEqual([null, 0.5, null]);
  });
});
