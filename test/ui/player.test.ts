// Projection and frame positions: the presets look where they say, and stepping never skips a frame.
import { describe, expect, test } from 'vitest';
import { clipSeconds, evenTimestamps, frameAt } from '../../src/ui/player/frames';
import { orbitPresets, project, turn } from '../../src/ui/player/orbit';

const flat = { width: 200, height: 100, scale: 1, distance: Infinity };

describe('project', () => {
  test('front shows x to the right and y down', () => {
    const { x, y, depth } = project([10, 20, 30], orbitPresets.front, flat);
    expect([x, y, depth]).toEqual([110, 70, 30]);
  });

  test('side shows depth as width', () => {
    const near = project([0, 0, -30], orbitPresets.side, flat);
    const far = project([0, 0, 30], orbitPresets.side, flat);
    expect(near.x - 100).toBeCloseTo(30, 9);
    expect(far.x - 100).toBeCloseTo(-30, 9);
    expect(near.y).toBeCloseTo(50, 9);
  });

  test('top looks down: what is far lies up, what is low is far below the eye', () => {
    const { x, y, depth } = project([10, 20, 30], orbitPresets.top, flat);
    expect(x).toBeCloseTo(110, 9);
    expect(y).toBeCloseTo(20, 9);
    expect(depth).toBeCloseTo(20, 9);
  });

  test('the root stays in the centre from every side', () => {
    for (const yaw of [0, 1, 2, 3]) {
      const { x, y } = project([0, 0, 0], { yaw, pitch: 0.4 }, { ...flat, distance: 4000 });
      expect([x, y]).toEqual([100, 50]);
    }
  });

  test('perspective makes near things larger', () => {
    const viewport = { ...flat, distance: 1000 };
    const near = project([100, 0, -500], orbitPresets.front, viewport);
    const far = project([100, 0, 500], orbitPresets.front, viewport);
    expect(near.x).toBeGreaterThan(far.x);
  });

  test('turning stops at straight down', () => {
    expect(turn({ yaw: 0, pitch: 0 }, 0, 9).pitch).toBe(Math.PI / 2);
    expect(turn({ yaw: 0, pitch: 0 }, 0, -9).pitch).toBe(-Math.PI / 2);
  });
});

describe('frames', () => {
  test.each([24, 25, 29.97, 50, 59.94])('every timestamp at %d a second finds its own frame', (rate) => {
    const timestamps = evenTimestamps(500, rate);
    timestamps.forEach((seconds, frame) => expect(frameAt(timestamps, seconds)).toBe(frame));
  });

  test('between two timestamps the earlier frame is on show', () => {
    const timestamps = Float64Array.of(0, 0.04, 0.1, 0.5);
    expect(frameAt(timestamps, 0.09)).toBe(1);
    expect(frameAt(timestamps, 0.3)).toBe(2);
    expect(frameAt(timestamps, 9)).toBe(3);
    expect(frameAt(timestamps, -1)).toBe(0);
  });

  test('the last frame lasts as long as the one before', () => {
    expect(clipSeconds(evenTimestamps(50, 50))).toBeCloseTo(1, 9);
    expect(clipSeconds(Float64Array.of(0))).toBe(0);
  });
});
