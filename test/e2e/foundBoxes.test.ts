// The view of found boxes on made-up results: thresholds act at once, boxes are corrected and kept, and axe finds nothing.
import { expect, test } from 'vitest';
import { onFakePage } from './pageTools.ts';

const open = onFakePage('fakeView');

test('a box is accepted, typed, dragged, drawn, deleted and taken back, and all outlives a reload', async () => {
  await open('?task=remoteclip-detector', { theme: 'light' }, async (page) => {
    await page.locator('.view').waitFor({ timeout: 120_000 });
    const boxes = page.getByRole('listbox', { name: /Boxes/ }).getByRole('option');
    expect(await boxes.filter({ hasText: 'hit' }).count()).toBe(6);
    await page.getByText('before training 0.30').waitFor();
    await page.getByRole('slider', { name: /Score from/ }).fill('0.65');
    expect(await boxes.filter({ hasText: 'missed' }).count()).toBe(1);
    await page.getByRole('slider', { name: /Score from/ }).fill('0.5');

    await boxes.filter({ hasText: 'false' }).click();
    await page.getByRole('button', { name: 'Accept', exact: true }).click();
    await page.getByText('1 picture corrected').waitFor();
    expect(await boxes.filter({ hasText: 'Labelled' }).count()).toBe(4);
    await page.getByRole('spinbutton', { name: 'Right' }).fill('140');
    await page.keyboard.press('Tab');
    await boxes.filter({ hasText: '90, 120 · 50 × 40' }).waitFor();
    await page
      .getByRole('region', { name: /Selected box/ })
      .getByRole('combobox')
      .selectOption('car');

    const stage = page.locator('.stage').first();
    const drag = async (from: [number, number], to: [number, number]) => {
      await stage.scrollIntoViewIfNeeded();
      const place = (await stage.boundingBox())!;
      const scale = Math.min(place.width / 320, place.height / 200);
      const [left, top] = [place.x + (place.width - 320 * scale) / 2, place.y + (place.height - 200 * scale) / 2];
      await page.mouse.move(left + from[0] * scale, top + from[1] * scale);
      await page.mouse.down();
      await page.mouse.move(left + to[0] * scale, top + to[1] * scale, { steps: 3 });
      await page.mouse.up();
    };
    await drag([115, 140], [125, 150]);
    await boxes.filter({ hasText: '100, 130 · 50 × 40' }).filter({ hasText: 'car' }).waitFor();
    await page.getByRole('button', { name: 'Add a box' }).click();
    await drag([250, 20], [290, 50]);
    await boxes.filter({ hasText: '250, 20 · 40 × 30' }).waitFor();
    await page.keyboard.press('Control+z');
    expect(await boxes.filter({ hasText: 'Labelled' }).count()).toBe(4);

    await page.reload();
    await boxes.filter({ hasText: '100, 130 · 50 × 40' }).waitFor({ timeout: 120_000 });
    await page.getByRole('button', { name: 'Back to the labels' }).click();
    expect(await boxes.filter({ hasText: 'Labelled' }).count()).toBe(3);
  });
});
