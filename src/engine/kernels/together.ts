// A workgroup that makes a few outputs of many terms: its invocations share out the terms of each output and fold their
// parts through workgroup memory, which saves a GPU the second dispatch of sums cut into chunks.
import { variable, type Index } from '../graph/indexing';
import type { KernelBuilder } from './builder';
import type { Call } from './call';
import { exchanged } from './exchange';
import { foldGroups } from './grid';
import { neighbours, type Lanes } from './lanes';
import type { Target } from './target';

/** Invocations of a workgroup. */
const TEAM = 256;
/** Terms that one of them reads at most, one after the other. */
const MOST_TERMS = 128;
/** Terms that are read before the first of them is added: a GPU waits for memory longer than for anything else. */
const AHEAD = 4;

/** What an output takes: sums that are folded, and walks over its terms. */
export interface Effort {
  readonly sums: number;
  readonly walks: number;
}

/** Whether a workgroup can make a few of the outputs of so many terms. */
export function fitsTogether(outputs: number, terms: number, { sums, walks }: Effort, target: Target): boolean {
  const room = sums * TEAM * 16 <= target.workgroupStorageBytes;
  return !target.software && room && terms * walks <= MOST_TERMS * (TEAM / besideOf(outputs));
}

/** Outputs that lie side by side in a workgroup: as many as leave enough workgroups, four at least to read in a row. */
function besideOf(outputs: number): number {
  return [16, 8, 4, 2].find((count) => outputs >= count * (count > 4 ? 32 : 1)) ?? 1;
}

interface Outputs {
  /** Outputs, or groups of four where `lanes` is 4. */
  readonly outputs: number;
  readonly lanes: Lanes;
  /** Whether neighbouring terms lie side by side in memory, rather than neighbouring outputs. */
  readonly termsBeside: boolean;
}

export class Together {
  /** Flat position of this invocation's output. */
  readonly out: Index;
  /** Invocations that share out the terms of an output. */
  readonly share: number;
  readonly #builder: KernelBuilder;
  readonly #outputs: number;
  /** Distance in `local.x` between invocations of one output, and WGSL of the first one of this output. */
  readonly #apart: number;
  readonly #head: string;
  readonly #grid: { readonly x: number; readonly y: number };

  constructor(builder: KernelBuilder, { outputs, lanes, termsBeside }: Outputs) {
    const beside = besideOf(outputs);
    const share = TEAM / beside;
    this.share = share;
    const { x, y, group } = foldGroups(Math.ceil(outputs / beside), builder.target);
    // Neighbours in memory go to neighbouring invocations.
    const [column, row] = termsBeside
      ? [`local.x / ${share}u`, `local.x % ${share}u`]
      : [`local.x % ${beside}u`, `local.x / ${beside}u`];
    builder.line(`let column = ${column};`);
    builder.line(`let own_out = ${group} * ${beside}u + column;`);
    builder.line(`let out = min(own_out, ${outputs - 1}u);`);
    builder.line(`let row = ${row};`);
    this.out = neighbours(variable('out', outputs), lanes);
    this.#builder = builder;
    this.#outputs = outputs;
    this.#apart = termsBeside ? 1 : beside;
    this.#head = termsBeside ? `column * ${share}u` : 'column';
    this.#grid = { x, y };
  }

  /** Runs `body` for each of this invocation's terms. */
  each(terms: number, body: (term: Index) => void): void {
    const { share } = this;
    const builder = this.#builder;
    const walk = (from: number, to: number, ahead: number): void => {
      if (from >= to) return;
      builder.block(`for (var k = row + ${from}u; k < ${builder.bound(to)}; k += ${ahead * share}u)`, () => {
        for (let i = 0; i < ahead; i++) {
          const term = i === 0 ? 'k' : builder.let(`k + ${i * share}u`, 'k');
          body(variable(term, terms));
        }
      });
    };
    const whole = terms - (terms % (AHEAD * share));
    walk(0, whole, AHEAD);
    walk(whole, terms, 1);
  }

  /** WGSL of the whole sums, from the parts that each invocation holds. */
  fold(parts: readonly string[], type: string): string[] {
    const shares = { row: 'row', share: this.share, apart: this.#apart, team: TEAM };
    return foldParts(this.#builder, parts, type, shares).map((name) => `${name}[${this.#head}]`);
  }

  /** Runs `store` in one invocation of each output, and finishes the kernel. */
  finish(store: () => void, flops: number): Call {
    this.#builder.block(`if (row == 0u && own_out < ${this.#outputs}u)`, store);
    return this.#builder.finish({ x: this.#grid.x * TEAM, y: this.#grid.y, size: [TEAM, 1] }, flops);
  }
}

export interface Shares {
  /** WGSL of an invocation's number among those that share a sum, and how many these are: a power of two. */
  readonly row: string;
  readonly share: number;
  /** Distance in `local.x` between them. */
  readonly apart: number;
  /** Invocations of the workgroup. */
  readonly team: number;
}

/**
 * Adds up the parts that the invocations of a workgroup hold; all of them must get here. Returns arrays in workgroup
 * memory, where the sum lies at the place of its first invocation: those in `memory` that are free, or new ones.
 */
export function foldParts(
  builder: KernelBuilder,
  parts: readonly string[],
  type: string,
  { row, share, apart, team }: Shares,
  memory: readonly string[] = [],
): string[] {
  const near = Math.max(1, Math.min(share, builder.target.neighbours / apart));
  if (near > 1) builder.useExchange();
  const arrays = parts.map((part, k) => {
    const name = memory[k] ?? builder.fresh('parts');
    if (memory[k] === undefined) builder.declare(`var<workgroup> ${name}: array<${type}, ${team}>;`);
    builder.line(`${name}[local.x] = ${exchanged(builder, part, near, (a, b) => `(${a} + ${b})`, apart)};`);
    return name;
  });
  builder.line('workgroupBarrier();');
  if (near === share) return arrays;
  builder.block(`for (var half = ${builder.bound(share / 2)}; half >= ${near}u; half /= 2u)`, () => {
    builder.block(`if (${row} < half)`, () => {
      for (const name of arrays) builder.line(`${name}[local.x] += ${name}[local.x + half * ${apart}u];`);
    });
    builder.line('workgroupBarrier();');
  });
  return arrays;
}
