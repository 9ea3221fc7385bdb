// The page in every state of a run, on a worker that only pretends to train: what it says, and that axe finds nothing.
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import type { RunConfig } from '../../src/training/protocol';
import { axeViolations, onFakePage } from './pageTools.ts';

const visit = onFakePage();

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test('a run to its end, with its result, curves and view', async () => {
    await visit('?pace=1', { theme }, async (page) => {
      await button(page, 'Train the demo').click();
      await page.getByText('All epochs are done.').waitFor();
      await page.getByRole('group', { name: 'Pose: input, prediction and truth' }).waitFor();
      await page.locator('.uplot').nth(3).waitFor();
      expect(await page.title()).toBe('Done · pose');
      await page.getByText('Broken down').click();
      await button(page, 'Show as table: Loss').click();
      await button(page, 'More curves').click();
      await page.locator('.uplot').nth(5).waitFor();
    });
  });

  test('a paused run unlocks what may change and says why the rest may not', async () => {
    await visit('?pace=8', { theme }, async (page) => {
      await button(page, 'Train the demo').click();
      await button(page, 'Pause').click();
      await button(page, 'Continue training').waitFor();
      await button(page, /Settings/).click();
      expect(await page.getByRole('textbox', { name: 'Learning rate' }).isEnabled()).toBe(true);
      expect(await page.getByRole('textbox', { name: 'Frames' }).isEnabled()).toBe(false);
      await page.getByText('Fixed for this run').first().waitFor();
      expect(await page.title()).toMatch(/^Paused · \d+% · pose$/);
      await button(page, 'Do one step').click();
    });
  });

  test('a link fills the form, names what it does not know, and starts nothing', async () => {
    const link = '?pace=1#v=1&task=pose&preset=demo&set.epochs=0&set.learningRate=0.01&colour=red';
    await visit(link, { theme }, async (page) => {
      await page.getByText('this version does not know: colour').waitFor();
      expect(await page.getByLabel('Preset').inputValue()).toBe('demo');
      expect(await page.getByLabel(/^Learning rate/).inputValue()).toBe('0.01');
      await page.getByText('Epochs must be 1 to 1,000.').waitFor();
      await button(page, 'Train the demo').click();
      await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('setting-epochs');
      await button(page, 'All settings').click();
      await page.getByRole('searchbox').fill('velocity');
      await page.getByLabel('Angle velocity').waitFor();
    });
  });

  test('a recipe is read, shown, and taken over only then', async () => {
    await visit('?pace=1#v=1&task=mntsm', { theme }, async (page) => {
      await button(page, 'Paste a recipe…').click();
      const dialog = page.getByRole('dialog', { name: 'Paste a recipe' });
      expect(await button(page, /^Apply/).isEnabled()).toBe(false);
      await dialog
        .getByLabel('Recipe (YAML)')
        .fill('batch_size: 16\nsampler:\n  type: none\nloss: ce\ncolour: red\npretrained: true');
      await dialog.getByText('line 4: loss is ce, but here it can only be').waitFor();
      await dialog.getByText('line 5: colour').waitFor();
      await dialog.getByRole('row', { name: '3 sampler.type: none Sampler = none' }).waitFor();
      await dialog.getByText('Choose the file of weights').waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await button(page, 'Apply 2 settings').click();
      expect(await page.getByLabel(/^Batch/).inputValue()).toBe('16');
      expect(await page.getByLabel(/^Sampler/).inputValue()).toBe('none');
      await button(page, 'Paste a recipe…').click();
      await dialog.getByLabel('Choose a file').setInputFiles({
        name: 'a.yaml',
        mimeType: 'text/yaml',
        buffer: Buffer.from('sampler: balanced\npos_weight: sqrt'),
      });
      await button(page, 'Apply 2 settings').click();
      await page.getByText('together they correct twice').waitFor();
    });
  });

  test('our mistake shows a report to copy', async () => {
    await visit('?pace=1&failAt=70', { theme }, async (page) => {
      await button(page, 'Train the demo').click();
      await page.getByRole('heading', { name: 'Our mistake' }).waitFor();
      await page.getByText('Report', { exact: true }).click();
      await page.getByText('Training is saved up to step 60.').waitFor();
      await button(page, 'Copy report').waitFor();
    });
  });

  test('chosen files are checked and counted', async () => {
    await visit('?pace=1', { theme }, async (page) => {
      await page.getByLabel('Choose a folder').setInputFiles('test/ui/fakePage');
      const check = page.getByRole('region', { name: 'Data check' });
      await check.getByText('validation clips').waitFor();
      await check.getByText('The file ends in the middle of frame 118.').waitFor();
      await check.getByText('Groups (3)').click();
      await button(page, 'Start training').waitFor();
    });
  });

  test('garbled labels are read again as they were meant, by keyboard', async () => {
    await visit('?pace=1', { theme }, async (page) => {
      const gbk = { name: 'gbk.json', mimeType: 'application/json', buffer: Buffer.from('{}') };
      await page.getByLabel('Choose files').setInputFiles(gbk);
      const check = page.getByRole('region', { name: 'Data check' });
      await check.getByText('can be repaired').waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await button(page, 'Read them as they were meant').focus();
      await page.keyboard.press('Enter');
      await check.getByText('is read as such').waitFor();
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Data check');
      expect(await button(page, 'Read them as they were meant').count()).toBe(0);
      await check.getByText('Groups (1)').click();
      await check.getByText('跳远').waitFor();
    });
  });

  test('kept frames are told, and deleted once no run uses them', async () => {
    await visit('?pace=8&frames', { theme }, async (page) => {
      await page.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        const folder = await root.getDirectoryHandle('frames', { create: true });
        const stream = await (await folder.getFileHandle('a', { create: true })).createWritable();
        await stream.write(new Uint8Array(3 * 1024 * 1024));
        await stream.close();
      });
      await button(page, 'Train the demo').click();
      await page.getByText('Kept 812 MB of resized frames for next time.').waitFor();
      await page.getByText('those used longest ago, gave way (96 MB)').waitFor();
      const dialog = page.getByRole('dialog', { name: 'This device' });
      await button(page, /Open diagnostics/).click();
      await dialog.getByText('Resized frames of videos take 3 MB of it, in 1 file.').waitFor();
      expect(await button(page, 'Delete resized frames').isEnabled()).toBe(false);
      await dialog.getByText('they can be deleted when it has ended').waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await button(page, 'Close').click();
      await button(page, 'Stop and keep').click();
      await page.getByText('Stopped by you').waitFor();
      await button(page, /Open diagnostics/).click();
      // As another tab that trains.
      await page.evaluate(() => {
        const held = new Promise<void>((done) => addEventListener('tab-ended', () => done()));
        void navigator.locks.request('tabtune-train', () => held);
      });
      await button(page, 'Delete resized frames').click();
      await dialog.getByText('A run is under way in another tab').waitFor();
      await page.evaluate(() => dispatchEvent(new Event('tab-ended')));
      await button(page, 'Delete resized frames').focus();
      await page.keyboard.press('Enter');
      await dialog.getByText('Deleted 3 MB of resized frames.').waitFor();
      await dialog.getByText('No resized frames of videos are kept.').waitFor();
      const focused = await page.evaluate(() => document.activeElement?.textContent);
      expect(focused).toContain('Storage of this site');
    });
  });

  test('kept runs are listed, renamed, and deleted with undo', async () => {
    await visit('?kept=quiet-heron,brave-lynx', { theme }, async (page) => {
      await button(page, /^Runs/).click();
      await button(page, 'Rename brave-lynx').click();
      await page.getByLabel('New name for brave-lynx').fill('bold-lynx');
      await page.keyboard.press('Enter');
      await page.getByText('bold-lynx').waitFor();
      await button(page, 'Delete quiet-heron').click();
      await page.getByText('Deleted quiet-heron.').waitFor();
      await button(page, 'Undo').click();
      await button(page, 'Delete quiet-heron').waitFor();
      await button(page, 'Export quiet-heron').click();
    });
  });

  test('without a GPU the page says what works', async () => {
    await visit('?noAdapter', { theme }, async (page) => {
      await page.getByRole('heading', { name: 'gave the page no GPU' }).waitFor();
      await button(page, /^Runs/).waitFor();
    });
  });
});

test('after a reload the interrupted run is offered and goes on', async () => {
  await visit('?pace=1&kept=quiet-heron', {}, async (page) => {
    await page.getByText('Continue run quiet-heron from step 214?').waitFor();
    await button(page, 'Continue').click();
    await page.getByText('All epochs are done.').waitFor();
  });
});

test('a run of files asks for its folder again before it goes on', async () => {
  await visit('?pace=1&kept=quiet-heron,brave-lynx', {}, async (page) => {
    await button(page, /^Runs/).click();
    await button(page, 'Continue brave-lynx').click();
    await page.getByText('choose “walks” again').waitFor();
    await page.getByLabel('Choose a folder').setInputFiles('test/ui/fakePage');
    await page.getByText('All epochs are done.').waitFor();
  });
});

test('a run whose folder the browser lets the page read again goes on without asking for it', async () => {
  await visit('?pace=1&kept=quiet-heron,brave-lynx&folder', {}, async (page) => {
    await button(page, /^Runs/).click();
    await button(page, 'Continue brave-lynx').click();
    await page.getByText('All epochs are done.').waitFor();
    const paths = await page.evaluate(() =>
      (globalThis as unknown as { startedWith: RunConfig[] }).startedWith.map(
        ({ data }) => data.kind === 'files' && data.files.map(({ path }) => path),
      ),
    );
    expect(paths).toEqual([['walks/a.bvh']]);
  });
});

test('a picked folder is read with the way back to it; an empty one is said to be empty', async () => {
  await visit('?pace=1', {}, async (page) => {
    await page.evaluate(() => {
      const folders = ['nothing', 'walks'];
      Object.assign(globalThis, {
        async showDirectoryPicker() {
          const root = await navigator.storage.getDirectory();
          const folder = await root.getDirectoryHandle(folders.shift()!, { create: true });
          if (folder.name === 'walks') await folder.getFileHandle('a.bvh', { create: true });
          return folder;
        },
      });
    });
    await page.getByText('Choose a folder').click();
    await page.getByText('No files were found').waitFor();
    await page.getByText('Choose a folder').click();
    await button(page, 'Start training').click();
    await page.getByText('All epochs are done.').waitFor();
    const folder = await page.evaluate(() => {
      const [config] = (globalThis as unknown as { startedWith: RunConfig[] }).startedWith;
      return config?.data.kind === 'files' && config.data.folder?.name;
    });
    expect(folder).toBe('walks');
  });
});

test('the narrow page stacks without scrolling sideways', async () => {
  await visit('?pace=1', { width: 400 }, async (page) => {
    await button(page, 'Train the demo').click();
    await page.getByText('All epochs are done.').waitFor();
    await page.locator('.uplot').nth(3).waitFor();
    const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(wide).toBeLessThanOrEqual(inner);
  });
});

test('the view turns, steps and plays by keyboard', async () => {
  await visit('?pace=1', { reducedMotion: true }, async (page) => {
    await button(page, 'Train the demo').click();
    await page.getByText('All epochs are done.').waitFor();
    const slider = page.getByRole('slider', { name: 'Position in the clip' });
    await slider.focus();
    await page.keyboard.press('f');
    await page.keyboard.press('f');
    await page.keyboard.press('d');
    expect(await slider.inputValue()).toBe('1');
    await page.keyboard.press('l');
    expect(await slider.inputValue()).toBe('51');
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^1\.02 s, frame 52 of 90, P1 \d/);
    const stage = page.getByRole('application');
    const before = await stage.getAttribute('aria-label');
    await stage.focus();
    await page.keyboard.press('ArrowRight');
    expect(await stage.getAttribute('aria-label')).not.toBe(before);
  });
});

/** What the scenes of the demo show now. */
const previewPictures = (page: Page) =>
  page
    .locator('figure canvas')
    .evaluateAll((canvases) => canvases.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));

test.each([false, true])(
  'the demo moves while it is prepared, unless motion is reduced (%s)',
  async (reducedMotion) => {
    await visit('?pace=30', { reducedMotion }, async (page) => {
      await button(page, 'Train the demo').click();
      await page.getByText('drawn in this page').waitFor();
      await page.locator('figure canvas').nth(3).waitFor();
      const first = await previewPictures(page);
      expect(await axeViolations(page)).toEqual([]);
      if (reducedMotion) expect(await previewPictures(page)).toEqual(first);
      else await expect.poll(() => previewPictures(page)).not.toEqual(first);
      await page.getByText('3D prediction').waitFor();
      expect(await page.locator('figure').filter({ hasText: 'drawn in this page' }).count()).toBe(0);
    });
  },
);
