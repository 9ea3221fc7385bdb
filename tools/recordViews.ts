// `npm run demo -- --record`: takes what the run's view drew out of the page and keeps an excerpt of it beside the task.
import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright';
import type { KeptViews } from '../src/runs/runStore';
import type { Moment } from '../src/training/protocol';
import { writeBundle } from '../src/formats/plainBundle';
import type { Recording } from '../src/ui/recorded/recording';
import type { DemoResult } from './demoRun';

const excerpts = import.meta.glob<{ excerpt: (view: unknown) => unknown }>('../src/models/*/excerpt.ts');

declare global {
  /** What the page's view drew last, by moment; kept by `keepViews`. */
  var tabtuneViews: Partial<Record<Moment, unknown>>;
}

/** A file as it leaves the page; everything else in a view Playwright carries itself. */
interface Carried {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly fileType: string;
}

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
  const recording: Recording = {
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
  };
  const file = await writeBundle(recording);
  const path = `src/models/${task}/recorded.bundle`;
  writeFileSync(path, file);
  return `the recording is in ${path}, ${(file.length / 1024).toFixed(0)} KB`;
}

/** Of the run that ended: before training and after it. Pixels are Blobs of pictures. */
async function takeViews(page: Page): Promise<KeptViews> {
  const carried = await page.evaluate(async () => {
    const file = async (blob: Blob): Promise<Carried> => ({
      ...{ content: new Uint8Array(await blob.arrayBuffer()), fileType: blob.type },
    });
    const picture = async (pixels: Uint8Array, width: number, height: number): Promise<Carried> => {
      const canvas = new OffscreenCanvas(width, height);
      const image = new ImageData(new Uint8ClampedArray(pixels), width, height);
      canvas.getContext('2d')!.putImageData(image, 0, 0);
      return await file(await canvas.convertToBlob({ type: 'image/webp', quality: 0.8 }));
    };
    const carry = async (value: unknown): Promise<unknown> => {
      if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
      if (value instanceof Blob) return await file(value);
      if (Array.isArray(value)) return await Promise.all(value.map(carry));
      const entries = Object.entries(value).map(async ([key, one]): Promise<[string, unknown]> => {
        const { width, height } = value as { width: number; height: number };
        return [key, key === 'pixels' ? await picture(one as Uint8Array, width, height) : await carry(one)];
      });
      return Object.fromEntries(await Promise.all(entries));
    };
    const { before, after } = globalThis.tabtuneViews;
    return await carry({ before, after });
  });
  return revive(carried) as KeptViews;
}

function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(revive);
  if ('fileType' in value) {
    const { content, fileType } = value as Carried;
    return new Blob([content], { type: fileType });
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, revive(one)]));
}
