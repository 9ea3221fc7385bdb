// Metrics and view of scored clips, and the hand-made numbers that a network must beat.
import { describe, expect, it } from 'vitest';
import { faceBaselines } from '../../../src/models/mntsm/baselines';
import type { OpenedFace } from '../../../src/models/mntsm/faceVideos';
import { fitLogistic, handMadeFeatures } from '../../../src/models/mntsm/handMade';
import { aucByKind, metricsOf } from '../../../src/models/mntsm/judge';
import type { ClipScore, ScoredPart } from '../../../src/models/mntsm/scoredClips';
import { buildView } from '../../../src/models/mntsm/buildView';
import { sampleFace } from './faces';

function scored(face: OpenedFace, score: number, first = 0, part: ScoredPart = 'validation'): ClipScore {
  const frames = [0, 1, 2, 3].map((k) => first + k);
  const attention = Float32Array.of(0.1, 0.6, 0.2, 0.1);
  return { face, part, frames, score, attention, frameScores: Float32Array.of(0.5, 0.9, 0.1, 0.5) };
}

const real = sampleFace('real.mp4', 3);
const swap = sampleFace('swap.mp4', 3, { manipulated: true });
const blend = sampleFace('blend.mp4', 3, { manipulated: true, kind: 'blend' });
const scores = [
  scored(real, 0.2),
  scored(real, 0.6, 10),
  scored(swap, 0.9),
  scored(swap, 0.7, 10),
  scored(blend, 0.3),
  scored(sampleFace('train.mp4', 2), 0.1, 0, 'training'),
  scored(sampleFace('train2.mp4', 2, { manipulated: true }), 0.8, 0, 'training'),
];

describe('metrics', () => {
  it('count clips, and videos by the mean of their clips; other parts stand beside', () => {
    const metrics = metricsOf(scores, 0.5);
    expect(metrics['video AUC']).toBeCloseTo(0.5, 12);
    expect(metrics['clip AUC']).toBeCloseTo(5 / 6, 12);
    expect(metrics['video accuracy']).toBeCloseTo(2 / 3, 12);
    expect(metrics['training video AUC']).toBe(1);
    expect(metrics).not.toHaveProperty('test video AUC');
    expect(aucByKind(scores)).toEqual({ blend: 0, swap: 1 });
  });

  it('are undefined where a class is absent', () => {
    expect(metricsOf([scored(real, 0.2)], 0.5)['video AUC']).toBeNaN();
  });
});

describe('the view', () => {
  it('begins with what was judged most wrongly and pictures the frames that decided', async () => {
    const view = await buildView(scores, 0.5, [{ kind: 'swap', videos: 2 }]);
    expect(view.videos.map(({ name }) => name)).toEqual(['blend.mp4', 'real.mp4', 'swap.mp4']);
    const { score, uncertainty, clips, stills } = view.videos[1]!;
    expect(score).toBeCloseTo(0.4, 6);
    expect(uncertainty).toBeCloseTo(0.2, 6);
    expect(clips[1]!.times[0]).toBeCloseTo(1, 6);
    expect(stills).toHaveLength(4);
    expect(stills[0]!.seconds).toBeCloseTo(0.1, 6);
    expect(stills[0]!.attention).toBeCloseTo(0.6, 6);
    expect(stills[0]!.pixels).toHaveLength(4 * 160 * 160);
    expect(view.rocs!.video.auc).toBeCloseTo(0.5, 12);
  });
});

describe('hand-made numbers', () => {
  const side = 40;
  const noise = (size: number, seed: number) =>
    Float32Array.from({ length: side * side }, (_, i) => size * Math.sin(seed + i * 12.9898) * Math.cos(i * i * 0.37));

  it('tell sharpness and flicker in the middle from those around', () => {
    const calm = noise(10, 1);
    const [inside, , outside] = handMadeFeatures({ side, pairs: [[calm, calm]] });
    expect(Math.abs(inside! - outside!)).toBeLessThan(0.3);
    const middle = noise(10, 1).map((value, i) => {
      const [x, y] = [(i % side) - side / 2, Math.floor(i / side) - side / 2];
      return x * x + y * y < 25 ? value * 5 : value;
    });
    const sharp = handMadeFeatures({ side, pairs: [[middle, calm]] });
    expect(sharp[0]! - sharp[2]!).toBeGreaterThan(0.7);
    expect(sharp[3]! - sharp[5]!).toBeGreaterThan(2);
  });

  it('are weighed by logistic regression, also where the classes are perfectly apart', () => {
    const rows = Array.from({ length: 40 }, (_, i) => Float64Array.of(Math.sin(i), i < 20 ? 1 : 2));
    const rule = fitLogistic(
      rows,
      rows.map((_, i) => i >= 20),
    );
    expect(Math.max(...rows.slice(0, 20).map(rule))).toBeLessThan(0.5);
    expect(Math.min(...rows.slice(20).map(rule))).toBeGreaterThan(0.5);
    expect(rule(Float64Array.of(0, 1.5))).toBeCloseTo(0.5, 1);
  });

  it('finish on one video each, without a second frame', async () => {
    const known = [sampleFace('a', 0.1), sampleFace('b', 1, { manipulated: true, shade: 9 })];
    const seen: number[] = [];
    const { handMade, chance } = await faceBaselines(known, known, (_, done) => seen.push(done));
    expect([chance, seen]).toEqual([0.5, [1, 2, 3, 4]]);
    expect(handMade).toBe(0.5);
  });
});
