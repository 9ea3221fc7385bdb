// Pose metrics beyond the recorded values: alignment of degenerate poses, models that fell apart, actions weighted alike.
import { describe, expect, it } from 'vitest';
import { alignedErrors, areaUnderCurve, scaledErrors, shareWithin } from '../../src/metrics/mpjpe';
import { isBlocked, judgeClips } from '../../src/metrics/poseProtocol';
import { svd3 } from '../../src/metrics/svd3';
import { seededRandom } from '../../src/samples/seededRandom';

function product(a: ArrayLike<number>, b: ArrayLike<number>, transposed = false): number[] {
  return Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [Math.floor(i / 3), i % 3];
    return [0, 1, 2].reduce((sum, k) => sum + a[row * 3 + k]! * b[transposed ? column * 3 + k : k * 3 + column]!, 0);
  });
}

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  for (let i = 0; i < want.length; i++) expect(Math.abs(got[i]! - want[i]!)).toBeLessThanOrEqual(tolerance);
}

const random = seededRandom(5);
const randomMatrix = () => Array.from({ length: 9 }, () => random() * 2 - 1);
const rankOne = [1, 2, 3, 2, 4, 6, -1, -2, -3];

describe('svd3', () => {
  it.each([
    ['random matrices', randomMatrix()],
    ['tiny numbers', randomMatrix().map((x) => x * 1e-150)],
    ['large numbers', randomMatrix().map((x) => x * 1e100)],
    ['rank 2', product(randomMatrix(), [1, 0, 0, 0, 1, 0, 0, 0, 0])],
    ['rank 1', rankOne],
    ['zero', Array<number>(9).fill(0)],
    ['a reflection', [1, 0, 0, 0, 1, 0, 0, 0, -1]],
    ['equal singular values', [0, -2, 0, 2, 0, 0, 0, 0, 2]],
  ])('takes %s apart', (_, a) => {
    const { u, s, v } = svd3(a);
    const scale = Math.max(...a.map(Math.abs), 1e-300);
    const us = u.map((x, i) => x * s[i % 3]!);
    expectClose(product(us, v, true), a, scale * 1e-14);
    expectClose(product(u, u, true), [1, 0, 0, 0, 1, 0, 0, 0, 1], 1e-12);
    expectClose(product(v, v, true), [1, 0, 0, 0, 1, 0, 0, 0, 1], 1e-12);
    expect(s[0]! >= s[1]! && s[1]! >= s[2]! && s[2]! >= 0).toBe(true);
  });
});

const pose = () => Float64Array.from({ length: 51 }, () => random() * 1000);

describe('pose errors', () => {
  it('aligns away scale, rotation and shift, but not a mirror', () => {
    const truth = pose();
    const turned = truth.map((_, i) => {
      const at = i - (i % 3);
      const [x, y, z] = [truth[at]!, truth[at + 1]!, truth[at + 2]!];
      return [3 * z + 5, 3 * x - 7, 3 * y + 11][i % 3]!;
    });
    expect(alignedErrors(turned, truth)[0]).toBeLessThan(1e-9);
    expect(
      alignedErrors(
        truth.map((x, i) => (i % 3 === 0 ? -x : x)),
        truth,
      )[0],
    ).toBeGreaterThan(50);
  });

  it('stays finite for poses that are a point, a line or zero', () => {
    const truth = pose();
    const line = truth.map((_, i) => Math.floor(i / 3) * 10);
    for (const flat of [truth.map(() => 5), line, truth.map(() => 0)]) {
      expect(Number.isFinite(alignedErrors(flat, truth)[0])).toBe(true);
      expect(Number.isFinite(alignedErrors(truth, flat)[0])).toBe(true);
      expect(Number.isFinite(scaledErrors(flat, truth)[0])).toBe(true);
    }
  });

  it('counts what lies strictly within a distance', () => {
    expect(shareWithin(Float64Array.of(0, 149.9, 150, 300), 150)).toBe(0.5);
    expect(areaUnderCurve(Float64Array.of(0))).toBeCloseTo(30 / 31, 12);
  });
});

describe('the protocol', () => {
  const clip = (frames: number[], error: number) => {
    const truth = Float64Array.from({ length: frames.length * 51 }, (_, i) => (i * 37) % 400);
    return { frames, truth, prediction: truth.map((x, i) => (i % 3 === 0 ? x + error : x)) };
  };

  it('weights actions alike, however many frames they have', () => {
    const { total, actions } = judgeClips([clip([0, 1, 2], 10), clip([3], 50)], ['walk', 'walk', 'walk', 'sit']);
    expect(total.p1).toBeCloseTo(30, 9);
    expect(actions.get('walk')?.p1).toBeCloseTo(10, 9);
    expect(total.joints.reduce((sum, x) => sum + x, 0) / 17).toBeCloseTo(total.p1, 9);
  });

  it('averages a frame over its clips and leaves blocked videos out', () => {
    const { total, frameCount } = judgeClips(
      [clip([0, 1], 10), clip([1, 2], 30), clip([3], 999)],
      ['a', 'a', 'a', null],
    );
    expect(total.p1).toBeCloseTo((10 + 20 + 30) / 3, 9);
    expect([...frameCount]).toEqual([1, 2, 1, 0]);
    expect(isBlocked('s_09_act_05_subact_02_ca_03')).toBe(true);
    expect(isBlocked('s_09_act_05_subact_01_ca_03')).toBe(false);
  });

  it('does not hide a model that predicts NaN', () => {
    const broken = clip([0, 1, 2], 10);
    broken.prediction[60] = NaN;
    expect(judgeClips([broken], ['a', 'a', 'a']).total.p1).toBeNaN();
  });
});
