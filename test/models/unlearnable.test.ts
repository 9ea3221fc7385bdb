// What the check of each task counts as instances that nothing can learn from, once files are opened and known.
import { expect, it } from 'vitest';
import type { DataFile } from '../../src/formats/dataFile';
import type { OpenVideo, VideoStore } from '../../src/frames/videoStore';
import { prepareAdatad } from '../../src/models/adatad/data';
import { task as adatad } from '../../src/models/adatad/task';
import { prepareFgclip } from '../../src/models/fgclip-vad/data';
import { task as fgclip } from '../../src/models/fgclip-vad/task';
import { prepareMntsm } from '../../src/models/mntsm/data';
import { task as mntsm } from '../../src/models/mntsm/task';
import { preparePose } from '../../src/models/pose/data';
import { task as pose } from '../../src/models/pose/task';
import { prepareDetector } from '../../src/models/remoteclip-detector/data';
import { task as detector } from '../../src/models/remoteclip-detector/task';
import type { Task } from '../../src/models/task';
import type { DataTools } from '../../src/training/runtime';
import type { VideoFacts } from '../../src/video/videoFile';
import { skeletonText } from '../annotations/bvhText';
import { madeFolder } from '../helpers/dataFolder';

/** All videos last 4 s, 25 frames a second, but for `still`, which has one; pictures have 64 × 48 pixels. */
function opened(path: string, frames: number): OpenVideo {
  const times = Float64Array.from({ length: frames }, (_, k) => k / 25);
  const facts = { path, times, durationSeconds: frames / 25, width: 64, height: 48, notices: [] };
  const never = () => Promise.reject(new Error('nothing decodes here'));
  return {
    facts: facts as unknown as VideoFacts,
    source: path,
    times,
    crop: null,
    still: never,
    frames: never as never,
  };
}

const tools: DataTools = {
  videos: {
    open: ({ path }: DataFile) => Promise.resolve(opened(path, path.includes('still') ? 1 : 100)),
    openPictures: ({ path, pictures }: { path: string; pictures: readonly DataFile[] }) =>
      Promise.resolve(opened(path, pictures.length)),
  } as Partial<VideoStore> as VideoStore,
};

const settingsOf = ({ settings, presets, defaultPreset }: Task) => ({
  ...Object.fromEntries(settings.map((setting) => [setting.key, setting.default])),
  ...presets.find(({ name }) => name === defaultPreset)?.settings,
});

const action = (start: number, end: number) => ({ segment: [start, end], label: 'a' });
const video = (subset: string, ...annotations: object[]) => ({ subset, duration: 100, annotations });
const database = {
  t: video('training', action(0.5, 3.5), action(1, 1.03), action(30, 40)),
  v: video('validation', action(1, 3), action(50, 60)),
};
const anomalies = [
  { file: 'a.mp4', label: 0, split: 'train' },
  {
    file: 'b.mp4',
    label: 1,
    split: 'train',
    anomaly_frames: [
      [5, 20],
      [100, 120],
    ],
  },
  {
    file: 'c.mp4',
    label: 1,
    split: 'test',
    anomaly_frames: [
      [90, 300],
      [4000, 5000],
    ],
  },
];
const box = (image: number, bbox: number[]) => ({ id: 1, image_id: image, category_id: 1, bbox });
const coco = {
  images: [
    { id: 1, file_name: 'train/a.jpg', width: 640, height: 480 },
    { id: 2, file_name: 'val/b.jpg' },
  ],
  categories: [{ id: 1, name: 'car' }],
  annotations: [box(1, [5, 5, 20, 20]), box(1, [300, 200, 20, 20]), box(2, [5, 5, 20, 0.5]), box(2, [5, 5, 9, 9])],
};

it.each([
  [
    'adatad',
    adatad,
    prepareAdatad,
    { 'x.json': JSON.stringify({ database }), 't.mp4': null, 'v.mp4': null },
    3,
    'adatad-outside',
  ],
  [
    'fgclip-vad',
    fgclip,
    prepareFgclip,
    { 'x.json': JSON.stringify(anomalies), 'a.mp4': null, 'b.mp4': null, 'c.mp4': null },
    2,
    'fgclip-vad-outside',
  ],
  [
    'remoteclip-detector',
    detector,
    prepareDetector,
    { 'x.json': JSON.stringify(coco), 'train/a.jpg': null, 'val/b.jpg': null },
    2,
    'remoteclip-detector-other-size',
  ],
  [
    'mntsm',
    mntsm,
    prepareMntsm,
    {
      ...{ 'd/train/real/a.mp4': null, 'd/train/fake/still.mp4': null, 'd/val/real/c.mp4': null },
      ...{ 'd/val/fake/d.mp4': null, 'd/train/fake/e.mp4': null },
    },
    1,
    null,
  ],
  [
    'pose',
    pose,
    preparePose,
    {
      'd/train/a_1.bvh': skeletonText(1, 60),
      'd/train/a_2.bvh': skeletonText(1, 1),
      'd/val/b_1.bvh': skeletonText(1, 60),
    },
    1,
    null,
  ],
] as const)('%s', async (_, task, prepare, files: Record<string, string | null>, unlearnable, code) => {
  const source = { kind: 'files', name: 'd', files: madeFolder(files) } as const;
  const settings = { ...settingsOf(task), ...(task === detector && { classFeatures: 'learned' }) };
  const { report } = await prepare(source, settings, () => undefined, tools);
  expect(report.unlearnable).toBe(unlearnable);
  if (code !== null) expect(report.problems.map((problem) => problem.code)).toContain(code);
});
