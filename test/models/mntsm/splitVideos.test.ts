// Splits that the settings ask for: people kept apart or not, shares held, the labels' own left alone.
import { describe, expect, it } from 'vitest';
import type { FaceVideo } from '../../../src/annotations/faceClips';
import { splitSettings, splitVideos } from '../../../src/models/mntsm/splitVideos';

type Video = Pick<FaceVideo, 'path' | 'split' | 'identities' | 'label'>;

/** Originals 000 to 099 and the swaps of neighbouring pairs, all marked as training. */
const videos: Video[] = Array.from({ length: 50 }, (_, k) => [2 * k, 2 * k + 1].map((n) => String(n).padStart(3, '0')))
  .flatMap(([a, b]) => [[a!], [b!], [a!, b!], [b!, a!]])
  .map((identities) => ({
    path: `${identities.length === 1 ? 'original' : 'Deepfakes'}/${identities.join('_')}.mp4`,
    split: 'train',
    identities,
    label: identities.length === 1 ? 'real' : 'fake',
  }));

const count = (some: readonly Video[], split: string): number => some.filter((one) => one.split === split).length;

describe('splitVideos', () => {
  it('leaves the labels as they are by default', () => {
    expect(splitVideos(videos, splitSettings({}))).toEqual(videos);
  });

  it('keeps people apart', () => {
    const split = splitVideos(videos, splitSettings({ split: 'identity', validationShare: 0.2, testShare: 0.1 }));
    const splitsOf = new Map<string, Set<string | null>>();
    for (const { identities, split: part } of split)
      for (const one of identities) splitsOf.set(one, (splitsOf.get(one) ?? new Set()).add(part));
    expect([...splitsOf.values()].filter(({ size }) => size > 1)).toEqual([]);
    expect(count(split, 'val')).toBe(40);
    expect(count(split, 'test')).toBe(20);
  });

  it('may split video by video, and then people are in several', () => {
    const split = splitVideos(videos, splitSettings({ split: 'video', validationShare: 0.1, testShare: 0 }));
    expect([count(split, 'val'), count(split, 'test')]).toEqual([20, 0]);
    expect(split.filter((one) => one.split === 'val' && one.label === 'real')).toHaveLength(10);
    const held = new Set(split.filter((one) => one.split === 'val').flatMap(({ identities }) => identities));
    const leaked = split.filter((one) => one.split === 'train' && one.identities.some((person) => held.has(person)));
    expect(leaked.length).toBeGreaterThan(0);
  });
});
