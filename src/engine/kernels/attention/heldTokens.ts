// Attention's loop where loads are dear: an invocation holds several own tokens, and every passing row serves all.
//
// Where subgroups have a known size, a subgroup shares a pair, each lane loads a part of the row and hands it to the
// others; elsewhere every invocation loads it for itself.
import { variable, type Index } from '../../graph/indexing';
import type { KernelBuilder } from '../builder';
import type { Call } from '../call';
import { foldGroups } from '../grid';
import { literal } from '../literal';
import type { Target } from '../target';
import { dot, groupsOf, HeadReader, storeGroup, type Heads } from './heads';
import type { Held, Passing, TokenKernel, TokenOptions } from './tokenKernel';

/** Invocations of a workgroup. */
const SIZE = 64;

interface Way {
  readonly kind: 'subgroup' | 'plain';
  /** Most own tokens of an invocation. */
  readonly rows: number;
}

/**
 * Own tokens in private arrays, one for each component of their vectors: what is written at places known at run time
 * Mesa compiles in half the time as single numbers.
 */
interface HeldArrays extends Held {
  readonly names: readonly string[];
}

export class HeldTokens implements TokenKernel {
  readonly pair: Index;
  readonly rows: readonly Index[];
  readonly builder: KernelBuilder;
  readonly #options: TokenOptions;
  readonly #kind: Way['kind'];
  readonly #layout: Layout;
  readonly #grid: { x: number; y: number; size: readonly [number, number] };
  readonly #arrays = new Map<Held, HeldArrays>();

  constructor(builder: KernelBuilder, options: TokenOptions, way: Way) {
    this.builder = builder;
    this.#options = options;
    this.#kind = way.kind;
    const { target } = builder;
    const layout = layoutOf(target, options, way);
    this.#layout = layout;
    const { pairs, own } = options;
    const { x, y, group } = foldGroups(layout.workgroups, target);
    this.#grid = { x: x * SIZE, y, size: [SIZE, 1] };
    builder.line(`let unit = ${group} * ${layout.pairsPerGroup}u + local.x / ${layout.stride}u;`);
    builder.line(`let own_pair = unit / ${layout.tiles}u;`);
    builder.line(`let tile_start = (unit % ${layout.tiles}u) * ${layout.span}u;`);
    builder.line(`let place = local.x % ${layout.stride}u;`);
    // Surplus invocations repeat somebody's work and store nothing.
    builder.line(`let mine = own_pair < ${pairs}u;`);
    builder.line(`let pair = min(own_pair, ${pairs - 1}u);`);
    builder.line('let first = tile_start + place;');
    this.pair = variable('pair', pairs);
    this.rows = Array.from({ length: layout.rows }, (_, r) =>
      variable(builder.let(`min(first + ${r * layout.stride}u, ${own - 1}u)`, 'row'), own),
    );
  }

  hold(operand: Heads, factor = 1): Held {
    const builder = this.builder;
    const held = this.#declare(operand);
    const reader = new HeadReader(builder, operand, this.pair);
    this.#each(held.groups, (row, group) => {
      const value = reader.group(row, group);
      this.#write(held, 'i', factor === 1 ? value : `${value} * ${literal(factor, 'f32')}`);
    });
    return held;
  }

  sums(output: Heads): Held {
    return this.#declare(output);
  }

  pass(body: (tokens: readonly Passing[]) => void): void {
    const { other, passing, numbers } = this.#options;
    const builder = this.builder;
    const [from, to] = this.#range();
    const token = variable('token', other);
    const read = passing.map((one) => this.#rowReader(one));
    builder.block(`for (var token = ${from}; token < ${to}; token++)`, () => {
      const rows = read.map((one) => one(token));
      const found = numbers?.read(builder, this.pair, token) ?? [];
      body([{ token, row: (operand) => rows[operand] as string[], numbers: found, inside: null }]);
    });
  }

  dot(a: readonly string[], b: readonly string[]): string {
    return dot(this.builder, a, b);
  }

  whole(parts: readonly string[]): readonly string[] {
    return parts;
  }

  once(r: number, body: () => void): void {
    const { stride } = this.#layout;
    this.builder.block(`if (mine && first + ${r * stride}u < ${this.#options.own}u)`, body);
  }

  store(output: Heads, sums: Held, factor: (r: number) => string, fused = true): void {
    const builder = this.builder;
    const held = this.#arrays.get(sums) as HeldArrays;
    this.rows.forEach((_, r) => {
      for (let group = 0; group < sums.groups; group++) sums.set(r, group, `${sums.at(r, group)} * ${factor(r)}`);
    });
    this.#each(held.groups, (row, group, inside) => {
      builder.block(`if (mine && ${inside})`, () => {
        const value = builder.let(vector(held, 'i'));
        storeGroup(builder, output, { pair: this.pair, token: row, group }, value, fused);
      });
    });
  }

  finish(flops: number): Call {
    return this.builder.finish(this.#grid, flops);
  }

  #declare(operand: Heads): HeldArrays {
    const groups = groupsOf(operand);
    const names = [0, 1, 2, 3].map(() => this.builder.fresh('held'));
    for (const name of names) this.builder.line(`var ${name}: array<f32, ${groups * this.rows.length}>;`);
    const place = (row: number, group: number): string => `${row * groups + group}`;
    const held: HeldArrays = {
      names,
      groups,
      at: (row, group) => vector(held, place(row, group)),
      set: (row, group, value) => this.#write(held, place(row, group), value),
    };
    this.#arrays.set(held, held);
    return held;
  }

  #write({ names }: HeldArrays, place: string, value: string): void {
    const four = this.builder.let(value, 'four');
    names.forEach((name, k) => this.builder.line(`${name}[${place}] = ${four}[${k}];`));
  }

  /** Every vector of every own token, number i, in a loop: Mesa takes long to compile many loads and stores. */
  #each(groups: number, body: (row: Index, group: Index, inside: string) => void): void {
    const builder = this.builder;
    const { own } = this.#options;
    const { stride } = this.#layout;
    const bound = builder.bound(groups * this.rows.length);
    builder.block(`for (var i = 0u; i < ${bound}; i++)`, () => {
      builder.line(`let wanted_row = first + (i / ${groups}u) * ${stride}u;`);
      builder.line(`let held_row = min(wanted_row, ${own - 1}u);`);
      builder.line(`let held_group = i % ${groups}u;`);
      const row = variable('held_row', own);
      body(row, variable('held_group', groups), `wanted_row < ${own}u`);
    });
  }

  /** Reads a passing row: each lane of a subgroup loads a part of it. */
  #rowReader(operand: Heads): (token: Index) => string[] {
    const builder = this.builder;
    const reader = new HeadReader(builder, operand, this.pair);
    const groups = groupsOf(operand);
    if (this.#kind === 'plain') {
      if (groups <= 8) return (token) => reader.read(token);
      const name = builder.fresh('passing');
      builder.line(`var ${name}: array<vec4<f32>, ${groups}>;`);
      const bound = builder.bound(groups);
      return (token) => {
        builder.block(`for (var part = 0u; part < ${bound}; part++)`, () => {
          builder.line(`${name}[part] = ${reader.group(token, variable('part', groups))};`);
        });
        return Array.from({ length: groups }, (_, group) => `${name}[${group}]`);
      };
    }
    const size = this.#layout.stride;
    const lane = builder.useSubgroups();
    const parts = Array.from({ length: Math.ceil(groups / size) }, (_, part) =>
      variable(builder.let(`min(${lane} + ${part * size}u, ${groups - 1}u)`, 'part'), groups),
    );
    return (token) => {
      const loaded = parts.map((part) => reader.group(token, part));
      return Array.from({ length: groups }, (_, group) =>
        builder.let(`subgroupBroadcast(${loaded[Math.floor(group / size)] ?? ''}, ${group % size}u)`),
      );
    };
  }

  /** First and last other token (exclusive) that any own token of this subgroup sees. */
  #range(): [string, string] {
    const { other, causal } = this.#options;
    const builder = this.builder;
    const end = builder.bound(other);
    if (causal === 'before') return ['0u', builder.let(`min(tile_start + ${this.#layout.span}u, ${end})`, 'end')];
    return [causal === 'after' ? builder.let(`min(tile_start, ${end})`, 'start') : '0u', end];
  }
}

/** WGSL of one vector. */
function vector({ names }: HeldArrays, place: string): string {
  return `vec4<f32>(${names.map((name) => `${name}[${place}]`).join(', ')})`;
}

interface Layout {
  /** Own tokens per invocation, and how far apart they lie. */
  readonly rows: number;
  readonly stride: number;
  /** Own tokens that a tile covers, and tiles per pair. */
  readonly span: number;
  readonly tiles: number;
  /** (pair, tile) units side by side in a workgroup. */
  readonly pairsPerGroup: number;
  readonly workgroups: number;
}

function layoutOf(target: Target, { pairs, own }: TokenOptions, { kind, rows: most }: Way): Layout {
  const team = kind === 'subgroup' ? target.subgroupSize : 1;
  const tiles = Math.ceil(own / (team * most));
  const rows = Math.ceil(own / (team * tiles));
  const pairsPerGroup = SIZE / team;
  const workgroups = Math.ceil((pairs * tiles) / pairsPerGroup);
  return { rows, stride: team, span: team * rows, tiles, pairsPerGroup, workgroups };
}
