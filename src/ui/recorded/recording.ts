// A recorded result of a task's demo: what is kept of the run, and where the page finds it.
import type { KeptViews } from '../../runs/runStore';
import type { RunSummary } from '../../training/protocol';

export interface Recording {
  /** When the run ended, in milliseconds since 1970. */
  readonly recordedAt: number;
  /** As the adapter describes itself. */
  readonly adapter: string;
  readonly result: Pick<RunSummary, 'metricName' | 'before' | 'after' | 'baselines' | 'steps' | 'seconds'>;
  /** What the task's view drew of before and after training. */
  readonly views: KeptViews;
}

/** `npm run demo -- --record` writes them there; pixels of views are Blobs of pictures in them. */
const files = import.meta.glob<string>('../../models/*/recorded.bundle', {
  query: '?url',
  import: 'default',
  eager: true,
});

let opened: { readonly task: string; readonly recording: Promise<Recording | null> } | null = null;

/** Null where the task has none. Throws TypeError where it cannot be fetched. The last one is kept. */
export function openRecording(task: string): Promise<Recording | null> {
  if (opened?.task === task) return opened.recording;
  const recording = readRecording(task);
  opened = { task, recording };
  // One that failed is asked for again.
  recording.catch(() => {
    if (opened?.recording === recording) opened = null;
  });
  return recording;
}

async function readRecording(task: string): Promise<Recording | null> {
  const url = files[`../../models/${task}/recorded.bundle`];
  if (url === undefined) return null;
  // Side by side: this is what an empty page shows first.
  const [answer, { readBundle }] = await Promise.all([fetch(url), import('../../formats/plainBundle')]);
  return (await withPixels(await readBundle(new Uint8Array(await answer.arrayBuffer())))) as Recording;
}

/** Turns pictures back into what views draw: red, green, blue and 255, row by row. */
async function withPixels(value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Blob || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return await Promise.all(value.map(withPixels));
  const entries = Object.entries(value).map(async ([key, one]): Promise<[string, unknown]> => {
    return [key, key === 'pixels' && one instanceof Blob ? await pixelsOf(one) : await withPixels(one)];
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function pixelsOf(picture: Blob): Promise<Uint8Array<ArrayBuffer>> {
  const bitmap = await createImageBitmap(picture);
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
}
