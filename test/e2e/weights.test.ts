// Weights in the page: chosen and opened, refused with a sentence, and what a run took of them.
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSafetensors } from '../../src/formats/safetensors.ts';
import { FileServer } from '../helpers/fileServer.ts';
import { axeViolations, fakePageUrl, openBrowser, openPage, visitPage } from './pageTools.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(() => browser.close());

const values = (name: string) =>
  writeSafetensors(new Map([[name, { dtype: 'F32', shape: [2], data: new Float32Array(2) }]]));
const file = (name: string, content: string | Uint8Array) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content),
});

/** Opens "Start from weights" by keyboard. */
async function openWeightsPart(page: Page): Promise<void> {
  await page.locator('summary', { hasText: /Start from weights|从权重开始/ }).focus();
  await page.keyboard.press('Enter');
}

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test('a run starts from chosen weights and lists what it took of them', async () => {
    await visitPage(browser, `${fakePageUrl()}?pace=1`, { theme }, async (page) => {
      await openWeightsPart(page);
      const choose = page.getByLabel('Choose weights');
      const chosen = page.getByRole('region', { name: 'Chosen weights' });
      const start = page.getByRole('button', { name: 'Train the demo' });
      await choose.setInputFiles(file('page.pth', '<!doctype html>'));
      await chosen.getByText('This is a web page, not the file itself').waitFor();
      expect(await start.isEnabled()).toBe(false);
      expect(await axeViolations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Remove page.pth' }).click();
      expect(await start.isEnabled()).toBe(true);
      const map = JSON.stringify({ weight_map: { a: 'm-1.safetensors', b: 'm-2.safetensors' } });
      const parts = [file('m-1.safetensors', values('a')), file('m-2.safetensors', values('b'))];
      await choose.setInputFiles([...parts, file('m.safetensors.index.json', map), file('README.md', '# m')]);
      await chosen.getByText('m.safetensors.index.json').waitFor();
      expect(await chosen.locator('dd').allTextContents()).toEqual(['safetensors', '2', '144 B']);
      expect(await axeViolations(page)).toEqual([]);
      await start.click();
      const report = page.getByRole('region', { name: 'Weights at the start' });
      await report.getByText('312 matched').focus();
      await page.keyboard.press('Enter');
      await report.getByText('blocks.0.weight', { exact: true }).waitFor();
      await report.getByText('112 more').waitFor();
      await report.getByText('1 of the wrong shape').click();
      await report.getByText('fc.weight [400, 768] → [20, 768]').waitFor();
      await report.getByText('0 of the file unused').waitFor();
      await page.getByText('All epochs are done.').waitFor();
    });
  });
});

test.each(['light', 'dark'] as const)(
  'weights come from an address, are stopped, resumed, kept and removed, by keyboard, in the %s theme',
  async (theme) => {
    const content = writeSafetensors(
      new Map([['a', { dtype: 'F32', shape: [500_000], data: new Float32Array(500_000) }]]),
    );
    const server = new FileServer(content, { stallAfter: 800_000 });
    const address = await server.start();
    const { page, complaints, foreign } = await openPage(browser, fakePageUrl(), { theme });
    const press = async (name: string) => {
      await page.getByRole('button', { name, exact: true }).focus();
      await page.keyboard.press('Enter');
    };
    try {
      await openWeightsPart(page);
      await page.getByText('Download from an address').focus();
      await page.keyboard.press('Enter');
      const field = page.getByLabel('Address of the file');
      await field.fill('ftp://a.b/c');
      await press('Download');
      await page.getByText('This is no address of a file').waitFor();
      await field.fill(address);
      await page.getByLabel('SHA-256').fill('12');
      expect(server.requests).toEqual([]);
      await press('Download');
      await page.getByText('A SHA-256 has 64 digits').waitFor();
      expect([...server.requests, ...foreign]).toEqual([]);
      await page.getByLabel('SHA-256').fill('');
      await press('Download');
      // Progress is told ten times a second: which of the first bytes it tells last is left to chance.
      await page.getByText(/^downloading · [\d.]+ KB of 1\.9 MB · \d+%/).waitFor();
      const bar = page.getByRole('progressbar', { name: 'Download' });
      expect(Number(await bar.getAttribute('value'))).toBeGreaterThan(0);
      expect(await axeViolations(page)).toEqual([]);
      await press('Stop download');
      await page.getByText('The download was stopped').waitFor();
      await page.getByText('781 KB so far').waitFor();
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Download');
      expect(await axeViolations(page)).toEqual([]);
      server.options = {};
      await press('Resume w.safetensors');
      const chosen = page.getByRole('region', { name: 'Chosen weights' });
      await chosen.getByText('w.safetensors').waitFor();
      expect(server.requests).toEqual(['', 'bytes=800000-']);
      expect(await axeViolations(page)).toEqual([]);
      await press('Remove w.safetensors');
      await press('Use w.safetensors');
      await chosen.getByText('w.safetensors').waitFor();
      expect(server.requests).toHaveLength(2);
      await press('Remove the download w.safetensors');
      await page.getByText('Kept downloads').waitFor({ state: 'detached' });
      await chosen.getByText('w.safetensors').waitFor({ state: 'detached' });
      expect(complaints).toEqual([]);
      expect(foreign).toEqual([address, address]);
    } finally {
      await page.close();
      await server.stop();
    }
  },
);

test('a run without chosen weights has no such list', async () => {
  await visitPage(browser, `${fakePageUrl()}?pace=1`, {}, async (page) => {
    await page.getByRole('button', { name: 'Train the demo' }).click();
    await page.getByText('All epochs are done.').waitFor();
    expect(await page.getByText('Weights at the start').count()).toBe(0);
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Best weights (.pth)' }).click(),
    ]);
    expect(saved.suggestedFilename()).toMatch(/\.best\.pth$/);
  });
});

test('the sentence about a file follows the language', async () => {
  await visitPage(browser, fakePageUrl(), {}, async (page) => {
    await openWeightsPart(page);
    await page.getByLabel('Choose weights').setInputFiles(file('cut.safetensors', values('a').subarray(0, 70)));
    await page.getByText('This is not a usable .safetensors file').waitFor();
    await page.getByRole('combobox', { name: 'Language' }).selectOption('zh-CN');
    await page.getByText('文件可能不完整').waitFor();
    await page.getByLabel('选择权重').waitFor({ state: 'attached' });
  });
});
