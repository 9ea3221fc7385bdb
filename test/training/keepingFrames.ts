// A made-up task whose data has frames to decode in advance.
import type { KeptFramesReport } from '../../src/frames/videoStore';
import type { TaskRuntime } from '../../src/training/runtime';
import type { FakeWorld } from './fakeTask';

export const keptFrames: KeptFramesReport = {
  videos: 9,
  kept: 9,
  foundBytes: 100,
  writtenBytes: 0,
  memoryBytes: 0,
  removedBytes: 0,
  files: ['a'],
};

/** The world's runtime; `calls` counts how often frames were kept. */
export function keepingFrames(world: FakeWorld): { runtime: TaskRuntime; calls: () => number } {
  const runtime = world.runtime();
  let calls = 0;
  const keepFrames = () => Promise.resolve((calls++, keptFrames));
  return {
    runtime: {
      ...runtime,
      prepare: async (...given) => ({ ...(await runtime.prepare(...given)), keepFrames }),
    },
    calls: () => calls,
  };
}
