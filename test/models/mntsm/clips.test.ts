// Which frames make which clips, for training and for scoring, and how they are disturbed.
import { describe, expect, it } from 'vitest';
import { ScoredClips } from '../../../src/models/mntsm/scoredClips';
import { stretchesOf } from '../../../src/samples/stretches';
import { TrainClips } from '../../../src/models/mntsm/trainClips';
import { CounterRandom } from '../../../src/samples/random';
import type { Batch } from '../../../src/training/runtime';
import { notingStore, sampleFace, sampleSettings, type NotedInput } from './faces';

const clipsOf = (batch: Batch) => (batch['clips'] as unknown as NotedInput).clips;

describe('training clips', () => {
  const faces = [
    sampleFace('a.mp4', 4),
    sampleFace('b.mp4', 1, { manipulated: true }),
    sampleFace('c.mp4', 3, { manipulated: true }),
  ];

  it('are the windows that fit, and one of a video that is too short, whose last frame repeats', () => {
    const train = new TrainClips(faces, sampleSettings, notingStore);
    expect(train.count).toBe(3 + 1 + 2);
    const batch = train.batch([2, 3], () => 0);
    expect(clipsOf(batch).map(({ frames }) => frames)).toEqual([
      [20, 25, 30, 35],
      [0, 5, 9, 9],
    ]);
    expect(batch['label']).toEqual(Float32Array.of(0, 1));
    expect(batch['weight']).toEqual(Float32Array.of(1, 1));
  });

  it('start anywhere that leaves room where the settings say so', () => {
    const train = new TrainClips(faces, { ...sampleSettings, starts: 'random' }, notingStore);
    expect(clipsOf(train.batch([0], () => 0.5))[0]!.frames).toEqual([10, 15, 20, 25]);
  });

  it('never leave a clip of pictures', () => {
    const face = sampleFace('a', 4);
    const cut = { ...face, stretches: stretchesOf(face.video, [25, 15]) };
    const fixed = new TrainClips([cut], sampleSettings, notingStore);
    expect(clipsOf(fixed.batch([0, 1], () => 0)).map(({ frames }) => frames)).toEqual([
      [0, 5, 10, 15],
      [25, 30, 35, 39],
    ]);
    expect(fixed.count).toBe(2);
    const random = new TrainClips([cut], { ...sampleSettings, starts: 'random' }, notingStore);
    expect(clipsOf(random.batch([0, 1], () => 0.99)).map(({ frames }) => frames)).toEqual([
      [4, 9, 14, 19],
      [25, 30, 35, 39],
    ]);
    const scored = new ScoredClips({ validation: [cut], training: [], test: [] }, sampleSettings, notingStore);
    expect(scored.clips.map(({ frames }) => frames)).toEqual([
      [0, 5, 10, 15],
      [25, 30, 35, 39],
    ]);
  });

  it('are disturbed as a whole, or frame by frame', () => {
    const wild = { flip: 0.5, jitter: { brightness: 0.2, contrast: 0, saturation: 0, hue: 0.1 } };
    const whole = new TrainClips(faces, { ...sampleSettings, ...wild }, notingStore);
    const random = new CounterRandom(1, 2, 3);
    const [one] = clipsOf(whole.batch([0], () => random.next()));
    expect(one!.frames).toHaveLength(4);
    expect(one!.jitter.map(({ op }) => op).sort()).toEqual(['brightness', 'hue']);
    const parts = new TrainClips(faces, { ...sampleSettings, ...wild, perFrame: true }, notingStore);
    const each = clipsOf(parts.batch([0], () => random.next()));
    expect(each.map(({ frames }) => frames)).toEqual([[0], [5], [10], [15]]);
    expect(new Set(each.map(({ jitter }) => JSON.stringify(jitter))).size).toBe(4);
  });

  it('see windows around their crop where the settings say so, and the crop itself otherwise', () => {
    const jittered = { ...sampleSettings, cropJitter: 0.5, look: { ...sampleSettings.look, margin: 2 } };
    const random = new CounterRandom(1, 2, 3);
    const batch = new TrainClips(faces, jittered, notingStore).batch([0, 1, 2], () => random.next());
    const windows = clipsOf(batch).map(({ window }) => window!);
    expect(new Set(windows.map(({ width }) => width)).size).toBe(3);
    for (const { x, width } of windows) {
      expect(x).toBeGreaterThanOrEqual(-2);
      expect(x + width).toBeLessThanOrEqual(10);
    }
    const plain = new TrainClips(faces, sampleSettings, notingStore).batch([0], () => 0);
    expect(clipsOf(plain)[0]).not.toHaveProperty('window');
    const scored = new ScoredClips({ validation: faces, training: [], test: [] }, jittered, notingStore);
    for (const clip of clipsOf(scored.batch([0, 1]))) expect(clip).not.toHaveProperty('window');
  });

  it('come with both classes equally often when balanced, and weigh what the classes lack', () => {
    const many = [
      sampleFace('real.mp4', 2),
      ...[1, 2, 3].map((i) => sampleFace(`f${i}.mp4`, 11, { manipulated: true })),
    ];
    const balanced = new TrainClips(many, { ...sampleSettings, balancedSampler: true }, notingStore);
    const order = Array.from({ length: 40 }, (_, epoch) => [...balanced.order(5, epoch + 1)]).flat();
    const real = order.filter((clip) => clip === 0).length / order.length;
    expect(order).toHaveLength(40 * 31);
    expect(Math.abs(real - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / order.length));
    const weighed = new TrainClips(many, { ...sampleSettings, positiveWeight: 'ratio' }, notingStore);
    expect(weighed.batch([0, 1], () => 0)['weight']).toEqual(Float32Array.of(1, 1 / 30));
    expect([...weighed.order(5, 1)].sort((a, b) => a - b)).toEqual(Array.from({ length: 31 }, (_, i) => i));
  });
});

describe('scored clips', () => {
  const parts = {
    validation: [sampleFace('v.mp4', 3, { split: 'val' })],
    training: [sampleFace('t.mp4', 2, { manipulated: true })],
    test: [],
  };
  const scored = new ScoredClips(parts, { ...sampleSettings, starts: 'random', flip: 1 }, notingStore);

  it('are fixed windows, undisturbed', () => {
    expect(scored.clips.map(({ part, frames }) => [part, frames[0]])).toEqual([
      ['validation', 0],
      ['validation', 10],
      ['training', 0],
    ]);
    const batch = scored.batch([2]);
    expect(clipsOf(batch)).toHaveLength(1);
    expect(clipsOf(batch)[0]!.flip).toBe(false);
    expect(batch['label']).toEqual(Float32Array.of(1));
  });

  it('join the score, the attention and the frames with the clip', () => {
    const [attention, frameScores] = [Float32Array.of(0.1, 0.2, 0.3, 0.4), Float32Array.of(0.5, 0.6, 0.7, 0.8)];
    const said = { score: Float32Array.of(0.75), attention, frameScores };
    const [first] = scored.read([said, said, said]);
    expect(first).toMatchObject({ ...scored.clips[0], score: 0.75, attention, frameScores });
    expect(() => scored.read([said])).toThrow('1 outputs for 3 clips');
  });
});
