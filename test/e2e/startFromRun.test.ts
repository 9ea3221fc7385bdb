// A real run in the built page, its weights taken out as a file and a second run that starts from that file; both runs taken to another browser.
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, serveBuilt, visitPage } from './pageTools.ts';
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

const settings = {
  ...{ epochs: 1, batch: 64, learningRate: 0.002, frames: 27, stride: 243, checkpointEvery: 0 },
  ...{ layers: 1, width: 16, representation: 16, heads: 2 },
};
const query = Object.entries(settings).map(([key, value]) => `set.${key}=${value}`);
const link = `#v=1&task=pose&preset=demo&${query.join('&')}`;

const runMilliseconds = 240_000;

/** Metrics as the page shows them: by name, before and after training. */
async function shownMetrics(page: Page): Promise<Map<string, { before: string; after: string }>> {
  await page.getByText('All epochs are done.').waitFor({ timeout: runMilliseconds });
  const table = page.locator('.result > table');
  await table.waitFor();
  const rows = await table
    .locator('tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent.trim())));
  return new Map(
    rows.flatMap(([name = '', before = '', after = '']) => (before === '' ? [] : [[name, { before, after }] as const])),
  );
}

async function saveWeights(page: Page, button: string): Promise<string> {
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button, exact: true }).click(),
  ]);
  return await saved.path();
}

async function saveAllRuns(page: Page): Promise<string> {
  await page.getByRole('button', { name: /^Runs/ }).click();
  await page.getByRole('button', { name: 'Save all runs (.zip)…' }).click();
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /^Save [\d.]+ MB$/ }).click(),
  ]);
  expect(saved.suggestedFilename()).toBe('tabtune-runs.zip');
  return await saved.path();
}

const rest = ['reshaped to fit', 'left at their initial value', 'of the file unused', 'of the wrong shape, not taken'];

test('a run that starts from the weights of another begins where that one ended', { timeout: 600_000 }, async () => {
  await visitPage(browser, served.url + link, {}, async (page) => {
    await page.getByRole('button', { name: 'Train the demo' }).click();
    const first = await shownMetrics(page);
    expect(first.size).toBeGreaterThan(4);
    const paths = [
      await saveWeights(page, 'Last weights (.safetensors)'),
      await saveWeights(page, 'Last weights (.pth)'),
    ];

    await page.getByRole('button', { name: 'New run' }).click();
    await page.locator('summary', { hasText: 'Start from weights' }).click();
    const chosen = page.getByRole('region', { name: 'Chosen weights' });
    const tensors: (string | null)[] = [];
    for (const [i, path] of paths.entries()) {
      await page.getByLabel('Choose weights').setInputFiles(path);
      await chosen.getByText(['safetensors', 'PyTorch'][i]!, { exact: true }).waitFor();
      tensors.push(await chosen.locator('dd').nth(1).textContent());
    }
    expect(tensors[0]).toBe(tensors[1]);
    await page.getByRole('button', { name: 'Start training' }).click();

    const report = page.getByRole('region', { name: 'Weights at the start' });
    await report.waitFor({ timeout: runMilliseconds });
    const lines = await report.locator('ul:not(.names) > li').allInnerTexts();
    expect(lines.slice(0, 5)).toEqual([`${tensors[1]} matched`, ...rest.map((outcome) => `0 ${outcome}`)]);
    const second = await shownMetrics(page);
    for (const [name, { after }] of first) expect(second.get(name)?.before, name).toBe(after);
    const changed = [...first.values()].filter(({ before, after }) => before !== after);
    expect(changed.length).toBeGreaterThan(first.size / 2);
    const archive = await saveAllRuns(page);

    await visitPage(browser, served.url + link, {}, async (elsewhere) => {
      await elsewhere.getByRole('button', { name: /^Runs/ }).click();
      await elsewhere.getByLabel('Read runs from a .zip').setInputFiles(archive);
      await elsewhere.getByText(/Taken over: [a-z]+-[a-z]+, [a-z]+-[a-z]+\./).waitFor();
      await elsewhere
        .getByRole('button', { name: /^Open / })
        .first()
        .click();
      expect(await shownMetrics(elsewhere)).toEqual(second);
      await elsewhere.getByRole('button', { name: 'After training' }).waitFor();
      await elsewhere.getByRole('button', { name: 'Continue for 1 more epoch' }).click();
      await elsewhere.getByText(/epoch 2\/2/).waitFor({ timeout: runMilliseconds });
      await elsewhere.getByText('All epochs are done.').waitFor({ timeout: runMilliseconds });
    });
  });
});
