// Cameras, clips, noise and key points beyond the recorded values.
import { describe, expect, it } from 'vitest';
import { randomCamera, stageOf, standingCamera, virtualCameras } from '../../../src/figure/camera';
import { clipFrames, coveringStarts, resampledFrames, trainingStarts } from '../../../src/figure/motionClips';
import { projectFrame } from '../../../src/figure/projection';
import { disturb } from '../../../src/figure/detectorNoise';
import { BONES, flipPoses, MIRRORED, PARENTS } from '../../../src/figure/skeleton';
import { seededRandom } from '../../../src/samples/seededRandom';

const still = Float32Array.from(
  { length: 51 },
  (_, i) => [300, 900, -200][i % 3]! + (i > 2 ? ((i * 29) % 90) - 45 : 0),
);

describe('cameras', () => {
  it('stand 1.5 m high and 6 m away and see the root in the middle', () => {
    const stage = stageOf(still);
    const image = new Float64Array(51);
    for (const camera of virtualCameras(stage)) {
      expect(camera.centre[1]).toBeCloseTo(1500, 6);
      expect(Math.hypot(camera.centre[0] - 300, camera.centre[2] + 200)).toBeCloseTo(6000, 6);
      const ratio = projectFrame(camera, still, 0, image);
      expect([image[0], image[1], image[2]].map((x) => Math.round(x! * 1e3) / 1e3)).toEqual([500, 500, 0]);
      expect(1 / ratio).toBeGreaterThan(5);
      expect(1 / ratio).toBeLessThan(5.5);
    }
  });

  it('step back from someone who would run into them', () => {
    const far = Float32Array.from([...still, ...still.map((x, i) => (i % 3 === 2 ? x + 14_000 : x))]);
    const stage = stageOf(far);
    for (const camera of [
      standingCamera(stage, 0),
      standingCamera(stage, Math.PI),
      randomCamera(stage, seededRandom(1)),
    ]) {
      const image = new Float64Array(51);
      for (const at of [0, 51]) {
        projectFrame(camera, far, at, image);
        expect(image.every(Number.isFinite)).toBe(true);
        expect(Math.hypot(camera.centre[0] - far[at]!, camera.centre[2] - far[at + 2]!)).toBeGreaterThan(1000);
      }
    }
  });
});

describe('clips', () => {
  it('cover every frame, the last one ending with the recording', () => {
    for (const length of [1, 8, 9, 10, 26, 27, 28]) {
      const seen = new Set(coveringStarts(length, 9).flatMap((start) => [...clipFrames(start, length, 9)]));
      expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
    }
    expect(coveringStarts(20, 9)).toEqual([0, 9, 11]);
    expect(trainingStarts(20, 9, 3)).toEqual([0, 3, 6, 9]);
    expect(trainingStarts(0, 9, 3)).toEqual([]);
    expect([...clipFrames(0, 3, 7)]).toEqual([0, 0, 0, 1, 1, 2, 2]);
  });

  it('resample by round(i · ratio), whole ratios kept in spite of rounded frame times', () => {
    expect([...resampledFrames(5, 1 / 0.0166667, 30)]).toEqual([0, 2, 4]);
    expect(resampledFrames(1500, 1 / 0.0083333, 30).at(-1)).toBe(1496);
    expect([...resampledFrames(13, 120, 50)]).toEqual([0, 2, 5, 7, 10, 12]);
    expect([...resampledFrames(3, 30, 30)]).toEqual([0, 1, 2]);
  });
});

describe('noise', () => {
  it('has the size that was asked for, and states lower confidence where it is larger', () => {
    const random = seededRandom(4);
    let squares = 0;
    let far = 0;
    for (let i = 0; i < 20_000; i++) {
      const point = Float64Array.of(0, 0);
      const confidence = disturb(point, 0, { sigma: 5, outliers: 0.02 }, 1000, random);
      const distance = Math.hypot(point[0]!, point[1]!);
      if (distance > 30) far++;
      else squares += distance ** 2;
      expect(confidence).toBeCloseTo(1 / (1 + distance / 50), 9);
    }
    expect(Math.sqrt(squares / 2 / 20_000)).toBeGreaterThan(4.8);
    expect(Math.sqrt(squares / 2 / 20_000)).toBeLessThan(5.3);
    expect(far / 20_000).toBeGreaterThan(0.012);
    expect(far / 20_000).toBeLessThan(0.022);
    const exact = Float64Array.of(3, 4);
    expect(disturb(exact, 0, { sigma: 0, outliers: 0 }, 1000, random)).toBe(1);
    expect([...exact]).toEqual([3, 4]);
  });
});

describe('the skeleton', () => {
  it('is mirrored onto itself', () => {
    const poses = Float32Array.from({ length: 102 }, (_, i) => i);
    expect(flipPoses(flipPoses(poses, 3), 3)).toEqual(poses);
    for (const [a, b] of BONES) {
      expect(PARENTS[b]).toBe(a);
      expect(PARENTS[MIRRORED[b]!]).toBe(MIRRORED[a]);
    }
  });
});
