// `npm run demo -- --record`: takes what the run's view drew out of the page and keeps an excerpt of it beside the task.
import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright';
import type { KeptViews } from '../src/runs/runStore';
import type { Moment } from '../src/training/protocol';
import { writeRecording } from '../src/ui/recorded/recording';
import type { DemoResult } from './demoRun';

const excerpts = import.meta.glob<{ excerpt: (view: unknown) => unknown }>('../src/models/*/excerpt.ts');

declare global {
  /** What the page's view drew last, by moment; kept by `keepViews`. */
  var tabtuneViews: Partial<Record<Moment, unknown>>;
}

/** What JSON has no word for, as it leaves the page. */
type Carried =
  | { readonly carried: 'array'; readonly kind: string; readonly base64: string }
  | { readonly carried: 'file'; readonly type: string; readonly base64: string }
  | { readonly carried: 'number'; readonly text: string };

const kinds = { Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array, Uint8ClampedArray };

/** Has the page keep what its view draws; to be called before it is opened. */
export async function keepViews(page: Page): Promise<void> {
  await page.addInitScript(() => {
    globalThis.tabtuneViews = {};
    const tell = globalThis.tabtuneObserver;
    globalThis.tabtuneObserver = (event) => {
      if (event.type === 'view') globalThis.tabtuneViews[event.moment] = event.payload;
      tell?.(event);
    };
  });
}

/** Writes the recording of the run that ended; a line that says so. */
export async function record(
  page: Page,
  { task, adapter, metric, baseline, steps, seconds }: DemoResult,
): Promise<string> {
  const { excerpt = (view: unknown) => view } = (await excerpts[`../src/models/${task}/excerpt.ts`]?.()) ?? {};
  const { before, after } = await takeViews(page);
  const file = await writeRecording({
    ...{ recordedAt: Date.now(), adapter },
    result: {
      metricName: metric.name,
      before: metric.before,
      after: metric.after,
      baselines: baseline,
      steps,
      seconds,
    },
    views: { before: excerpt(before), after: excerpt(after) },
  });
  const path = `src/models/${task}/recorded.bundle`;
  writeFileSync(path, file);
  return `the recording is in ${path}, ${(file.length / 1024).toFixed(0)} KB`;
}

/** Of the run that ended: before training and after it. Pixels are Blobs of pictures. */
async function takeViews(page: Page): Promise<KeptViews> {
  const text = await page.evaluate(async () => {
    const base64 = async (blob: Blob): Promise<string> => {
      const url = await new Promise<string>((resolve) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result as string);
        reader.readAsDataURL(blob);
      });
      return url.slice(url.indexOf(',') + 1);
    };
    const file = async (blob: Blob): Promise<unknown> => ({
      ...{ carried: 'file', type: blob.type, base64: await base64(blob) },
    });
    const picture = async (pixels: Uint8Array, width: number, height: number): Promise<unknown> => {
      const canvas = new OffscreenCanvas(width, height);
      const image = new ImageData(new Uint8ClampedArray(pixels), width, height);
      canvas.getContext('2d')!.putImageData(image, 0, 0);
      return await file(await canvas.convertToBlob({ type: 'image/webp', quality: 0.8 }));
    };
    const carry = async (value: unknown): Promise<unknown> => {
      if (typeof value === 'number' && !Number.isFinite(value)) return { carried: 'number', text: String(value) };
      if (typeof value !== 'object' || value === null) return value;
      if (value instanceof Blob) return await file(value);
      if (ArrayBuffer.isView(value)) {
        const blob = new Blob([value as ArrayBufferView<ArrayBuffer>]);
        return { carried: 'array', kind: value.constructor.name, base64: await base64(blob) };
      }
      if (Array.isArray(value)) return await Promise.all(value.map(carry));
      const entries = Object.entries(value).map(async ([key, one]): Promise<[string, unknown]> => {
        const { width, height } = value as { width: number; height: number };
        return [key, key === 'pixels' ? await picture(one as Uint8Array, width, height) : await carry(one)];
      });
      return Object.fromEntries(await Promise.all(entries));
    };
    const { before, after } = globalThis.tabtuneViews;
    return JSON.stringify(await carry({ before, after }));
  });
  return revive(JSON.parse(text)) as KeptViews;
}

function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(revive);
  if ('carried' in value) {
    const carried = value as Carried;
    if (carried.carried === 'number') return Number(carried.text);
    const bytes = Uint8Array.from(Buffer.from(carried.base64, 'base64'));
    if (carried.carried === 'file') return new Blob([bytes], { type: carried.type });
    return new kinds[carried.kind as keyof typeof kinds](bytes.buffer);
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, revive(one)]));
}
