// The view of anomalies on made-up results: blurred until asked for, incidents corrected and taken home; axe finds nothing.
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { onFakePage } from './pageTools.ts';

const open = onFakePage('fakeView');
const view = (page: Page) => page.locator('.view').first();

test('pictures of footage are blurred until somebody asks, and an incident becomes a label', async () => {
  await open('?task=fgclip-vad&case=footage', {}, async (page) => {
    await view(page).waitFor({ timeout: 120_000 });
    const canvas = page.locator('.stage canvas').first();
    const filter = () => canvas.evaluate((one) => getComputedStyle(one).filter);
    expect(await filter()).toBe('blur(14px)');
    await page.getByRole('button', { name: 'Show pictures' }).click();
    expect(await filter()).toBe('none');
    await page.getByText(/this frame: 0\.\d\d to 0\.\d\d/).waitFor();
    await page.getByText('Classes over time').waitFor();

    const segments = page.getByRole('listbox', { name: /Segments/ }).getByRole('option');
    expect((await segments.allTextContents()).filter((line) => line.includes('hit'))).toHaveLength(2);
    await segments.filter({ hasText: 'Found' }).click();
    await page.getByRole('button', { name: 'Accept', exact: true }).click();
    await page.getByText('1 video corrected').waitFor();
    await page.getByRole('combobox', { name: /In the next run/ }).selectOption('training');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: /^Save labels/ }).click();
    const stream = await (await saved).createReadStream();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const { corrects, database } = JSON.parse(Buffer.concat(chunks).toString()) as {
      readonly corrects: boolean;
      readonly database: Readonly<
        Record<string, { readonly subset: string; readonly annotations: readonly { readonly label: string }[] }>
      >;
    };
    expect(corrects).toBe(true);
    const [path, entry] = Object.entries(database)[0]!;
    expect(path).toContain(entry.annotations[0]!.label);
    expect([entry.subset, entry.annotations.length]).toEqual(['training', 1]);
  });
});

test('before and after training, in Chinese, in a narrow window', async () => {
  await open('?task=fgclip-vad&locale=zh-CN', { width: 700, theme: 'dark' }, async (page) => {
    await view(page).waitFor({ timeout: 120_000 });
    await page.getByText('各时刻的类别').waitFor();
    expect(await view(page).innerText()).not.toMatch(/undefined|threshold|incident/i);
  });
});
