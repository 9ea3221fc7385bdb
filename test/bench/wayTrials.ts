// Times the ways of making a kernel against each other, and says which is certain to be worth taking.
import { timeCalls } from '../../src/engine/device/kernelTime';
import { Pipelines } from '../../src/engine/device/pipelines';
import type { Question } from '../../src/engine/device/tuning';

/** What trials of one way gave. */
export interface Tried {
  /** Of one run, the median of all rounds. */
  readonly milliseconds: number;
  readonly least: number;
  /** What the first trial took longer than the others: mostly the driver's translation. */
  readonly translation: number;
}

/** Share of the guess's time, milliseconds less than it, and steps (a demo's) within which longer translation pays. */
const CLEAR_SHARE = 0.85;
const CLEAR_MILLISECONDS = 0.02;
const PAYS_WITHIN = 1000;
/** Idle cores would show more than this in the time on the wall. */
const NOISE = 1.1;
/** Ways that took longer than this in the first round, as a multiple of the fastest, are not tried again. */
const OUT_OF_QUESTION = 1.4;

/**
 * Tries all ways in turn, round by round, so that whatever else the machine does meets all alike. Those left over after
 * the last round come back by name, the best guess first. `clock` counts milliseconds.
 */
export async function tryWays(
  device: GPUDevice,
  question: Question,
  rounds: number,
  clock: () => number,
): Promise<Map<string, Tried>> {
  const pipelines = new Pipelines(device);
  const trials = new Map<string, { run: number[]; whole: number[] }>();
  const guess = question.variants[0]!;
  for (let round = 0; round < rounds; round++) {
    for (const way of round === 0 ? question.variants : trials.keys()) {
      const started = clock();
      const run = await timeCalls(device, pipelines, question.answered(way), question.half, { clock });
      const { run: runs, whole } = trials.get(way) ?? { run: [], whole: [] };
      trials.set(way, { run: [...runs, run], whole: [...whole, clock() - started] });
    }
    if (round > 0) continue;
    const least = Math.min(...[...trials.values()].map(({ run }) => run[0]!));
    for (const [way, { run }] of trials) if (way !== guess && run[0]! > OUT_OF_QUESTION * least) trials.delete(way);
  }
  return new Map(
    [...trials].map(([way, { run, whole }]) => {
      const [first = 0, ...later] = whole;
      const translation = later.length > 0 ? first - median(later) : 0;
      return [way, { milliseconds: median(run), least: Math.min(...run), translation }];
    }),
  );
}

/**
 * The way that is worth taking instead of the best guess; null where none is certain to be. What counts on a CPU that
 * plays the GPU is its time, which other programs do not blur, if the clock on the wall does not say the contrary: a
 * way may keep fewer cores busy.
 */
export async function provenWinner(
  device: GPUDevice,
  question: Question,
  { rounds, software }: { rounds: number; software: boolean },
): Promise<{ winner: string | null; tried: ReadonlyMap<string, Tried> }> {
  const wall = (): number => performance.now();
  const tried = await tryWays(device, question, rounds, software ? processorTime : wall);
  const winner = clearWinner(tried);
  if (winner === null) return { winner, tried };
  const variants = [question.variants[0]!, winner];
  const again = await tryWays(device, { ...question, variants }, rounds, wall);
  const [guessed, won] = variants.map((way) => again.get(way)?.least ?? Infinity) as [number, number];
  return { winner: won < NOISE * guessed ? winner : null, tried };
}

/** Of all threads of this process. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The fastest way that is faster than the guess, the first, beyond doubt; null where there is none. */
export function clearWinner(tried: ReadonlyMap<string, Tried>): string | null {
  const [guess, ...others] = tried;
  if (!guess) return null;
  const [, first] = guess;
  const clear = others.filter(([, { milliseconds, translation }]) => {
    const saved = first.milliseconds - milliseconds;
    const pays = translation - first.translation <= PAYS_WITHIN * saved;
    return milliseconds <= CLEAR_SHARE * first.milliseconds && saved >= CLEAR_MILLISECONDS && pays;
  });
  return clear.sort(([, a], [, b]) => a.milliseconds - b.milliseconds)[0]?.[0] ?? null;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
