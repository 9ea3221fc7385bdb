// The loop that all attention kernels share: own tokens are held, all other tokens pass by.
//
// Loads are dear where a CPU plays the GPU, so there each invocation holds several own tokens and every passing row
// serves all of them; where subgroups have a known size, a subgroup shares a pair, each lane loads a part of the row
// and hands it to the others. On a GPU each invocation holds one own token, and the others pass through workgroup
// memory in tiles; short sequences put several (batch, head) pairs into one workgroup.
import { constant, variable, type Index } from '../../graph/indexing';
import type { Lowering } from '../lowering';
import type { KernelBuilder } from '../builder';
import type { Call } from '../call';
import { sizeClass } from '../choice';
import { foldGroups } from '../grid';
import { literal } from '../literal';
import type { Target } from '../target';
import { groupsOf, HeadReader, storeGroup, type Heads } from './heads';

export interface TokenOptions {
  readonly pairs: number;
  /** Tokens that invocations own, and tokens that pass by. */
  readonly own: number;
  readonly other: number;
  /** Operands whose rows pass by. */
  readonly passing: readonly Heads[];
  /** Own tokens see only others up to themselves (`before`) or from themselves on (`after`). */
  readonly causal: 'before' | 'after' | null;
}

/** How other tokens reach an invocation, and how many own tokens it holds at most. */
interface Way {
  readonly kind: 'staged' | 'subgroup' | 'plain';
  readonly rows: number;
}

/** Vectors of own tokens, held in a private array: names of single vectors come from `at`. */
export interface Held {
  readonly name: string;
  readonly groups: number;
  readonly at: (row: number, group: number) => string;
}

const SIZE = 64;
const TILE_TOKENS = 64;
/** Vectors of one row that a GPU's invocation keeps in registers. */
const MOST_REGISTERS = 16;

export class TokenKernel {
  readonly pair: Index;
  /** Own tokens of this invocation; those beyond the end repeat the last. */
  readonly rows: readonly Index[];
  readonly builder: KernelBuilder;
  readonly #options: TokenOptions;
  readonly #variant: Way['kind'];
  readonly #layout: Layout;
  readonly #grid: { x: number; y: number; size: readonly [number, number] };

  constructor(lowering: Lowering, name: string, options: TokenOptions) {
    const { target } = lowering;
    const builder = lowering.kernel(name);
    const way = lowering.choose(keyOf(name, options), ways(target, options));
    this.builder = builder;
    this.#options = options;
    this.#variant = way.kind;
    const layout = way.kind === 'staged' ? stagedLayout(target, options) : heldLayout(target, options, way);
    this.#layout = layout;
    const { pairs, own } = options;
    const { x, y, group } = foldGroups(layout.workgroups, target);
    this.#grid = { x: x * SIZE, y, size: [SIZE, 1] };
    // Every invocation must reach the barriers: surplus ones repeat somebody's work and store nothing.
    const team = SIZE / layout.pairsPerGroup;
    if (this.#variant === 'staged') {
      builder.line(`let first_pair = (${group} / ${layout.tiles}u) * ${layout.pairsPerGroup}u;`);
      builder.line(`let slot = min(local.x / ${layout.span}u, ${layout.pairsPerGroup - 1}u);`);
      builder.line('let own_pair = first_pair + slot;');
      builder.line(`let tile_start = (${group} % ${layout.tiles}u) * ${layout.span}u;`);
      builder.line(`let place = local.x - slot * ${layout.span}u;`);
      builder.line(`let mine = own_pair < ${pairs}u && place < ${layout.span}u;`);
    } else {
      builder.line(`let unit = ${group} * ${layout.pairsPerGroup}u + local.x / ${team}u;`);
      builder.line(`let own_pair = unit / ${layout.tiles}u;`);
      builder.line(`let tile_start = (unit % ${layout.tiles}u) * ${layout.span}u;`);
      builder.line(`let place = local.x % ${team}u;`);
      builder.line(`let mine = own_pair < ${pairs}u;`);
    }
    builder.line(`let pair = min(own_pair, ${pairs - 1}u);`);
    builder.line('let first = tile_start + place;');
    this.pair = variable('pair', pairs);
    this.rows = Array.from({ length: layout.rows }, (_, r) =>
      variable(builder.let(`min(first + ${r * layout.stride}u, ${own - 1}u)`, 'row'), own),
    );
  }

  /** Reads the own tokens' rows of an operand, times a factor. */
  hold(operand: Heads, factor = 1): Held {
    const builder = this.builder;
    const held = this.#declare(operand);
    const reader = new HeadReader(builder, operand, this.pair);
    this.#each(held, (index, row, group) => {
      const value = reader.group(row, group);
      builder.line(`${held.name}[${index}] = ${factor === 1 ? value : `${value} * ${literal(factor, 'f32')}`};`);
    });
    return held;
  }

  /** Zeros of the form of an output's rows. */
  sums(output: Heads): Held {
    return this.#declare(output);
  }

  /** Runs `body` for every other token, with that token's rows of the passing operands. */
  pass(body: (token: Index, rows: readonly (readonly string[])[]) => void): void {
    const { other, passing } = this.#options;
    const builder = this.builder;
    const [from, to] = this.#range();
    const token = variable('token', other);
    if (this.#variant === 'staged') {
      this.#passTiles(from, to, body);
      return;
    }
    const read = passing.map((one) => this.#rowReader(one));
    builder.block(`for (var token = ${from}; token < ${to}; token++)`, () => {
      body(
        token,
        read.map((one) => one(token)),
      );
    });
  }

  /** Runs `body` for own token number r, where it may store. */
  once(r: number, body: () => void): void {
    const { stride } = this.#layout;
    this.builder.block(`if (mine && first + ${r * stride}u < ${this.#options.own}u)`, body);
  }

  /** Stores sums of all own tokens, each times its factor. */
  store(output: Heads, sums: Held, factor: (r: number) => string, fused = true): void {
    const builder = this.builder;
    this.rows.forEach((_, r) => {
      for (let group = 0; group < sums.groups; group++) builder.line(`${sums.at(r, group)} *= ${factor(r)};`);
    });
    this.#each(sums, (index, row, group, inside) => {
      builder.block(`if (mine && ${inside})`, () => {
        const value = builder.let(`${sums.name}[${index}]`);
        storeGroup(builder, output, { pair: this.pair, token: row, group }, value, fused);
      });
    });
  }

  finish(flops: number): Call {
    return this.builder.finish(this.#grid, flops);
  }

  #declare(operand: Heads): Held {
    const groups = groupsOf(operand);
    const name = this.builder.fresh('held');
    this.builder.line(`var ${name}: array<vec4<f32>, ${groups * this.rows.length}>;`);
    return { name, groups, at: (row, group) => `${name}[${row * groups + group}]` };
  }

  /**
   * Every vector of every own token. On a CPU in a loop, since Mesa takes long to compile many loads and stores;
   * on a GPU unrolled, so that arrays of moderate size can live in registers.
   */
  #each(held: Held, body: (index: string, row: Index, group: Index, inside: string) => void): void {
    const builder = this.builder;
    const { own } = this.#options;
    const { stride } = this.#layout;
    if (this.#variant === 'staged' && held.groups <= MOST_REGISTERS) {
      for (let group = 0; group < held.groups; group++) {
        body(`${group}u`, this.rows[0] as Index, constant(group), `first < ${own}u`);
      }
      return;
    }
    const bound = builder.bound(held.groups * this.rows.length);
    builder.block(`for (var i = 0u; i < ${bound}; i++)`, () => {
      builder.line(`let wanted_row = first + (i / ${held.groups}u) * ${stride}u;`);
      builder.line(`let held_row = min(wanted_row, ${own - 1}u);`);
      builder.line(`let held_group = i % ${held.groups}u;`);
      const row = variable('held_row', own);
      body('i', row, variable('held_group', held.groups), `wanted_row < ${own}u`);
    });
  }

  /** Reads a passing row: each lane of a subgroup loads a part of it. */
  #rowReader(operand: Heads): (token: Index) => string[] {
    const builder = this.builder;
    const reader = new HeadReader(builder, operand, this.pair);
    const groups = groupsOf(operand);
    if (this.#variant === 'plain') {
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

  #passTiles(from: string, to: string, body: (token: Index, rows: readonly (readonly string[])[]) => void): void {
    const builder = this.builder;
    const { passing, other } = this.#options;
    const { tile, pairsPerGroup } = this.#layout;
    const size = passing.reduce((sum, one) => sum + groupsOf(one), 0) * pairsPerGroup * tile;
    builder.declare(`var<workgroup> tile_rows: array<vec4<f32>, ${size}>;`);
    builder.block(`for (var start = ${from}; start < ${to}; start += ${tile}u)`, () => {
      builder.line('workgroupBarrier();');
      let offset = 0;
      const offsets = passing.map((one) => {
        const mine = offset;
        this.#stage(one, mine);
        offset += pairsPerGroup * tile * groupsOf(one);
        return mine;
      });
      builder.line('workgroupBarrier();');
      // Written so that Mesa does not guess the loop's length and unroll it.
      builder.line(`let count = select(${to} - start, ${tile}u, start + ${tile}u <= ${to});`);
      builder.block('for (var passed = 0u; passed < count; passed++)', () => {
        builder.line('let token = start + passed;');
        const rows = passing.map((one, k) => {
          const groups = groupsOf(one);
          const base = builder.let(`${offsets[k] ?? 0}u + (slot * ${tile}u + passed) * ${groups}u`, 'base');
          return Array.from({ length: groups }, (_, group) => builder.let(`tile_rows[${base} + ${group}u]`));
        });
        body(variable('token', other), rows);
      });
    });
  }

  /** Copies one tile of an operand into workgroup memory. */
  #stage(operand: Heads, offset: number): void {
    const builder = this.builder;
    const { pairs, other } = this.#options;
    const { tile, pairsPerGroup } = this.#layout;
    const groups = groupsOf(operand);
    builder.block(`for (var i = local.x; i < ${pairsPerGroup * tile * groups}u; i += ${SIZE}u)`, () => {
      builder.line(`let staged_group = i % ${groups}u;`);
      builder.line(`let staged_token = min(start + (i / ${groups}u) % ${tile}u, ${other - 1}u);`);
      builder.line(`let staged_pair = min(first_pair + i / ${groups * tile}u, ${pairs - 1}u);`);
      const reader = new HeadReader(builder, operand, variable('staged_pair', pairs), false);
      const value = reader.group(variable('staged_token', other), variable('staged_group', groups));
      builder.line(`tile_rows[${offset}u + i] = ${value};`);
    });
  }

  /** First and last other token (exclusive) that any own token of this subgroup or workgroup sees. */
  #range(): [string, string] {
    const { other, causal } = this.#options;
    const builder = this.builder;
    const end = builder.bound(other);
    if (causal === 'before') return ['0u', builder.let(`min(tile_start + ${this.#layout.span}u, ${end})`, 'end')];
    return [causal === 'after' ? builder.let(`min(tile_start, ${end})`, 'start') : '0u', end];
  }
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
  /** Passing tokens that lie in workgroup memory at a time. */
  readonly tile: number;
}

/** All ways by name, the best guess first. */
function ways(target: Target, { passing }: TokenOptions): ReadonlyMap<string, Way> {
  const most = Math.max(1, Math.min(4, Math.floor(32 / Math.max(...passing.map(groupsOf)))));
  const rows = [4, 2, 1].filter((count) => count <= most);
  const held = (kind: 'subgroup' | 'plain') =>
    rows.map((count): [string, Way] => [`${kind}, ${count} tokens`, { kind, rows: count }]);
  const staged: [string, Way] = ['staged', { kind: 'staged', rows: 1 }];
  // Subgroups of a known size up to 16 are a CPU's vector; a GPU's would leave most of a wide team idle.
  const teams = target.software && target.subgroupSize > 0 ? held('subgroup') : [];
  return new Map(target.software ? [...teams, ...held('plain')] : [staged, ...held('plain')]);
}

/** Kernels of a key take the same way. */
function keyOf(name: string, { pairs, own, other, passing, causal }: TokenOptions): string {
  const widths = passing.map((one) => groupsOf(one) * 4).join(' + ');
  return `${name} ${sizeClass(pairs)} x ${sizeClass(own)} x ${sizeClass(other)}, rows of ${widths}${causal ? ', causal' : ''}`;
}

function stagedLayout(target: Target, { pairs, own, other, passing }: TokenOptions): Layout {
  const span = Math.min(SIZE, own);
  const vectors = passing.reduce((sum, one) => sum + groupsOf(one), 0);
  const room = Math.floor(target.workgroupStorageBytes / 16 / vectors);
  const fitting = Math.max(1, Math.floor(room / Math.min(other, 16)));
  const pairsPerGroup = Math.min(Math.floor(SIZE / span), pairs, fitting);
  const tile = Math.min(TILE_TOKENS, other, Math.floor(room / pairsPerGroup));
  const tiles = Math.ceil(own / span);
  return { rows: 1, stride: 1, span, tiles, pairsPerGroup, tile, workgroups: Math.ceil(pairs / pairsPerGroup) * tiles };
}

function heldLayout(target: Target, { pairs, own }: TokenOptions, { kind, rows: most }: Way): Layout {
  const team = kind === 'subgroup' ? target.subgroupSize : 1;
  const tiles = Math.ceil(own / (team * most));
  const rows = Math.ceil(own / (team * tiles));
  const pairsPerGroup = SIZE / team;
  const workgroups = Math.ceil((pairs * tiles) / pairsPerGroup);
  return { rows, stride: team, span: team * rows, tiles, pairsPerGroup, tile: 1, workgroups };
}
