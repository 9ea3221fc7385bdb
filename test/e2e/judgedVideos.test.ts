// The view of judged videos on made-up results: what it says, what the threshold moves, keys, marks, and that axe finds nothing.
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { onFakePage, type PageOptions } from './pageTools.ts';

const open = onFakePage('fakeView');

async function visit(query: string, options: PageOptions, work: (page: Page) => Promise<void>): Promise<void> {
  await open(`?task=mntsm&${query}`, options, async (page) => {
    await page.locator('.view').waitFor();
    await work(page);
  });
}

const text = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor();

const videos = (page: Page) => page.getByRole('listbox', { name: 'Videos' }).getByRole('option');

/** Counts of the confusion of videos or clips, row by row. */
function confusion(page: Page, level: string): Promise<number[]> {
  return page
    .getByRole('region', { name: level, exact: true })
    .filter({ has: page.getByRole('table') })
    .locator('td strong')
    .allTextContents()
    .then((cells) => cells.map(Number));
}

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test('says what a score is beside the threshold and what the label says, and judges nobody itself', async () => {
    await visit('', { theme }, async (page) => {
      await text(page, 'Score 0.26, below the threshold 0.5');
      await text(page, '±0.07 over 4 clips: the band stays on this side of the threshold.');
      await text(
        page,
        /Trained on videos of these kinds: swap \(11\).* says nothing about other kinds of manipulation/,
      );
      const words = await page.locator('.view').innerText();
      expect(words).toContain('The label says manipulated');
      expect(words).not.toMatch(/\bfake\b/i);
    });
  });

  test('shows both figures as tables, in a narrow window', async () => {
    await visit('', { theme, width: 700 }, async (page) => {
      await page.getByRole('button', { name: 'Show as table: Score along the video' }).click();
      await page.getByRole('button', { name: 'Show as table: ROC' }).click();
      const rates = page.getByRole('region', { name: 'ROC' }).getByRole('row');
      expect(await rates.count()).toBe(22);
    });
  });

  test('speaks Chinese', async () => {
    await visit('locale=zh-CN', { theme }, async (page) => {
      await text(page, '分数 0.26，低于阈值 0.5');
      expect(await page.locator('.view').innerText()).not.toMatch(/threshold|manipulated|undefined/i);
    });
  });
});

test.each([
  ['before', 'These scores are from before training.'],
  ['now', 'The label says'],
  ['oneClass', 'undefined: only one class'],
  ['empty', 'This pass judged no videos.'],
  ['none', 'No validation pass has ended yet.'],
])('has an answer for the case %s', async (name, words) => {
  await visit(`case=${name}`, {}, (page) => text(page, words));
});

test('the threshold moves judgement, confusion and list at once, by slider and by number', async () => {
  await visit('', {}, async (page) => {
    await text(page, '3 of 12 videos wrongly judged');
    expect(await confusion(page, 'Videos')).toEqual([3, 1, 2, 6]);
    const number = page.getByRole('spinbutton', { name: 'Threshold' });
    await number.fill('0.7');
    await text(page, 'Score 0.26, below the threshold 0.7');
    expect(await confusion(page, 'Videos')).toEqual([4, 0, 2, 6]);
    await page.getByRole('button', { name: /^Wrongly judged 2$/ }).click();
    expect(await videos(page).count()).toBe(2);
    await number.fill('7');
    await number.blur();
    expect(await number.inputValue()).toBe('0.7');
    await page.getByRole('button', { name: 'Back to 0.5' }).click();
    const slider = page.getByRole('slider', { name: 'Threshold' });
    await slider.focus();
    await page.keyboard.press('Home');
    expect(await slider.getAttribute('aria-valuetext')).toBe('0, 4 of 12 videos wrongly judged');
    expect(await confusion(page, 'Videos')).toEqual([0, 4, 0, 8]);
    expect((await confusion(page, 'Clips')).filter((_, column) => column % 2 === 0)).toEqual([0, 0]);
  });
});

test('videos without labels are scored, sorted and filtered by side, and nothing is called wrong', async () => {
  await visit('case=unlabelled', {}, async (page) => {
    await text(page, '7 of 12 videos above the threshold');
    await page.getByRole('heading', { name: 'again_C_swap' }).waitFor();
    const orders = await page.getByRole('combobox', { name: 'Order' }).getByRole('option').allTextContents();
    expect(orders).toEqual(['Highest score first', 'Lowest score first', 'By name']);
    expect(await videos(page).first().textContent()).toContain('book_C_swap');
    await page.getByRole('button', { name: /^Below 5$/ }).click();
    expect(await videos(page).count()).toBe(5);
    const slider = page.getByRole('slider', { name: 'Threshold' });
    expect(await slider.getAttribute('aria-valuetext')).toBe('0.5, 7 of 12 videos above it');
    expect(await page.locator('.view').innerText()).not.toMatch(/label says|wrong|ROC|AUC/i);
    expect(await page.getByText('no label').count()).toBe(5);
  });
});

test('scores of frames are a curve over the labelled stretches where no frame is weighed', async () => {
  await visit('case=curves', {}, async (page) => {
    const figure = page.getByRole('figure', { name: 'Score along the video' });
    await figure.getByText('score per frame').waitFor();
    expect(await figure.locator('path.curve').count()).toBe(4);
    expect(await figure.locator('svg rect.truth').count()).toBe(2);
    expect(await page.locator('.view').innerText()).not.toMatch(/attention 0/);
    await page.getByRole('button', { name: 'Show as table: Score along the video' }).click();
    const heads = page.getByRole('region', { name: 'Score along the video' }).getByRole('columnheader');
    expect(await heads.allTextContents()).toEqual(['Seconds', 'Clip', 'Clip score', 'Frame score']);
  });
});

test('a filter that leaves nothing says so', async () => {
  await visit('case=oneClass', {}, async (page) => {
    await page.getByRole('button', { name: /^Real 0$/ }).click();
    await text(page, 'None of these videos is labelled real.');
  });
});

test('list, time cursor and stills are used by keyboard', async () => {
  await visit('', { reducedMotion: true }, async (page) => {
    await videos(page).first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('li[aria-selected=true]').textContent()).toContain('bird_D_real');
    await page.getByRole('heading', { name: 'bird_D_real' }).waitFor();
    await page.keyboard.press('End');
    await page.getByRole('heading', { name: 'book_C_swap' }).waitFor();
    const slider = page.getByRole('slider', { name: 'Position in the video' });
    await slider.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('f');
    expect(await slider.getAttribute('aria-valuetext')).toMatch(
      /^0\.25 s, frame 2 of 20, clip 1 score 0\.\d\d, frame attention 0\.\d\d, frame score 0\.\d\d$/,
    );
    await page.keyboard.press(']');
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^1\.00 s, frame 5 of 20/);
    await page.keyboard.press('[');
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^0\.00 s, frame 1 of 20/);
    const second = page.getByRole('listitem').getByRole('button').nth(1);
    await second.press('Enter');
    expect(await second.getAttribute('aria-current')).toBe('true');
  });
});

test('hovering over a frame reads it out without moving the cursor; pressing moves it', async () => {
  await visit('', {}, async (page) => {
    const plot = page.getByRole('figure', { name: 'Score along the video' }).locator('.plot');
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + 40, box.y + 60);
    await page.getByRole('columnheader', { name: 'Frame at 0.00 s' }).waitFor();
    const slider = page.getByRole('slider', { name: 'Position in the video' });
    expect(await slider.inputValue()).toBe('11');
    await page.mouse.down();
    await page.mouse.up();
    expect(await slider.inputValue()).toBe('0');
  });
});

test('every picture of a manipulated video carries its mark, and no picture of a real one does', async () => {
  await visit('', {}, async (page) => {
    /** Brightness of the corner where the mark is drawn, of each still. */
    const corners = () =>
      page.locator('ol canvas').evaluateAll((canvases) =>
        canvases.map((canvas) => {
          const picture = canvas as HTMLCanvasElement;
          const [red, green, blue] = picture.getContext('2d')!.getImageData(3, picture.height - 4, 1, 1).data;
          return red! + green! + blue!;
        }),
      );
    await expect.poll(async () => (await corners()).length).toBe(4);
    await expect.poll(async () => Math.max(...(await corners()))).toBeLessThan(150);
    await page.getByRole('option', { name: /bird_D_real/ }).click();
    await expect.poll(async () => Math.min(...(await corners()))).toBeGreaterThan(150);
  });
});

test('at four times the size nothing scrolls sideways', async () => {
  await visit('', { width: 320 }, async (page) => {
    const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(wide).toBeLessThanOrEqual(inner);
  });
});

test('hundreds of videos are judged again at once', async () => {
  await visit('case=many', {}, async (page) => {
    await text(page, 'Pictures are kept for the first dozen videos only.');
    expect(await videos(page).first().getAttribute('aria-setsize')).toBe('480');
    await videos(page).first().focus();
    await page.keyboard.press('End');
    expect(await page.evaluate(() => document.activeElement?.ariaPosInSet)).toBe('480');
    await page.getByRole('spinbutton', { name: 'Threshold' }).fill('0.02');
    await page.getByRole('button', { name: /^Wrongly judged 1[0-9]{2}$/ }).waitFor();
  });
});
