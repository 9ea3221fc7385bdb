// A start waits for what the form still owes and takes the settings on show; what does not fit the device is offered smaller.
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import type { RunConfig } from '../../src/training/protocol';
import type { Held } from '../ui/gates';
import { axeViolations, onFakePage } from './pageTools.ts';

const visit = onFakePage();

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });

/** Presets and settings of the runs that were started. */
const started = (page: Page) =>
  page.evaluate(() =>
    (globalThis as unknown as { startedWith: RunConfig[] }).startedWith.map(({ preset, settings }) => ({
      preset,
      batch: settings['batch'],
      accumulation: settings['accumulation'],
      segments: settings['segments'],
      imageSize: settings['imageSize'],
    })),
  );

/** Lets end what the address held back. */
const letGo = (page: Page, held: Held) =>
  page.evaluate((held) => (globalThis as unknown as { letGo(held: Held): void }).letGo(held), held);

/** Presses a button while the adapter has not answered, which may be what the button waits for. */
async function pressEarly(page: Page, name: string): Promise<void> {
  await button(page, name).waitFor();
  const pressed = button(page, name).click();
  await letGo(page, 'adapter');
  await pressed;
}

const chooseFolder = (page: Page) => page.getByLabel('Choose a folder').setInputFiles('test/ui/fakePage');

test('files chosen before a software adapter has answered start with its small preset, never with the big one', async () => {
  await visit('?pace=1&software&held=adapter,reading#v=1&set.epochs=2&task=mntsm', {}, async (page) => {
    await chooseFolder(page);
    const start = button(page, 'Start training');
    await start.waitFor();
    expect(await start.isDisabled()).toBe(true);
    await page.getByText('Waiting for the GPU.').last().waitFor();
    expect(await axeViolations(page)).toEqual([]);
    // Ctrl+Enter is a start as well: it waits, and a second one is not a second run.
    await page.keyboard.press('Control+Enter');
    await page.keyboard.press('Control+Enter');
    await letGo(page, 'adapter');
    await page.getByText('Reading 12 of 26 files.').first().waitFor();
    await letGo(page, 'reading');
    await page.getByText('All epochs are done.').waitFor();
    expect(await started(page)).toEqual([{ preset: 'narrow', batch: 32, accumulation: 1, segments: 1, imageSize: 96 }]);
  });
});

test('a start pressed at once takes what the form shows', async () => {
  await visit('?pace=1&software&held=adapter#v=1&set.epochs=2&task=mntsm', {}, async (page) => {
    await chooseFolder(page);
    await pressEarly(page, 'Start training');
    await expect.poll(async () => (await started(page)).length).toBe(1);
    const shown = await page.getByLabel('Preset').inputValue();
    expect([(await started(page))[0]!.preset, shown]).toEqual(['narrow', 'narrow']);
    await page.getByText('All epochs are done.').waitFor();
  });
});

test('the demo pressed before the adapter has answered is sized first', async () => {
  await visit('?pace=1&software&held=adapter#v=1&set.epochs=2&task=mntsm', {}, async (page) => {
    await pressEarly(page, 'Train the demo');
    await page.getByText('All epochs are done.').waitFor();
    expect((await started(page)).map(({ preset }) => preset)).toEqual(['demo']);
  });
});

test('a link to the demo is sized before it can start', async () => {
  await visit('?pace=1&software&held=adapter#v=1&set.epochs=2&task=mntsm&data=demo', {}, async (page) => {
    await pressEarly(page, 'Start training');
    await page.getByText('All epochs are done.').waitFor();
    expect((await started(page)).map(({ preset }) => preset)).toEqual(['demo']);
  });
});

test.each(['light', 'dark'] as const)(
  'what is too large is offered smaller by one click, in the %s theme',
  async (theme) => {
    const link = `?pace=1&bindableBytes=${128 * 2 ** 20}#v=1&set.epochs=2&task=mntsm&preset=recommended`;
    await visit(link, { theme }, async (page) => {
      await chooseFolder(page);
      await button(page, 'Start training').click();
      await page.getByText('this device binds at most').waitFor();
      await page.getByText('With accumulation the effective batch stays 64.').waitFor();
      await button(page, 'Batch 1, accumulation 64').waitFor();
      await button(page, 'Half the frames: 4').waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await button(page, 'Batch 16, accumulation 4').click();
      await page.getByText('All epochs are done.').waitFor();
      expect((await started(page)).map(({ batch, accumulation }) => [batch, accumulation])).toEqual([
        [32, 2],
        [16, 4],
      ]);
      expect(await page.getByLabel(/^Batch/).inputValue()).toBe('16');
    });
  },
);

test('says why it waits and what fits in Chinese', async () => {
  await visit(
    `?pace=1&bindableBytes=${64 * 2 ** 20}&held=adapter#v=1&set.epochs=2&task=mntsm&preset=recommended`,
    {},
    async (page) => {
      await page.getByLabel('Language').selectOption('zh-CN');
      await page.locator('input[type=file][webkitdirectory]').setInputFiles('test/ui/fakePage');
      await page.getByText('正在等待 GPU。').last().waitFor();
      await letGo(page, 'adapter');
      await page.getByRole('button', { name: '开始训练' }).click();
      await page.getByText('这个设备每次最多绑定').waitFor();
      await page.getByRole('button', { name: '批大小 8，梯度累积 8' }).waitFor();
    },
  );
});
