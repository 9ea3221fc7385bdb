// The loop that all attention kernels share: own tokens in registers, all other tokens passing by.
//
// On a CPU each invocation keeps several own tokens, since loads are dear there and every loaded row then serves
// all of them. On a GPU each invocation keeps one, and the others pass through workgroup memory in tiles that the
// whole workgroup shares; short sequences put several (batch, head) pairs into one workgroup.
import { add, constant, scale, variable, type Index } from '../../graph/indexing';
import type { KernelBuilder } from '../builder';
import type { Call } from '../call';
import type { Target } from '../target';
import { groupChannels, groupsOf, headIndex, HeadReader, wholeGroup, type Heads } from './heads';

export interface TokenOptions {
  readonly pairs: number;
  /** Tokens that invocations own, and tokens that pass by. */
  readonly own: number;
  readonly other: number;
  /** Own tokens per invocation on a CPU. */
  readonly rows: number;
  /** Operands whose rows pass by. */
  readonly passing: readonly Heads[];
  /** Own tokens see only others up to themselves (`before`) or from themselves on (`after`). */
  readonly causal: 'before' | 'after' | null;
}

const SIZE = 64;
const TILE_TOKENS = 64;

export class TokenKernel {
  readonly pair: Index;
  /** Own tokens; those beyond the end repeat the last. */
  readonly rows: readonly Index[];
  readonly #builder: KernelBuilder;
  readonly #options: TokenOptions;
  readonly #staged: boolean;
  readonly #inside: readonly (string | null)[];
  readonly #grid: { x: number; y?: number; size?: readonly [number, number] };
  /** Staged: pairs and own tokens per workgroup, tokens per tile. */
  readonly #pairsPerGroup: number = 1;
  readonly #tile: number = 1;

  constructor(builder: KernelBuilder, target: Target, options: TokenOptions) {
    this.#builder = builder;
    this.#options = options;
    this.#staged = !target.software;
    const { pairs, own } = options;
    this.pair = variable('pair', pairs);
    if (!this.#staged) {
      const count = Math.min(options.rows, own);
      const tiles = Math.ceil(own / count);
      builder.line(`let pair = ix / ${tiles}u;`);
      builder.line(`let first = (ix % ${tiles}u) * ${count}u;`);
      const ragged = own % count !== 0;
      this.rows = Array.from({ length: count }, (_, r) => {
        if (!ragged) return add(scale(variable('tile', tiles), count), constant(r));
        return variable(builder.let(`min(first + ${r}u, ${own - 1}u)`, 'row'), own);
      });
      if (!ragged) builder.line(`let tile = ix % ${tiles}u;`);
      this.#inside = this.rows.map((_, r) => (ragged && r > 0 ? `first + ${r}u < ${own}u` : null));
      this.#grid = { x: pairs * tiles };
      return;
    }
    const span = Math.min(SIZE, own);
    const vectors = options.passing.reduce((sum, one) => sum + groupsOf(one), 0);
    const room = Math.floor(target.workgroupStorageBytes / 16 / vectors);
    this.#pairsPerGroup = Math.max(
      1,
      Math.min(Math.floor(SIZE / span), pairs, Math.floor(room / Math.min(options.other, 16))),
    );
    this.#tile = Math.max(1, Math.min(TILE_TOKENS, options.other, Math.floor(room / this.#pairsPerGroup)));
    const chunks = Math.ceil(own / span);
    const groups = Math.ceil(pairs / this.#pairsPerGroup) * chunks;
    const y = Math.ceil(groups / target.workgroupsPerDimension);
    const x = Math.ceil(groups / y);
    // Every invocation must reach the barriers: surplus ones repeat somebody's work and store nothing.
    builder.line(`let group = workgroup.y * ${x}u + workgroup.x;`);
    builder.line(`let first_pair = (group / ${chunks}u) * ${this.#pairsPerGroup}u;`);
    builder.line(`let first = (group % ${chunks}u) * ${span}u;`);
    builder.line(`let slot = min(local.x / ${span}u, ${this.#pairsPerGroup - 1}u);`);
    builder.line(`let pair = min(first_pair + slot, ${pairs - 1}u);`);
    builder.line(`let row = min(first + local.x % ${span}u, ${own - 1}u);`);
    this.rows = [variable('row', own)];
    this.#inside = [
      `local.x < ${this.#pairsPerGroup * span}u && first_pair + slot < ${pairs}u && first + local.x % ${span}u < ${own}u`,
    ];
    this.#grid = { x: x * SIZE, y, size: [SIZE, 1] };
    builder.declare(`var<workgroup> tile_rows: array<vec4<f32>, ${this.#pairsPerGroup * this.#tile * vectors}>;`);
  }

  /** Runs `body` for every other token, with that token's rows of the passing operands. */
  pass(body: (token: Index, rows: readonly (readonly string[])[]) => void): void {
    const { other, passing } = this.#options;
    const builder = this.#builder;
    const [from, to] = this.#range();
    if (!this.#staged) {
      const readers = passing.map((one) => new HeadReader(builder, one, this.pair));
      builder.block(`for (var token = ${from}; token < ${to}; token++)`, () => {
        const token = variable('token', other);
        body(
          token,
          readers.map((one) => one.read(token)),
        );
      });
      return;
    }
    builder.block(`for (var start = ${from}; start < ${to}; start += ${this.#tile}u)`, () => {
      builder.line('workgroupBarrier();');
      let offset = 0;
      const offsets = passing.map((one) => {
        const own = offset;
        this.#stage(one, own);
        offset += this.#pairsPerGroup * this.#tile * groupsOf(one);
        return own;
      });
      builder.line('workgroupBarrier();');
      // Written so that Mesa does not guess the loop's length and unroll it.
      builder.line(`let count = select(${to} - start, ${this.#tile}u, start + ${this.#tile}u <= ${to});`);
      builder.block('for (var step = 0u; step < count; step++)', () => {
        builder.line('let token = start + step;');
        body(
          variable('token', other),
          passing.map((one, k) => {
            const groups = groupsOf(one);
            const base = builder.let(`${offsets[k] ?? 0}u + (slot * ${this.#tile}u + step) * ${groups}u`, 'base');
            return Array.from({ length: groups }, (_, group) => builder.let(`tile_rows[${base} + ${group}u]`));
          }),
        );
      });
    });
  }

  /** Runs `body` for own token number r, where it may store. */
  finishRow(r: number, body: () => void): void {
    const inside = this.#inside[r] ?? null;
    if (inside === null) body();
    else this.#builder.block(`if (${inside})`, body);
  }

  finish(flops: number): Call {
    return this.#builder.finish(this.#grid, flops);
  }

  /** First and last other token (exclusive) that any own token of this workgroup or invocation sees. */
  #range(): [string, string] {
    const { own, other, causal, rows } = this.#options;
    const builder = this.#builder;
    const end = builder.bound(other);
    if (causal === 'before') {
      const span = this.#staged ? Math.min(SIZE, own) : Math.min(rows, own);
      return ['0u', builder.let(`min(first + ${span}u, ${end})`, 'end')];
    }
    // Own tokens beyond the last other one see nobody.
    return [causal === 'after' ? builder.let(`min(first, ${end})`, 'start') : '0u', end];
  }

  /** Copies one tile of an operand into workgroup memory. */
  #stage(operand: Heads, offset: number): void {
    const builder = this.#builder;
    const { pairs, other } = this.#options;
    const groups = groupsOf(operand);
    const total = this.#pairsPerGroup * this.#tile * groups;
    builder.block(`for (var i = local.x; i < ${total}u; i += ${SIZE}u)`, () => {
      builder.line(`let group_of_four = i % ${groups}u;`);
      builder.line(`let staged_token = min(start + (i / ${groups}u) % ${this.#tile}u, ${other - 1}u);`);
      builder.line(`let staged_pair = min(first_pair + i / ${groups * this.#tile}u, ${pairs - 1}u);`);
      const pair = variable('staged_pair', pairs);
      const token = variable('staged_token', other);
      const group = variable('group_of_four', groups);
      let value: string;
      if (wholeGroup(operand, groups - 1)) {
        value = builder.load(operand.tensor, headIndex(operand, pair, token, groupChannels(group)), 4);
      } else {
        const parts = [0, 1, 2, 3].map((k) => {
          const at = builder.let(`min(group_of_four * 4u + ${k}u, ${operand.width - 1}u)`, 'channel');
          const one = builder.load(operand.tensor, headIndex(operand, pair, token, variable(at, operand.width)));
          return `select(0.0, ${one}, group_of_four * 4u + ${k}u < ${operand.width}u)`;
        });
        value = builder.let(`vec4<f32>(${parts.join(', ')})`);
      }
      builder.line(`tile_rows[${offset}u + i] = ${value};`);
    });
  }
}
