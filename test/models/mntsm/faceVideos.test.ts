// Labels of face videos on their way to a run: names in GBK, and pictures instead of videos.
import { describe, expect, it } from 'vitest';
import { openFaces } from '../../../src/models/mntsm/faceVideos';
import type { DataFile } from '../../../src/training/protocol';
import type { StoredVideo, VideoStore } from '../../../src/training/videoStore';
import { madeFolder } from '../../helpers/dataFolder';

const store = {
  open: () => Promise.resolve({ facts: { notices: [] } } as unknown as StoredVideo),
} as Partial<VideoStore>;
const open = (files: readonly DataFile[], repairText: boolean) => {
  const split = { rule: 'official', shares: { val: 0.1, test: 0.1 } } as const;
  return openFaces(files, { cropShare: null, split, repairText }, store as VideoStore, () => undefined);
};

/** 跳远 and 跑 in GBK. */
const labels = [
  ...Buffer.from('[{"file": "'),
  ...[0xcc, 0xf8, 0xd4, 0xb6],
  ...Buffer.from('.mp4", "label": 0}, {"file": "'),
  ...[0xc5, 0xdc],
  ...Buffer.from('.mp4", "label": 1}]'),
];
const chinese = [
  { path: 'labels.json', blob: new Blob([Uint8Array.from(labels)]) },
  ...madeFolder({ '跳远.mp4': null, '跑.mp4': null }),
];

describe('names of videos in GBK', () => {
  it('are the reason that is told when nothing else can be used', async () => {
    await expect(open(chinese, false)).rejects.toMatchObject({ code: 'text-gbk', detail: { repaired: false } });
  });

  it('are found once they are read as they were meant', async () => {
    const { videos, report } = await open(chinese, true);
    expect(videos.map(({ path, manipulated }) => [path, manipulated])).toEqual([
      ['跳远.mp4', false],
      ['跑.mp4', true],
    ]);
    expect(report.problems.map(({ code, detail }) => [code, detail['repaired'] ?? null])).toContainEqual([
      'text-gbk',
      true,
    ]);
  });
});

it('pictures of faces are refused by name', async () => {
  const pictures = madeFolder({ 'real/a/000000.jpg': null, 'fake/b/000000.jpg': null });
  await expect(open(pictures, false)).rejects.toMatchObject({ code: 'mntsm-pictures' });
});
