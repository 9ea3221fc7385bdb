// A demo's model is compiled while its data is made: from the very facts that the data will have, or in vain.
import { describe, expect, it, vi } from 'vitest';
import type { DataFile } from '../../src/formats/dataFile';
import type { OpenVideo, VideoStore } from '../../src/frames/videoStore';
import type { Task } from '../../src/models/task';
import type { TaskRuntime } from '../../src/training/runtime';
import { presetSettings } from '../../src/ui/config/settingValues';
import type { PictureList } from '../../src/video/pictureVideo';
import type { VideoFacts } from '../../src/video/videoFile';

vi.mock('../../src/video/encodeVideo', () => ({ encodeVideo: () => Promise.resolve(new Blob(['video'])) }));

/** Pictures are files that say how wide they are. */
class Canvas {
  readonly #width: number;

  constructor(width: number) {
    this.#width = width;
  }

  getContext = () => ({ putImageData: () => undefined });
  convertToBlob = () => Promise.resolve(new Blob([String(this.#width)]));
}
vi.stubGlobal('OffscreenCanvas', Canvas);
vi.stubGlobal('ImageData', vi.fn());

const tasks = import.meta.glob<Task>('../../src/models/*/task.ts', { eager: true, import: 'task' });
const runtimes = import.meta.glob<TaskRuntime>('../../src/models/*/runtime.ts', { eager: true, import: 'runtime' });

/** Videos long enough for whatever is said of them. */
function opened(path: string, side: number): OpenVideo {
  const times = Float64Array.from({ length: 2000 }, (_, k) => k / 10);
  const facts = { path, times, durationSeconds: 200, width: side, height: side, notices: [] } as Partial<VideoFacts>;
  const still = (_: number, { width, height }: { width: number; height: number }) =>
    Promise.resolve({ width, height, pixels: new Uint8Array(4 * width * height) });
  const frames = () => {
    throw new Error('nothing decodes here');
  };
  return { facts: facts as VideoFacts, source: path, times, crop: null, still, frames };
}

const videos = {
  open: ({ path }: DataFile) => Promise.resolve(opened(path, 96)),
  openPictures: async ({ path, pictures: [picture] }: PictureList) => opened(path, Number(await picture!.blob.text())),
} as Partial<VideoStore> as VideoStore;

describe.each(Object.entries(tasks).map(([path, task]) => [task.name, path, task] as const))('%s', (_, path, task) => {
  const runtime = runtimes[path.replace('task.ts', 'runtime.ts')]!;
  it.runIf(runtime.demoFacts)('knows before its demo is made what the model is built from', async () => {
    const settings = presetSettings(task, runtime.sizeDemo(0).preset);
    const { facts } = await runtime.prepare({ kind: 'demo' }, settings, () => undefined, { videos });
    expect(facts).toEqual(runtime.demoFacts);
    expect(JSON.stringify(facts)).toBe(JSON.stringify(runtime.demoFacts));
  });
});
