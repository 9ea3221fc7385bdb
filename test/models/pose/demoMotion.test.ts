// The demo's motion must look like people: constant limbs, joints that bend one way, feet on the floor, plausible speed.
import { describe, expect, it } from 'vitest';
import { demoRecordings } from '../../../src/models/pose/demoMotion';
import { limbLengths } from '../../../src/figure/skeleton';

const recordings = demoRecordings(30);

describe("the demo's motion", () => {
  it('is the same every time, and splits people, not recordings', () => {
    for (const [i, { world }] of demoRecordings(30).entries())
      expect(world.every((x, k) => x === recordings[i]!.world[k])).toBe(true);
    const people = (split: string) =>
      new Set(recordings.filter((one) => one.split === split).map(({ subject }) => subject));
    expect([people('train').size, people('val').size]).toEqual([6, 2]);
    expect([...people('val')].some((name) => people('train').has(name))).toBe(false);
    expect(new Set(recordings.map(({ action }) => action))).toEqual(new Set(['walk', 'run', 'jump', 'wave', 'squat']));
  });

  it('keeps the limbs of a person at one length, another for each person', () => {
    const thighs = new Set<number>();
    for (const { world, name } of recordings) {
      const lengths = limbLengths(world);
      expect(Math.max(...lengths.map((length, i) => Math.abs(length - lengths[i % 16]!))), name).toBeLessThan(0.1);
      expect(lengths[1], name).toBeGreaterThan(340);
      expect(lengths[1], name).toBeLessThan(540);
      thighs.add(Math.round(lengths[1]!));
    }
    expect(thighs.size).toBe(8);
  });

  it('bends knees forward, feet above the floor', () => {
    for (const { world, name } of recordings) {
      let leastBow = Infinity;
      let lowest = Infinity;
      let lowestHead = Infinity;
      for (let at = 0; at < world.length; at += 51) {
        const joint = (k: number) => [0, 1, 2].map((axis) => world[at + k * 3 + axis]!);
        const minus = (a: number[], b: number[]) => a.map((x, i) => x - b[i]!);
        const [left, up] = [minus(joint(4), joint(1)), minus(joint(7), joint(0))];
        const forward = [0, 1, 2].map(
          (i) => left[(i + 1) % 3]! * up[(i + 2) % 3]! - left[(i + 2) % 3]! * up[(i + 1) % 3]!,
        );
        for (const side of [1, 4]) {
          // The knee lies in front of the line from hip to ankle.
          const middle = joint(side).map((x, i) => (x + joint(side + 2)[i]!) / 2);
          const bow = minus(joint(side + 1), middle);
          leastBow = Math.min(leastBow, bow.reduce((sum, x, i) => sum + x * forward[i]!, 0) / Math.hypot(...forward));
          lowest = Math.min(lowest, joint(side + 2)[1]!);
        }
        lowestHead = Math.min(lowestHead, joint(10)[1]!);
      }
      expect(leastBow, name).toBeGreaterThan(0);
      expect(lowest, name).toBeGreaterThan(79.9);
      expect(lowestHead, name).toBeGreaterThan(600);
    }
  });

  it('moves no joint faster than a person can', () => {
    for (const { world, name } of recordings) {
      let fastest = 0;
      for (let i = 51; i < world.length; i += 3)
        fastest = Math.max(
          fastest,
          Math.hypot(world[i]! - world[i - 51]!, world[i + 1]! - world[i - 50]!, world[i + 2]! - world[i - 49]!),
        );
      expect((fastest * 30) / 1000, name).toBeLessThan(11);
    }
  });
});
