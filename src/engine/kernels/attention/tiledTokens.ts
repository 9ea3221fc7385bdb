// Attention's loop on a GPU: one, two or four neighbouring invocations share a token, each with a part of its channels.
//
// Other tokens pass through workgroup memory in tiles, a few at a time, so that what is done once for them (rescaling
// by the largest score) is done seldom. Parts of dot products are added up between neighbours by quad operations, or by
// workgroup memory where there are no subgroups. Short sequences put several (batch, head) pairs into one workgroup.
import { add, code, constant, variable, type Index } from '../../graph/indexing';
import type { KernelBuilder } from '../builder';
import type { Call } from '../call';
import { foldGroups } from '../grid';
import { literal } from '../literal';
import { chainedDot, groupsOf, HeadReader, storeGroup, type Heads } from './heads';
import type { Tiling } from './tiling';
import type { Held, Passing, TokenKernel, TokenOptions } from './tokenKernel';

export class TiledTokens implements TokenKernel {
  readonly builder: KernelBuilder;
  readonly pair: Index;
  readonly rows: readonly Index[];
  readonly #options: TokenOptions;
  readonly #tiling: Tiling;
  readonly #grid: { x: number; y: number; size: readonly [number, number] };
  #exchanged = 0;

  constructor(builder: KernelBuilder, options: TokenOptions, tiling: Tiling) {
    this.builder = builder;
    this.#options = options;
    this.#tiling = tiling;
    const { pairs, own } = options;
    const { lanes, rows, size, pairsPerGroup, span, tiles } = tiling;
    const { x, y, group } = foldGroups(Math.ceil(pairs / pairsPerGroup) * tiles, builder.target);
    this.#grid = { x: x * size, y, size: [size, 1] };
    if (lanes > 1 && builder.target.quads) builder.useExchange();
    // Every invocation must reach the barriers: surplus ones repeat somebody's work and store nothing.
    const teams = span / rows;
    builder.line(`let first_pair = (${group} / ${tiles}u) * ${pairsPerGroup}u;`);
    builder.line(`let tile_start = (${group} % ${tiles}u) * ${span}u;`);
    builder.line(`let part = local.x % ${lanes}u;`);
    builder.line(`let team = local.x / ${lanes}u;`);
    builder.line(`let slot = min(team / ${teams}u, ${pairsPerGroup - 1}u);`);
    builder.line(`let own_pair = first_pair + slot;`);
    builder.line(`let place = team - slot * ${teams}u;`);
    builder.line(`let mine = own_pair < ${pairs}u && place < ${teams}u;`);
    builder.line(`let pair = min(own_pair, ${pairs - 1}u);`);
    this.pair = variable('pair', pairs);
    this.rows = Array.from({ length: rows }, (_, r) =>
      variable(builder.let(`min(tile_start + place + ${r * teams}u, ${own - 1}u)`, 'row'), own),
    );
  }

  hold(operand: Heads, factor = 1): Held {
    const builder = this.builder;
    const reader = new HeadReader(builder, operand, this.pair);
    const held = this.#names(operand);
    this.rows.forEach((row, r) => {
      this.#eachPart(operand, (group, k, inside) => {
        const value = reader.group(row, group);
        const scaled = factor === 1 ? value : `${value} * ${literal(factor, 'f32')}`;
        const kept = inside === null ? scaled : `select(vec4<f32>(0.0), ${scaled}, ${inside})`;
        builder.line(`let ${held.at(r, k)} = ${kept};`);
      });
    });
    return held;
  }

  sums(output: Heads): Held {
    const held = this.#names(output);
    this.rows.forEach((_, r) => {
      for (let k = 0; k < held.groups; k++) this.builder.line(`var ${held.at(r, k)} = vec4<f32>(0.0);`);
    });
    return held;
  }

  pass(body: (tokens: readonly Passing[]) => void): void {
    const builder = this.builder;
    const { passing, other, causal, numbers } = this.#options;
    const { tile, together, pairsPerGroup, lanes, span } = this.#tiling;
    const [from, to] = [
      causal === 'after' ? builder.let(`min(tile_start, ${other}u)`, 'from') : '0u',
      causal === 'before' ? builder.let(`min(tile_start + ${span}u, ${other}u)`, 'to') : `${other}u`,
    ];
    const vectors = passing.map((one) => this.#vectors(one));
    const perTile = pairsPerGroup * tile;
    const offsets = vectors.map((_, k) => vectors.slice(0, k).reduce((sum, count) => sum + count * perTile, 0));
    const size = vectors.reduce((sum, count) => sum + count * perTile, 0);
    builder.declare(`var<workgroup> tile_rows: array<vec4<f32>, ${size}>;`);
    if (numbers) builder.declare(`var<workgroup> tile_numbers: array<f32, ${numbers.count * perTile}>;`);
    // Whole blocks start at multiples of their length, except where the walk starts in the middle.
    const partial = other % together !== 0 || causal === 'after';
    builder.block(`for (var start = ${from}; start < ${to}; start += ${tile}u)`, () => {
      builder.line('workgroupBarrier();');
      passing.forEach((one, k) => this.#stage(one, offsets[k] as number));
      if (numbers) this.#stageNumbers(numbers);
      builder.line('workgroupBarrier();');
      const turn = builder.bound(tile / together, 1);
      builder.block(`for (var block = 0u; block < ${turn}; block++)`, () => {
        builder.line(`let block_start = start + block * ${together}u;`);
        builder.line(`if (block_start >= ${to}) { break; }`);
        const bases = vectors.map((count, k) =>
          builder.let(`${offsets[k] ?? 0}u + (slot * ${tile}u + block * ${together}u) * ${count}u + part`, 'base'),
        );
        const tokens = Array.from({ length: together }, (_, t): Passing => {
          const token = builder.let(`block_start + ${t}u`, 'token');
          const known = new Map<number, string[]>();
          const read = (operand: number): string[] => {
            const count = vectors[operand] as number;
            return Array.from({ length: count / lanes }, (_, k) =>
              builder.let(`tile_rows[${bases[operand] ?? ''} + ${t * count + k * lanes}u]`),
            );
          };
          const at = `(slot * ${tile}u + block * ${together}u + ${t}u)`;
          return {
            token: variable(token, other),
            row(operand) {
              const row = known.get(operand) ?? read(operand);
              known.set(operand, row);
              return row;
            },
            numbers: Array.from({ length: numbers?.count ?? 0 }, (_, k) =>
              builder.let(`tile_numbers[${at} * ${numbers?.count ?? 0}u + ${k}u]`),
            ),
            inside: partial ? `${token} < ${other}u` : null,
          };
        });
        body(tokens);
      });
    });
  }

  dot(a: readonly string[], b: readonly string[]): string {
    return chainedDot(this.builder, a, b);
  }

  whole(parts: readonly string[]): readonly string[] {
    const builder = this.builder;
    const { lanes, size } = this.#tiling;
    if (lanes === 1) return parts;
    if (builder.target.quads) {
      const pairs = parts.map((one) => builder.let(`${one} + quadSwapX(${one})`));
      return lanes === 2 ? pairs : pairs.map((one) => builder.let(`${one} + quadSwapY(${one})`));
    }
    // Neighbours lie side by side: what one team adds up is read as a vector.
    const at = (k: number, lane: string): string => `exchange[${k * size}u + ${lane}]`;
    this.#exchanged = Math.max(this.#exchanged, parts.length);
    builder.line('workgroupBarrier();');
    parts.forEach((one, k) => builder.line(`${at(k, 'local.x')} = ${one};`));
    builder.line('workgroupBarrier();');
    return parts.map((_, k) => {
      const found = Array.from({ length: lanes }, (_, lane) => at(k, `team * ${lanes}u + ${lane}u`));
      return builder.let(lanes === 2 ? found.join(' + ') : `(${found[0]} + ${found[1]}) + (${found[2]} + ${found[3]})`);
    });
  }

  once(r: number, body: () => void): void {
    const only = this.#tiling.lanes > 1 ? ' && part == 0u' : '';
    this.builder.block(`if (${this.#stores(r)}${only})`, body);
  }

  store(output: Heads, sums: Held, factor: (r: number) => string, fused = true): void {
    const builder = this.builder;
    this.rows.forEach((row, r) => {
      builder.block(`if (${this.#stores(r)})`, () => {
        const by = builder.let(factor(r));
        this.#eachPart(output, (group, k, inside) => {
          builder.when(inside === null ? [] : [inside], () => {
            const value = builder.let(`${sums.at(r, k)} * ${by}`);
            storeGroup(builder, output, { pair: this.pair, token: row, group }, value, fused);
          });
        });
      });
    });
  }

  finish(flops: number): Call {
    if (this.#exchanged > 0) {
      this.builder.declare(`var<workgroup> exchange: array<f32, ${this.#exchanged * this.#tiling.size}>;`);
    }
    return this.builder.finish(this.#grid, flops);
  }

  /** Vectors that a row takes in workgroup memory: the same number for each lane. */
  #vectors(operand: Heads): number {
    return Math.ceil(groupsOf(operand) / this.#tiling.lanes) * this.#tiling.lanes;
  }

  #names(operand: Heads): Held {
    const name = this.builder.fresh('held');
    const at = (r: number, k: number): string => `${name}_${r}_${k}`;
    const set = (r: number, k: number, value: string): void => this.builder.line(`${at(r, k)} = ${value};`);
    return { groups: this.#vectors(operand) / this.#tiling.lanes, at, set };
  }

  #stores(r: number): string {
    const { span, rows } = this.#tiling;
    return `mine && tile_start + place + ${(r * span) / rows}u < ${this.#options.own}u`;
  }

  /** This lane's groups of a row, every so many; `inside` says which of the last ones exist. */
  #eachPart(operand: Heads, body: (group: Index, k: number, inside: string | null) => void): void {
    const { lanes } = this.#tiling;
    const groups = groupsOf(operand);
    for (let k = 0; k < this.#vectors(operand) / lanes; k++) {
      const group = add(lanes === 1 ? constant(0) : variable('part', lanes), constant(k * lanes));
      if (group.maximum < groups) body(group, k, null);
      else {
        const kept = this.builder.let(`min(${code(group)}, ${groups - 1}u)`, 'group');
        body(variable(kept, groups), k, `${code(group)} < ${groups}u`);
      }
    }
  }

  /** Copies one tile of an operand into workgroup memory; rows and groups beyond the end are there, but not used. */
  #stage(operand: Heads, offset: number): void {
    const builder = this.builder;
    const { pairs, other } = this.#options;
    const { tile, pairsPerGroup, size } = this.#tiling;
    const groups = groupsOf(operand);
    const vectors = this.#vectors(operand);
    builder.block(`for (var i = local.x; i < ${pairsPerGroup * tile * vectors}u; i += ${size}u)`, () => {
      const group = builder.let(`i % ${vectors}u`, 'group');
      const kept = vectors > groups ? builder.let(`min(${group}, ${groups - 1}u)`, 'group') : group;
      const { token, pair } = this.#staged(`i / ${vectors}u`, { pairs, other, tile, pairsPerGroup });
      const reader = new HeadReader(builder, operand, pair, false);
      const value = reader.group(token, variable(kept, groups));
      const stored = vectors > groups ? `select(vec4<f32>(0.0), ${value}, ${group} < ${groups}u)` : value;
      builder.line(`tile_rows[${offset}u + i] = ${stored};`);
    });
  }

  #stageNumbers(numbers: NonNullable<TokenOptions['numbers']>): void {
    const builder = this.builder;
    const { pairs, other } = this.#options;
    const { tile, pairsPerGroup, size } = this.#tiling;
    builder.block(`for (var i = local.x; i < ${pairsPerGroup * tile}u; i += ${size}u)`, () => {
      const { token, pair } = this.#staged('i', { pairs, other, tile, pairsPerGroup });
      numbers.read(builder, pair, token).forEach((value, k) => {
        builder.line(`tile_numbers[i * ${numbers.count}u + ${k}u] = ${value};`);
      });
    });
  }

  /** Token and pair of a row of the tile; those beyond the end repeat the last. */
  #staged(
    row: string,
    { pairs, other, tile, pairsPerGroup }: { pairs: number; other: number; tile: number; pairsPerGroup: number },
  ): { token: Index; pair: Index } {
    const builder = this.builder;
    const token = builder.let(`min(start + (${row}) % ${tile}u, ${other - 1}u)`, 'staged_token');
    const slot = pairsPerGroup === 1 ? 'first_pair' : `first_pair + (${row}) / ${tile}u`;
    const pair = builder.let(`min(${slot}, ${pairs - 1}u)`, 'staged_pair');
    return { token: variable(token, other), pair: variable(pair, pairs) };
  }
}
