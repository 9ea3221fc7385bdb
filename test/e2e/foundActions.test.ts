// The view of found actions on made-up results: rules act at once, corrections count and are kept, keys, and axe finds nothing.
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { onFakePage, type PageOptions } from './pageTools.ts';

const open = onFakePage('fakeView');

async function visit(query: string, options: PageOptions, work: (page: Page) => Promise<void>): Promise<void> {
  await open(`?task=adatad&${query}`, options, async (page) => {
    // The first visit waits for the sources to be served, and each for its videos to be made.
    await page.locator('.view').waitFor({ timeout: 120_000 });
    await work(page);
    if (process.env.SHOTS) {
      const name = `${query.replace(/\W/g, '_')}_${options.theme ?? 'light'}_${options.width ?? 1440}`;
      await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true });
    }
  });
}

const segments = (page: Page) => page.getByRole('listbox', { name: /Segments/ }).getByRole('option');
const labelledCounts = (page: Page) => page.locator('td.labelled').allTextContents();

test.each(['light', 'dark'] as const)('labels and findings are told apart in words, %s', async (theme) => {
  await visit('', { theme }, async (page) => {
    const words = await segments(page).allTextContents();
    expect(words.some((line) => line.includes('hit'))).toBe(true);
    expect(await page.getByRole('button', { name: 'After training' }).getAttribute('aria-pressed')).toBe('true');
    await page.getByText('mAP before training').waitFor();
  });
});

/** How many words of bars are seen whole, hidden, and cut. */
const barWords = (page: Page) =>
  page.locator('.lane .words span').evaluateAll((words) => {
    const counts = { whole: 0, hidden: 0, cut: 0 };
    for (const word of words) {
      const [own, room] = [word.getBoundingClientRect(), word.parentElement!.getBoundingClientRect()];
      const whole = own.right <= room.right + 0.5 && own.bottom <= room.bottom + 0.5;
      counts[whole ? 'whole' : own.top >= room.bottom - 0.5 ? 'hidden' : 'cut']++;
    }
    return counts;
  });

test.each([1440, 390])('no word in a bar is cut at %i pixels', async (width) => {
  await visit('', { width }, async (page) => {
    await page.getByRole('spinbutton', { name: 'Threshold' }).fill('0');
    const { whole, hidden, cut } = await barWords(page);
    expect(whole).toBeGreaterThan(0);
    if (width < 900) expect(hidden).toBeGreaterThan(0);
    expect(cut).toBe(0);
  });
});

test('threshold and suppression act at once', async () => {
  await visit('case=now', {}, async (page) => {
    const before = await segments(page).count();
    await page.getByRole('spinbutton', { name: 'Threshold' }).fill('0');
    expect(await segments(page).count()).toBeGreaterThan(before);
    const found = await page.locator('tfoot td.false').textContent();
    const map = await page.locator('tfoot tr').first().locator('strong').last().textContent();
    await page.getByRole('spinbutton', { name: /Suppression/ }).fill('0');
    expect(await page.locator('tfoot tr').first().locator('strong').last().textContent()).not.toBe(map);
    await page.getByText('counted again').waitFor();
    await page.getByRole('spinbutton', { name: 'Threshold' }).fill('0.2');
    expect(Number(await page.locator('tfoot td.false').textContent())).toBeLessThan(Number(found));
  });
});

test('a segment is accepted, typed, dragged, deleted and taken back, and all outlives a reload', async () => {
  await visit('', {}, async (page) => {
    const counts = await labelledCounts(page);
    await page.getByRole('spinbutton', { name: 'Threshold' }).fill('0.01');
    await segments(page).filter({ hasText: 'false' }).first().click();
    await page.getByRole('button', { name: 'Accept', exact: true }).click();
    await page.getByText('1 video corrected').waitFor();
    await page.getByRole('spinbutton', { name: 'End, seconds' }).fill('15.5');
    await page.keyboard.press('Tab');
    await page.getByText('–15.50 s').first().waitFor();
    const edge = page.locator('.bar.selected .edge.end');
    const box = (await edge.boundingBox())!;
    await page.mouse.move(box.x + 3, box.y + 5);
    await page.mouse.down();
    await page.mouse.move(box.x - 60, box.y + 5, { steps: 4 });
    await page.mouse.up();
    await page.getByText('–15.50 s').first().waitFor({ state: 'detached' });
    await page.keyboard.press('Control+z');
    await page.getByText('–15.50 s').first().waitFor();
    await page.reload();
    await page.getByText('1 video corrected').waitFor();
    await page.getByText('–15.50 s').first().waitFor();
    await segments(page).filter({ hasText: '15.50' }).first().click();
    await page.keyboard.press('Delete');
    await page.getByText('–15.50 s').first().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Back to the labels' }).click();
    expect(await labelledCounts(page)).toEqual(counts);
  });
});

test('only the chosen segment is played', async () => {
  await visit('', {}, async (page) => {
    const option = segments(page).first();
    await option.click();
    const end = Number((await option.textContent())!.match(/–([\d.]+) s/)![1]);
    await page.getByRole('button', { name: 'Play this segment' }).click();
    const slider = page.getByRole('slider', { name: 'Video' });
    await expect.poll(() => slider.inputValue().then(Number), { timeout: 20_000 }).toBe(Math.floor(end * 8 + 1e-6));
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  });
});

test('corrected labels leave as a file that says so', async () => {
  await visit('case=unlabelled', {}, async (page) => {
    await page.getByText(/found; nothing is labelled here/).waitFor();
    await page.getByRole('button', { name: /^Accept all/ }).click();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: /^Save labels/ }).click();
    const stream = await (await saved).createReadStream();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const file = JSON.parse(Buffer.concat(chunks).toString()) as {
      readonly corrects: boolean;
      readonly database: Readonly<Record<string, { readonly annotations: unknown[]; readonly subset: string }>>;
    };
    expect(file.corrects).toBe(true);
    const [entry] = Object.values(file.database);
    expect(entry!.subset).toBe('validation');
    expect(entry!.annotations.length).toBeGreaterThan(1);
    await page.getByRole('button', { name: 'Undo' }).click();
  });
});

test.each([
  ['case=none', 'No validation pass has ended yet.'],
  ['case=empty', 'This pass judged no videos.'],
  ['case=unplayable', 'The browser cannot play this video'],
])('has an answer for %s', async (query, words) => {
  await visit(query, {}, (page) => page.getByText(words).first().waitFor());
});

test('speaks Chinese, in a narrow window', async () => {
  await visit('locale=zh-CN', { width: 700, theme: 'dark' }, async (page) => {
    await page.getByText('各类别与重叠阈值的平均精度').first().waitFor();
    expect(await page.locator('.view').innerText()).not.toMatch(/threshold|overlap|undefined|labelled/i);
  });
});
