// Windows of an action detector: as long as the rule says, padded at the end, actions on their own grid.
import { describe, expect, it } from 'vitest';
import { evaluationWindows, trainingWindow } from '../../../src/models/adatad/windows';

const rule = { stride: 4, snippets: 32 };

describe('trainingWindow', () => {
  it('repeats the last frame of a short video, and counts actions in snippets', () => {
    const video = { frames: 41, segments: [{ segment: [8, 20] as const, label: 3 }] };
    const { frames, valid, segments } = trainingWindow(video, rule, (_low, high) => high);
    expect(frames).toHaveLength(32);
    expect([valid, frames[10], frames[31]]).toEqual([11, 40, 40]);
    expect(segments).toEqual([{ segment: [2, 5], label: 3 }]);
  });

  it('takes a part of a long one that holds an action, from where it begins', () => {
    const video = { frames: 400, segments: [{ segment: [300, 320] as const, label: 1 }] };
    const draws = [0, 60].values();
    const { frames, valid, segments } = trainingWindow(video, rule, () => draws.next().value!);
    expect([valid, frames[0], frames[31]]).toEqual([32, 240, 364]);
    expect(segments).toEqual([{ segment: [15, 20], label: 1 }]);
  });
});

describe('evaluationWindows', () => {
  it('covers a video by halves and says where each window lies', () => {
    const windows = evaluationWindows(250, rule);
    expect(windows.map(({ place }) => place)).toEqual([
      { firstFrame: 0, snippets: 32, stride: 4 },
      { firstFrame: 64, snippets: 32, stride: 4 },
      { firstFrame: 124, snippets: 32, stride: 4 },
    ]);
    expect(windows.every(({ frames }) => frames.length === 32)).toBe(true);
  });

  it('pads a video that is shorter than a window', () => {
    const [only, ...others] = evaluationWindows(9, rule);
    expect(others).toEqual([]);
    expect([only!.valid, only!.frames[2], only!.frames[31]]).toEqual([3, 8, 8]);
  });
});
