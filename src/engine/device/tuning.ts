// Finds out by trial which way of making a kernel is fastest on this adapter, once for every class of shapes.
//
// What was found is kept under the adapter's name, so that the next program of these shapes is compiled at once. What is
// not known yet, and may not be measured, is left to the kernels' best guess.
import type { Call } from '../kernels/call';
import type { Chooser } from '../kernels/choice';
import type { PlannedProgram } from '../passes/plan';
import { timeCalls } from './kernelTime';
import { Pipelines } from './pipelines';

/** Names of the fastest ways by key. */
export type Winners = ReadonlyMap<string, string>;

/** Keeps winners between visits. */
export interface TuningStore {
  read(adapter: string): Promise<Winners>;
  write(adapter: string, winners: Winners): Promise<void>;
}

export interface TuningOptions {
  /** What the winners are kept under: adapters of one name are taken to be alike. */
  readonly adapter: string;
  /** Winners that come with the program and are not tried again; what the store holds counts more. */
  readonly shipped?: Winners;
  readonly store?: TuningStore;
  /** Whether to try out what is not known. */
  readonly measure: boolean;
  /** Time that one program's trials may take; what is left is tried another time. */
  readonly seconds?: number;
  /** Hears of every question that was answered: milliseconds of all ways, the best guess first. */
  readonly onLearnt?: (key: string, times: ReadonlyMap<string, number>, taken: string) => void;
}

/** What makes programs needs no more of tuning than this. */
export type Tuner = Pick<Tuning, 'choose' | 'learn'>;

/** Another way must be faster by this factor to be taken instead of the best guess: trials are noisy. */
const CLEARLY = 0.95;
const SECONDS = 20;

export class Tuning {
  readonly #options: TuningOptions;
  readonly #learnt: Map<string, string>;

  private constructor(options: TuningOptions, learnt: Winners) {
    this.#options = options;
    this.#learnt = new Map(learnt);
  }

  /** Reads what is known of the adapter; without a readable store that is what was shipped. */
  static async open(options: TuningOptions): Promise<Tuning> {
    const known = await options.store?.read(options.adapter).catch(() => new Map<string, string>());
    return new Tuning(options, known ?? new Map<string, string>());
  }

  /** The same knowledge without further trials: for a run that must go on as it began. */
  get settled(): Tuning {
    return new Tuning({ ...this.#options, measure: false }, this.#learnt);
  }

  readonly choose: Chooser = (key) => this.#learnt.get(key) ?? this.#options.shipped?.get(key);

  /** All that is known, for tables and tests. */
  get winners(): Winners {
    return new Map([...(this.#options.shipped ?? []), ...this.#learnt]);
  }

  /**
   * Tries the ways of every kernel whose class of shapes is not known, and keeps the winners. Returns whether anything
   * was learnt: then plan anew. `progress` counts trials; what it throws ends them, and what was learnt until then is
   * kept.
   */
  async learn(
    device: GPUDevice,
    programs: readonly PlannedProgram[],
    progress: (done: number, total: number) => void = () => undefined,
  ): Promise<boolean> {
    if (!this.#options.measure) return false;
    const open = openQuestions(programs, this.choose);
    const total = [...open.values()].reduce((sum, { variants }) => sum + variants.length, 0);
    const until = performance.now() + (this.#options.seconds ?? SECONDS) * 1000;
    const before = this.#learnt.size;
    const pipelines = new Pipelines(device);
    let done = 0;
    try {
      for (const [key, question] of open) {
        const times = new Map<string, number>();
        for (const variant of question.variants) {
          progress(done++, total);
          const enough = 2 * Math.min(Infinity, ...times.values());
          const calls = question.answered(variant);
          times.set(variant, await timeCalls(device, pipelines, calls, question.half, { enough }));
        }
        const taken = fastest(question.variants, times);
        this.#learnt.set(key, taken);
        this.#options.onLearnt?.(key, times, taken);
        if (performance.now() > until) break;
      }
    } finally {
      const { store, adapter } = this.#options;
      // Not what was shipped: the next version may know better.
      if (this.#learnt.size > before) await store?.write(adapter, this.#learnt).catch(() => undefined);
    }
    return this.#learnt.size > before;
  }
}

/** A class of shapes whose kernels can be made in several ways. */
export interface Question {
  /** The best guess first. */
  readonly variants: readonly string[];
  /** Dispatches of the first kernel that asks, made in this way. */
  readonly answered: (variant: string) => readonly Call[];
  readonly half: PlannedProgram['half'];
}

/** Questions that kernels of these programs ask and that have no answer, by key. */
export function openQuestions(programs: readonly PlannedProgram[], choose: Chooser): Map<string, Question> {
  const open = new Map<string, Question>();
  for (const program of programs) {
    for (const call of program.calls) {
      const { choice } = call;
      if (!choice || open.has(choice.key) || choose(choice.key, choice.variants) !== undefined) continue;
      const { key, variants } = choice;
      const answered = (variant: string): Call[] => {
        const calls = program.again(call, (asked, ways) => (asked === key ? variant : choose(asked, ways)));
        const first = calls.find((one) => one.choice?.key === key);
        return calls.filter((one) => one.choice === first?.choice);
      };
      open.set(key, { variants, answered, half: program.half });
    }
  }
  return open;
}

/** The fastest way; the best guess, which is the first, where none is clearly faster. */
function fastest(variants: readonly string[], times: ReadonlyMap<string, number>): string {
  const [guess = ''] = variants;
  const limit = (times.get(guess) ?? Infinity) * CLEARLY;
  const better = [...times].filter(([, milliseconds]) => milliseconds < limit).sort(([, a], [, b]) => a - b);
  return better[0]?.[0] ?? guess;
}
