// What the page keeps, says of what it keeps, and leaves to the tab that trains; on a worker that only pretends to train.
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { axeViolations, onFakePage } from './pageTools.ts';

const visit = onFakePage();

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });

test('where storage is full the page says so while there is time, and gives the weights in the end', async () => {
  await visit('?pace=1&full', {}, async (page) => {
    await button(page, 'Train the demo').click();
    await page.getByText('No room in this browser’s storage.').waitFor();
    await page.getByText('only this page’s memory holds them').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download the weights').click()]);
    expect(download.suggestedFilename()).toMatch(/\.last\.safetensors$/);
  });
});

test('a run of another tab is live here too, and can neither be deleted nor continued', async () => {
  await visit('?kept=quiet-heron,brave-lynx', {}, async (page) => {
    // As a worker of another tab does.
    await page.evaluate(() => {
      const held = new Promise<void>((done) => addEventListener('tab-ended', () => done()));
      void navigator.locks.request('tabtune-run kept-0', () => held);
      new BroadcastChannel('tabtune-runs').postMessage(null);
    });
    await page.getByText('Continue run quiet-heron').waitFor({ state: 'detached' });
    await button(page, /^Runs/).click();
    await page.getByText('Training in another tab').waitFor();
    expect(await button(page, 'Delete quiet-heron').count()).toBe(0);
    expect(await button(page, 'Continue quiet-heron').count()).toBe(0);
    expect(await button(page, 'Delete brave-lynx').count()).toBe(1);
    expect(await axeViolations(page)).toEqual([]);
    await page.evaluate(() => dispatchEvent(new Event('tab-ended')));
    await button(page, 'Delete quiet-heron').waitFor();
  });
});

test('a GPU that is lost again and again: smaller settings at the second time, and true words at the third', async () => {
  await visit('?pace=8&lostAt=65,70,300#v=1&task=mntsm&preset=demo', {}, async (page) => {
    await button(page, 'Train the demo').click();
    await page.getByText('The GPU was lost more than once with these settings.').waitFor();
    await button(page, /^Batch \d+, accumulation \d+$/)
      .first()
      .waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('heading', { name: 'The GPU was lost' }).waitFor();
    await page.getByText('Training is saved up to step 240.').waitFor();
    await button(page, 'Continue from step 240').waitFor();
    await button(page, /^Half the frames/).waitFor();
  });
});

test.each(['light', 'dark'] as const)(
  'a finished run is opened again, and compared, in the %s theme',
  async (theme) => {
    await visit('?pace=1&kept=quiet-heron,brave-lynx', { theme }, async (page) => {
      await button(page, 'Train the demo').click();
      await page.getByText('All epochs are done.').waitFor();
      await button(page, 'New run').click();
      await button(page, /^Runs/).click();
      await button(page, /^Open (?!quiet-heron|brave-lynx)/).click();
      await page.getByText('A kept run, as it ended.').waitFor();
      await page.getByRole('button', { name: 'Before training' }).waitFor();
      await page.locator('.uplot').nth(3).waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await button(page, /^Runs/).click();
      const boxes = page.getByRole('checkbox', { name: /^Compare / });
      // Nothing waits for those that are not drawn yet.
      await boxes.nth(2).waitFor();
      for (const box of await boxes.all()) await box.check();
      const comparison = page.getByRole('region', { name: 'Comparison' });
      await comparison.first().waitFor();
      await page.locator('.uplot').nth(1).waitFor();
    });
  },
);
