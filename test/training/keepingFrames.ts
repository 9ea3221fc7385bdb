// A made-up task whose data has frames to decode in advance.
import type { KeptFramesReport } from '../../src/frames/videoStore';
import type { PreparedData, TaskRuntime } from '../../src/training/runtime';
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

type KeepFrames = NonNullable<PreparedData['keepFrames']>;

/** The world's runtime; `calls` counts how often frames were kept, which `keep` may do in its own way. */
export function keepingFrames(
  world: FakeWorld,
  keep: KeepFrames = () => Promise.resolve(keptFrames),
): { runtime: TaskRuntime; calls: () => number } {
  const runtime = world.runtime();
  let calls = 0;
  const keepFrames: KeepFrames = (...given) => {
    calls++;
    return keep(...given);
  };
  return {
    runtime: {
      ...runtime,
      prepare: async (...given) => ({ ...(await runtime.prepare(...given)), keepFrames }),
    },
    calls: () => calls,
  };
}
