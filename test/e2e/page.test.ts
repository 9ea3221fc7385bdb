// The built page in Chromium: no complaint, no foreign request, nothing for axe, usable without WebGPU and by keyboard.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSafetensors } from '../../src/formats/safetensors.ts';
import { runtime } from '../../src/models/pose/runtime.ts';
import { task } from '../../src/models/pose/task.ts';
import { predictionShapes } from '../../src/training/trainer/planTraining.ts';
import { cardMetadata } from '../../src/training/weights/modelCard.ts';
import { presetSettings } from '../../src/ui/config/settingValues.ts';
import type { JudgedResult } from '../../src/training/judging/judgedResult.ts';
import type { RunEvent } from '../../src/training/protocol';
import { axeViolations, openBrowser, openPage, serveBuilt } from './pageTools.ts';
import type { Served } from './servePage.ts';

let served: Served;
let browser: Browser;

beforeAll(async () => {
  served = await serveBuilt();
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  await served.close();
});

/** Keeps every event of the run where a test can read it. */
function observe(): void {
  const events: RunEvent[] = [];
  Object.assign(globalThis, { events, tabtuneObserver: (event: RunEvent) => events.push(event) });
}

/** The recorded result of the demo, as it is shown before anybody trains. */
const recorded = (page: Page) => page.getByRole('region', { name: 'A recorded result of this demo' });

/** Of Try, of four pictures in which one face was judged. */
const keptResult: JudgedResult = {
  ...{ format: 'tabtune-result', version: 1, resultId: 'kept', task: 'mntsm', name: 'walk.webm', createdAt: 0 },
  by: { name: 'faces.safetensors', settings: {}, facts: {} },
  head: { startSeconds: 0, seconds: 1, frames: 4, width: 96, height: 96 },
  ...{ untilSeconds: 1, whole: true, notices: [] },
  findings: {
    faces: [
      {
        ...{ name: '', times: [0], boxes: [[0.2, 0.2, 0.5, 0.5]] },
        clips: [
          { times: [0, 0.25, 0.5, 0.75], score: 0.9, attention: [1, 1, 1, 1], frameScores: [0.9, 0.9, 0.9, 0.9] },
        ],
      },
    ],
  },
};

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test('opens without complaint or foreign request, and axe finds nothing', async () => {
    const { page, complaints, foreign } = await openPage(browser, served.url, { theme });
    await page.getByRole('button', { name: 'Train the demo' }).waitFor();
    await page.getByRole('button', { name: /^GPU: (?!Looking)/ }).waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe(theme);
    await recorded(page).getByRole('button', { name: 'Pause' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Runs' }).click();
    await page.getByText('No runs yet').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: /^GPU: / }).click();
    await page.getByRole('dialog', { name: 'This device' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    expect(foreign).toEqual([]);
    await page.close();
  });

  test('without WebGPU it is a page that says what to do, not a blank one', async () => {
    const first = () => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined });
    const { page, complaints } = await openPage(browser, served.url, { theme, first });
    await page.getByRole('heading', { name: 'This browser does not offer WebGPU' }).waitFor();
    await page.getByText('Chrome or Edge').first().waitFor();
    const cards = page.getByRole('group', { name: 'Choose what to train' }).getByRole('button');
    const said = new Set<string>();
    for (const card of await cards.all()) {
      await card.click();
      await expect
        .poll(async () => said.size < said.add(await recorded(page).locator('strong').first().innerText()).size)
        .toBe(true);
      await recorded(page).locator('canvas').first().waitFor();
    }
    expect(said.size).toBe(5);
    expect(await axeViolations(page)).toEqual([]);
    // What was judged elsewhere opens and plays all the same.
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('Without WebGPU nothing can be judged here').waitFor();
    await page.getByLabel('Choose videos', { exact: true }).setInputFiles([
      { name: 'walk.webm', mimeType: '', buffer: await emptyVideo(page) },
      { name: 'walk.result.json', mimeType: '', buffer: Buffer.from(JSON.stringify(keptResult)) },
    ]);
    await page.locator('.head strong', { hasText: 'score 0.90' }).waitFor();
    await page.getByRole('img', { name: 'walk.webm' }).waitFor();
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    const position = page.getByRole('slider', { name: 'Position in the video' });
    await expect.poll(() => position.getAttribute('aria-valuetext')).not.toMatch(/^0\.00/);
    expect(await axeViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

test('the scripts of the first load are under 60 KB compressed', async () => {
  const { page } = await openPage(browser, served.url);
  const sources = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>('script[src], link[rel=modulepreload]')].map(
      (element) => (element instanceof HTMLScriptElement ? element.src : element.href),
    ),
  );
  const sizes = await Promise.all(
    sources.map(async (source) => gzipSync(await (await fetch(source)).arrayBuffer()).byteLength),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60 * 1024);
  await page.close();
});

/** A lifter of poses that learnt nothing, as a file. */
function lifter(): Buffer {
  const preset = 'demo-small';
  const settings = { ...presetSettings(task, preset), layers: 1 };
  const shapes = predictionShapes(runtime.model(settings, {}));
  const tensors = [...shapes].map(([name, shape]) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    return [name, { dtype: 'F32', shape, data }] as const;
  });
  const card = { version: 1, task: task.name, preset, settings, facts: {}, step: 0, epoch: 0 } as const;
  return Buffer.from(writeSafetensors(new Map(tensors), cardMetadata({ ...card, weights: 'raw', metric: null })));
}

const bundles = dirname(createRequire(import.meta.url).resolve('mediabunny'));
const writer = readFile(join(bundles, 'mediabunny.min.cjs'), 'utf8');

/** A few grey pictures as a file: nobody is in them. */
async function emptyVideo(page: Page): Promise<Buffer> {
  const numbers = await page.evaluate<number[]>(`(async () => {
    ${await writer}
    const { BufferTarget, CanvasSource, Output, Quality, WebMOutputFormat } = Mediabunny;
    const canvas = new OffscreenCanvas(96, 96);
    canvas.getContext('2d').fillRect(0, 0, 96, 48);
    const output = new Output({ format: new WebMOutputFormat(), target: new BufferTarget() });
    const pictures = new CanvasSource(canvas, { codec: 'vp8', bitrate: 1e5 });
    output.addVideoTrack(pictures);
    await output.start();
    for (let picture = 0; picture < 4; picture++) await pictures.add(picture / 4, 1 / 4);
    await output.finalize();
    return [...new Uint8Array(output.target.buffer)];
  })()`);
  return Buffer.from(numbers);
}

/** Looks for people in a video on the Try screen, with onnxruntime and MoveNet, and finds none. */
async function lookForPeople(page: Page, name: string, video: Buffer): Promise<void> {
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  const choose = (label: string, file: string, buffer: Buffer) =>
    page.getByLabel(label, { exact: true }).setInputFiles({ name: file, mimeType: '', buffer });
  await choose('Choose weights', 'lifter.safetensors', lifter());
  await page.getByText(/epoch 0$/).waitFor();
  await choose('Choose videos', name, video);
  await page.getByText('nobody found').first().waitFor({ timeout: 120_000 });
}

test('works and finds people without a network after the first visit, and offers what is newer while nothing trains', async () => {
  const { page, complaints } = await openPage(browser, served.url);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe('activated');
  const video = await emptyVideo(page);
  await lookForPeople(page, 'online.webm', video);
  const known = complaints.length;
  await page.context().setOffline(true);
  await page.goto(served.url);
  await page.getByRole('button', { name: 'Train the demo' }).waitFor();
  // Parts that load when they are used.
  await page.getByRole('button', { name: 'Runs' }).click();
  await page.getByText('No runs yet').waitFor();
  await lookForPeople(page, 'offline.webm', video);
  expect(complaints.slice(known)).toEqual([]);
  await page.context().setOffline(false);
  const script = join(served.folder, 'offline.js');
  const former = await readFile(script, 'utf8');
  await writeFile(script, former.replace(/^const version = ".*";/, 'const version = "newer";'));
  await page.evaluate(async () => {
    await (await navigator.serviceWorker.ready).update();
  });
  await page.getByRole('button', { name: 'Reload with it' }).click();
  const versions = () => page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith('tabtune-')));
  await expect.poll(() => versions().catch(() => [])).toContain('tabtune-newer');
  await page.getByRole('button', { name: 'Train the demo' }).waitFor();
  await page.context().close();
  await writeFile(script, former);
});

test('training starts and pauses by keyboard alone, and is offered again after a reload', async () => {
  const tiny = '#v=1&task=pose&preset=demo&set.epochs=8&set.batch=8&set.layers=1&set.width=16&set.representation=16';
  const { page, complaints, foreign } = await openPage(browser, served.url + tiny, { first: observe });
  const seen = (type: RunEvent['type']) =>
    page.evaluate(
      (wanted) => (globalThis as unknown as { events: RunEvent[] }).events.some((event) => event.type === wanted),
      type,
    );
  const focused = () => page.evaluate(() => document.activeElement?.textContent.trim() ?? '');
  // Until the GPU has answered there is nothing to press.
  await expect.poll(() => page.getByRole('button', { name: 'Train the demo' }).isEnabled()).toBe(true);
  for (let presses = 0; presses < 60 && (await focused()) !== 'Train the demo'; presses++)
    await page.keyboard.press('Tab');
  expect(await focused()).toBe('Train the demo');
  await page.keyboard.press('Enter');
  await expect.poll(() => seen('steps'), { timeout: 240_000 }).toBe(true);
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: 'Continue training' }).waitFor({ timeout: 60_000 });
  // The page says that it is paused at once, and then keeps the state that the run goes on from.
  await expect
    .poll(
      () =>
        page.evaluate(() =>
          (globalThis as unknown as { events: RunEvent[] }).events.some(
            (event) => event.type === 'checkpoint' && event.step > 0,
          ),
        ),
      { timeout: 60_000 },
    )
    .toBe(true);
  expect(
    await page.evaluate(() =>
      (globalThis as unknown as { events: RunEvent[] }).events.filter((event) => event.type === 'failed'),
    ),
  ).toEqual([]);
  await page.reload();
  await page.getByText(/^Continue run [a-z]+-[a-z]+ from step \d+\?$/).waitFor();
  expect(complaints).toEqual([]);
  expect(foreign).toEqual([]);
  await page.close();
});
