// The Try screen as a tool drives it: what the page says, weights chosen, settings filled in.
import type { Page } from 'playwright';
import type { Settings } from '../src/models/settings';
import type { Task } from '../src/models/task';
import type { JudgedResult } from '../src/training/judging/judgedResult';
import type { WeightGuess, WeightsSaid } from '../src/training/judging/judgeProtocol';
import type { ErrorReport } from '../src/training/protocol';
import { readSetting } from '../src/ui/config/settingValues';
import type { TaskFindings } from '../src/ui/judged/taskFindings';
import { numberIn } from './commandLine';
import type { TryOptions } from './tryOptions';

export const silenceMinutes = 10;
const taskFiles = import.meta.glob<{ task: Task }>('../src/models/*/task.ts', { eager: true });

/** What the page says on its way; results only once they are whole, unless all are asked for. */
export type Said =
  | { readonly type: 'weights'; readonly said: WeightsSaid }
  | { readonly type: 'failed'; readonly error: ErrorReport }
  | { readonly type: 'ready'; readonly plannedBytes: number; readonly weightBytes: number }
  | { readonly type: 'items'; readonly names: readonly string[] }
  | { readonly type: 'result'; readonly item: number; readonly result: JudgedResult }
  | { readonly type: 'refused'; readonly item: number; readonly error: ErrorReport };

declare global {
  // Playwright puts the function of exposeFunction here.
  var tabtuneTrySend: (event: Said) => Promise<void>;
}

/** Waits for what the page says, in its order. */
export class Hearing {
  readonly #waiting: Said[] = [];
  #wake: (() => void) | null = null;
  #end: Error | null = null;

  hear(event: Said): void {
    this.#waiting.push(event);
    this.#wake?.();
  }

  /** How much the page has said that nobody asked for yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  fail(message: string): void {
    this.#end = new Error(message);
    this.#wake?.();
  }

  async next(): Promise<Said> {
    let silence: NodeJS.Timeout | undefined;
    while (this.#waiting.length === 0) {
      if (this.#end) throw this.#end;
      silence ??= setTimeout(
        () => this.fail(`The page has said nothing for ${silenceMinutes} minutes.`),
        silenceMinutes * 60_000,
      );
      await new Promise<void>((wake) => (this.#wake = wake));
    }
    clearTimeout(silence);
    const event = this.#waiting.shift()!;
    if (event.type === 'failed') throw new Error(event.error.message);
    return event;
  }
}

/** Must be called before the page is opened. */
export async function observe(page: Page, everyResult = false): Promise<Hearing> {
  const hearing = new Hearing();
  await page.exposeFunction('tabtuneTrySend', (event: Said) => hearing.hear(event));
  await page.addInitScript((all) => {
    // Results on the way are for those who watch.
    globalThis.tabtuneTryObserver = (event) => {
      const heard = ['weights', 'failed', 'ready', 'items', 'refused'].includes(event.type);
      if (heard || (event.type === 'result' && (all || event.result.whole)))
        void globalThis.tabtuneTrySend(event as Said);
    };
  }, everyResult);
  page.on('crash', () => hearing.fail('The page crashed.'));
  page.on('pageerror', (error) => hearing.fail(`The page threw: ${error.stack ?? error.message}`));
  return hearing;
}

/** Chooses the weights, and among guesses the preset that was asked for. Throws where they are not what they should be. */
export async function chooseWeights(page: Page, hearing: Hearing, options: TryOptions): Promise<Task> {
  await page.getByLabel('Choose weights', { exact: true }).setInputFiles(options.weights);
  const heard = await hearing.next();
  if (heard.type !== 'weights') throw new Error(`The page said ${heard.type} before it read the weights.`);
  const { card, guesses } = heard.said;
  const guess = guesses.findIndex(({ task, preset }) =>
    [task === options.task || options.task === undefined, preset === options.preset].every(Boolean),
  );
  if (card === null && guess < 0) {
    const fits = guesses.map(({ task, preset }) => `--task ${task} --preset ${preset}`).join(', ');
    throw new Error(
      `These weights do not say what they are. ${fits === '' ? 'They fit nothing.' : `They fit ${fits}.`}`,
    );
  }
  if (card === null) {
    await page.getByLabel(/By their shapes they fit/).selectOption(String(guess));
    await nameClasses(page, guesses[guess]!, options);
  }
  const name = card?.task ?? guesses[guess]!.task;
  if (options.task !== undefined && options.task !== name)
    throw new Error(`These are weights of ${name}, not of ${options.task}.`);
  return taskFiles[`../src/models/${name}/task.ts`]!.task;
}

async function nameClasses(page: Page, guess: WeightGuess, { classes, vocabulary }: TryOptions): Promise<void> {
  if (guess.classes === 0) return;
  const wanted = guess.moreClasses ? 'its class names' : `its ${guess.classes} class names`;
  if (classes === undefined) throw new Error(`These weights do not say ${wanted}: give them by --classes FILE.`);
  await page.getByLabel('Read names from a file', { exact: true }).setInputFiles(classes);
  if (guess.vocabulary && vocabulary === undefined)
    throw new Error('Their texts are read by CLIP’s vocabulary: give it by --vocabulary FILE.');
  if (vocabulary !== undefined) await page.getByLabel('Choose bpe_simple_vocab_16e6.txt.gz').setInputFiles(vocabulary);
}

/** Fills the fields of settings that count from the next files on; gives back those that act live. */
export async function change(
  page: Page,
  task: Task,
  findings: TaskFindings,
  wanted: TryOptions['settings'],
): Promise<Settings> {
  const live: Record<string, number> = {};
  for (const [key, text] of Object.entries(wanted)) {
    const parameter = findings.live.find((one) => one.key === key);
    if (parameter !== undefined) {
      live[key] = numberIn(`--set ${key}`, text, { least: parameter.minimum, most: parameter.maximum });
      continue;
    }
    const setting = task.settings.find((one) => one.key === key);
    if (setting === undefined) throw new Error(`${task.name} has no setting ${key}.`);
    if (!readSetting(setting, text).ok) throw new Error(`${task.name} does not take ${key}=${text}.`);
    const field = page.locator(`#try-${key}`);
    await page.locator('details:has(.field)', { hasText: 'Settings of this model' }).evaluate((details) => {
      (details as HTMLDetailsElement).open = true;
    });
    if (setting.kind === 'choice' || setting.kind === 'switch') await field.selectOption(text);
    else {
      await field.fill(text);
      await field.blur();
    }
  }
  return live;
}
