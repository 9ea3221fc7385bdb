// Try from the drop to Runs and back, on a worker that only pretends to judge: what is said, what acts live, what leaves.
import { readFileSync } from 'node:fs';
import type { Download, Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { readZip } from '../../src/formats/zip';
import type { JudgeConfig } from '../../src/training/judging/judgeProtocol';
import type { EncodeOptions } from '../../src/video/encodeVideo';
import { axeViolations, onFakePage } from './pageTools.ts';

const visit = onFakePage();

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const file = (name: string, buffer: Buffer = Buffer.from('x')) => ({ name, mimeType: '', buffer });
const choose = (page: Page, label: string, ...files: ReturnType<typeof file>[]) =>
  page.getByLabel(label, { exact: true }).setInputFiles(files);

/** A second of grey that brightens, as a file. */
async function clip(page: Page): Promise<Buffer> {
  const numbers = await page.evaluate(async () => {
    const { encodeVideo } = globalThis as unknown as { encodeVideo: (video: EncodeOptions) => Promise<Blob> };
    const frames = Array.from({ length: 12 }, (_, i) => new Uint8Array(4 * 96 * 64).fill(20 * i));
    const blob = await encodeVideo({ width: 96, height: 64, framesPerSecond: 12, frames });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  return Buffer.from(numbers);
}

/** The first file of such a name that a button gives. */
async function taken(page: Page, name: string, as: RegExp): Promise<Download> {
  const wanted = page.waitForEvent('download', (download) => as.test(download.suggestedFilename()));
  const [download] = await Promise.all([wanted, button(page, name).click()]);
  return download;
}

const content = async (download: Download) => readFileSync(await download.path());
const judgedWith = (page: Page) =>
  page.evaluate(() =>
    (globalThis as unknown as { judgedWith: JudgeConfig[] }).judgedWith.map(({ classes, files, task }) => ({
      ...{ task, names: classes?.names ?? null, files: files.map(({ path }) => path) },
    })),
  );

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test('a video is dropped, judged, looked at, taken away, kept and opened again', async () => {
    await visit('?pace=1&try', { theme }, async (page) => {
      const video = await clip(page);
      await page.getByText('First choose what judges.').first().waitFor();
      await choose(page, 'Choose weights', file('faces.safetensors'));
      await page.getByText(/epoch 4$/).waitFor();
      await choose(page, 'Choose videos', file('walk.mp4', video), file('broken.mp4'));
      const files = page.getByRole('region', { name: 'Files' });
      await files.getByText('This container is not known here').waitFor();
      const verdict = page.locator('.head strong');
      await expect.poll(() => verdict.textContent()).toContain('0.65');
      expect(await axeViolations(page)).toEqual([]);

      const before = await verdict.textContent();
      await page.locator('#live-threshold').fill('0.9');
      await page.locator('#live-threshold').blur();
      await expect.poll(() => verdict.textContent()).not.toBe(before);
      expect(await judgedWith(page)).toHaveLength(1);

      const moments = page.getByRole('region', { name: 'Most decisive moments' });
      await moments.getByRole('button').first().click();
      await expect
        .poll(() => page.getByRole('slider', { name: 'Position in the video' }).getAttribute('aria-valuetext'))
        .toMatch(/^0\.(8|9)/);

      const scores = JSON.parse(String(await content(await taken(page, 'scores.json', /^walk\.scores\.json$/)))) as {
        threshold: number;
      };
      expect(scores.threshold).toBe(0.9);
      expect(String(await content(await taken(page, 'vtt', /^walk\.vtt$/)))).toContain('WEBVTT');
      const stills = readZip(await content(await taken(page, 'stills (.zip)', /^walk\.stills\.zip$/)), 'stills.zip');
      expect(stills.map(({ name }) => name)).toContain('0.88s.png');
      for (const still of stills) expect(Buffer.from(still.read()).subarray(1, 4).toString()).toBe('PNG');
      const drawn = await taken(page, 'video with everything drawn on it', /^walk\.drawn\.(mp4|webm|mkv)$/);
      expect((await content(drawn)).length).toBeGreaterThan(1000);

      await page.getByRole('button', { name: /^Runs/ }).click();
      await button(page, 'Open the result of walk.mp4').click();
      await page.getByText('The video of this result is not at hand.').waitFor();
      await expect.poll(() => verdict.textContent()).toContain('0.65');
      await choose(page, 'Choose the video', file('walk.mp4', video));
      await page.getByRole('img', { name: 'walk.mp4' }).waitFor();
      await page.getByRole('button', { name: /^Runs/ }).click();
      await button(page, 'Delete the result of walk.mp4').click();
      await expect.poll(() => page.getByText('walk.mp4').count()).toBe(0);
    });
  });

  test('weights that say nothing ask for names, and a model of one’s own for what it takes', async () => {
    await visit('?pace=1&try', { theme }, async (page) => {
      await choose(page, 'Choose weights', file('actions.pth'));
      await page.getByText('0 of 3 names').waitFor();
      await page.getByText('First say what the weights leave open').waitFor();
      await page.getByLabel('Class names, one a line').fill('jump\nrun\njump');
      await page.getByText('2 of 3 names').waitFor();
      await choose(page, 'Read names from a file', file('names.txt', Buffer.from('jump\r\nrun\r\nthrow\r\n')));
      await page.getByText('3 of 3 names').waitFor();
      await choose(page, 'Choose videos', file('a.mp4'));
      await expect
        .poll(() => judgedWith(page))
        .toEqual([{ task: 'adatad', names: ['jump', 'run', 'throw'], files: ['a.mp4'] }]);

      await choose(page, 'Choose weights', file('poses.pth'));
      // A model with an input `x` of an open shape and an output `y`: nobody can know what they mean.
      const slot = (name: string) => [10, name.length, ...Buffer.from(name)];
      const graph = [...[90, 3, ...slot('x')], ...[98, 3, ...slot('y')]];
      await choose(page, 'Choose your own model (.onnx)', file('own.onnx', Buffer.from([58, graph.length, ...graph])));
      const dialog = page.getByRole('dialog', { name: 'What the model takes and gives' });
      await dialog.getByLabel('Width in pixels').fill('128');
      await dialog.getByLabel('Form of the points').selectOption('simcc');
      await dialog.getByLabel('Output with the axis of y').waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await dialog.getByLabel('Form of the points').selectOption('coordinates');
      await button(page, 'Use it so').click();
      await page.getByText('It takes 128 × 256 pixels').waitFor();
      await choose(page, 'Choose videos', file('b.mp4'));
      await expect
        .poll(async () => (await judgedWith(page)).at(-1)?.files)
        .toEqual(['b.mp4', 'own.onnx', 'own.onnx.json']);
    });
  });
});
