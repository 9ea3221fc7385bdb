// Feeds a parser damaged files and reports whatever is not a UserError, takes over a second, or takes too much memory.
import { getHeapStatistics } from 'node:v8';
import { Script } from 'node:vm';
import { UserError } from '../../src/errors';
import { seededRandom } from '../../src/samples/seededRandom';
import { mutate } from './mutate';

/** A parser with good files to damage: one file of `test/fuzz/targets` each, found by its default export. */
export interface FuzzTarget {
  /** What `npm run fuzz -- NAME` calls it. */
  readonly name: string;
  /** Good files, a few hundred to a few thousand bytes each; `parse` must take them all. */
  readonly seeds: readonly Uint8Array[];
  /** Words of the format, which damaged files get in odd places. */
  readonly tokens?: readonly string[];
  /** Reads everything that the page would read of such a file, synchronously. May throw UserError alone. */
  parse(bytes: Uint8Array<ArrayBuffer>): void;
}

export interface FuzzFailure {
  readonly index: number;
  readonly what: string;
  readonly input: Uint8Array;
}

export interface FuzzReport {
  readonly inputs: number;
  /** How many ended in a UserError; the others were read. */
  readonly refused: number;
  /** At most `mostFailures`: after these the run ends. */
  readonly failures: readonly FuzzFailure[];
  readonly slowestMilliseconds: number;
  readonly largestGrowthBytes: number;
}

export const largestMilliseconds = 1000;
/**
 * A parse may make heap and array buffers grow by 4 times its input, plus this much: an error's stack trace, compiled
 * code and V8's own headers have no relation to the input, and are what is seen with inputs of a few bytes.
 */
export const growthAllowanceBytes = 2 ** 20;
const mostFailures = 5;
/** The young generation is emptied this often, so that no collection falls into a measurement and hides growth. */
const inputsPerCollection = 32;

/**
 * Parses `count` damaged copies of the target's seeds. Input `i` depends on `seed` and `i` alone (`damaged`).
 *
 * Growth is the difference of V8's used heap plus external memory (array buffers) just after and just before a parse:
 * garbage counts, since nothing is collected in between. An input that looks too slow or too large is parsed once
 * more, because the machine may have been busy or code been compiled; only what shows twice is a failure.
 */
export function fuzz(target: FuzzTarget, { count, seed }: { count: number; seed: number }): FuzzReport {
  for (const good of target.seeds) target.parse(Uint8Array.from(good));
  const failures: FuzzFailure[] = [];
  let refused = 0;
  let slowestMilliseconds = 0;
  let largestGrowthBytes = 0;
  let index = 0;
  for (; index < count && failures.length < mostFailures; index++) {
    const input = damaged(target, seed, index);
    if (index % inputsPerCollection === 0) collectYoung();
    let outcome = parseOnce(target, input);
    if (verdict(outcome, input.length) !== null) {
      collectYoung();
      outcome = parseOnce(target, input);
    }
    if (outcome.error instanceof UserError) refused++;
    slowestMilliseconds = Math.max(slowestMilliseconds, outcome.milliseconds);
    largestGrowthBytes = Math.max(largestGrowthBytes, outcome.growthBytes);
    const what = verdict(outcome, input.length);
    if (what !== null) failures.push({ index, what, input });
  }
  return { inputs: index, refused, failures, slowestMilliseconds, largestGrowthBytes };
}

/** The `index`-th damaged file of a run. */
export function damaged(target: FuzzTarget, seed: number, index: number): Uint8Array<ArrayBuffer> {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  return mutate(target.seeds[index % target.seeds.length]!, random, target.tokens);
}

interface Outcome {
  readonly error: unknown;
  readonly hung: boolean;
  readonly milliseconds: number;
  readonly growthBytes: number;
}

const slot = Symbol.for('tabtune fuzz');
/** Code run by a Script with a time limit can be stopped even inside a loop or a regular expression. */
const limited = new Script(`globalThis[Symbol.for('tabtune fuzz')]()`);

function parseOnce(target: FuzzTarget, input: Uint8Array): Outcome {
  const own = Uint8Array.from(input);
  Object.assign(globalThis, { [slot]: () => target.parse(own) });
  let error: unknown = null;
  let hung = false;
  const bytesBefore = usedBytes();
  const started = performance.now();
  try {
    limited.runInThisContext({ timeout: largestMilliseconds });
  } catch (thrown) {
    error = thrown;
    hung = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
  }
  const milliseconds = performance.now() - started;
  return { error, hung, milliseconds, growthBytes: usedBytes() - bytesBefore };
}

/** What is wrong, or null. */
function verdict({ error, hung, milliseconds, growthBytes }: Outcome, inputBytes: number): string | null {
  if (hung || milliseconds > largestMilliseconds) return `takes more than ${largestMilliseconds} ms`;
  if (error !== null && !(error instanceof UserError))
    return error instanceof Error ? (error.stack ?? error.message) : `throws ${typeof error}`;
  if (growthBytes > 4 * inputBytes + growthAllowanceBytes)
    return `takes ${growthBytes} bytes for an input of ${inputBytes}`;
  return null;
}

function usedBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

function collectYoung(): void {
  if (globalThis.gc === undefined) throw new Error('start Node with --expose-gc');
  globalThis.gc({ type: 'minor' });
}
