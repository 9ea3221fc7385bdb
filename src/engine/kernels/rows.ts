// Kernels that work row by row: one invocation per row on a CPU, a team of a workgroup's invocations per row on a GPU.
//
// A row is a set of `width` elements that are folded together (the last axis of a layer norm, an axis of a softmax).
// A team keeps its share of a short row in registers, since loads of the same place are made once per scope.
import { add, constant, scale, variable, type Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import type { KernelBuilder } from './builder';
import { LANE } from './lanes';
import type { Call } from './call';
import { sizeClass } from './choice';
import { exchanged } from './exchange';
import { foldGroups } from './grid';
import type { Target } from './target';

/** Where the four lanes of a vector lie: along the row, across four neighbouring rows, or nowhere. */
export type LaneDirection = 'along' | 'across' | 'none';

export interface RowOptions {
  readonly rows: number;
  readonly width: number;
  readonly direction: LaneDirection;
}

type Fold = 'sum' | 'max';

/** Shares that every invocation rather reads by itself than waits for at a barrier. */
const MOST_READ = 8;

/** Least finite f32: what a maximum starts from. */
const LOWEST = '-3.4028234e38';

export class RowKernel {
  readonly builder: KernelBuilder;
  readonly lanes: 1 | 4;
  /** Number of this row; with direction `across` it contains LANE. */
  readonly row: Index;
  readonly #target: Target;
  readonly #options: RowOptions;
  /** Vectors (or elements) per row, and how many invocations share them. */
  readonly #units: number;
  readonly #team: number;
  /** Invocations of a team that exchange values as neighbours, and groups of them whose shares pass through memory. */
  readonly #together: number;
  readonly #shares: number;
  readonly #rowsPerGroup: number;
  readonly #groups: number;
  #lastUnit: string | null = null;

  constructor(lowering: Lowering, name: string, options: RowOptions) {
    const { rows, width, direction } = options;
    const { target } = lowering;
    const builder = lowering.kernel(name);
    this.builder = builder;
    this.#target = target;
    this.#options = options;
    this.lanes = direction === 'none' ? 1 : 4;
    this.#units = direction === 'along' ? width / 4 : width;
    const key = `${name} ${sizeClass(rows)} x ${sizeClass(width)}, vectors ${direction}`;
    this.#team = lowering.choose(key, teams(this.#units, direction, target));
    this.#together = Math.min(this.#team, target.neighbours);
    this.#shares = this.#team / this.#together;
    this.#rowsPerGroup = Math.max(1, 64 / this.#team);
    this.#groups = Math.ceil(rows / this.#rowsPerGroup);
    if (this.#team === 1) {
      this.row =
        direction === 'across' ? add(scale(variable('ix', rows / 4), 4), variable(LANE, 4)) : variable('ix', rows);
      return;
    }
    const { group } = this.#grid();
    builder.line(`let slot = local.x % ${this.#team}u;`);
    builder.line(`let wanted_row = ${group} * ${this.#rowsPerGroup}u + local.x / ${this.#team}u;`);
    // Every invocation must reach the barriers: those beyond the end repeat the last row and store nothing.
    builder.line(`let row = min(wanted_row, ${rows - 1}u);`);
    if (this.#shares > 1) {
      builder.declare(`var<workgroup> shared_values: array<f32, ${this.#rowsPerGroup * this.#shares}>;`);
    }
    this.row = variable('row', rows);
  }

  /** Lanes of a value per row: four with direction `across`. */
  get rowLanes(): 1 | 4 {
    return this.#options.direction === 'across' ? 4 : 1;
  }

  /** Folds `value(k)` over the elements k of the row; several values share the walk. Returns names of the results. */
  fold(kinds: readonly Fold[], values: (k: Index) => readonly string[]): string[] {
    const { builder, lanes } = this;
    const type = lanes === 4 ? 'vec4<f32>' : 'f32';
    const sums = kinds.map((kind) => {
      const name = builder.fresh(kind);
      builder.line(`var ${name} = ${type}(${kind === 'sum' ? '0.0' : LOWEST});`);
      return name;
    });
    this.#walk((k, valid) => {
      values(k).forEach((value, i) => {
        const name = sums[i] as string;
        const neutral = `${type}(${kinds[i] === 'sum' ? '0.0' : LOWEST})`;
        const masked = valid === null ? value : `select(${neutral}, ${value}, ${valid})`;
        builder.line(kinds[i] === 'sum' ? `${name} += ${masked};` : `${name} = max(${name}, ${masked});`);
      });
    });
    return sums.map((name, i) => this.#combine(kinds[i] as Fold, name));
  }

  /** Runs `body` for every element of the row, where it may store. */
  each(body: (k: Index) => void): void {
    const inside = this.#inside();
    const walk = (): void =>
      this.#walk((k, valid) => {
        if (valid === null) body(k);
        else this.builder.block(`if (${valid})`, () => body(k));
      });
    if (inside === null) walk();
    else this.builder.block(`if (${inside})`, walk);
  }

  /** Runs `body` in one invocation per row. */
  once(body: () => void): void {
    const inside = this.#inside();
    if (this.#team === 1) body();
    else this.builder.block(`if (slot == 0u${inside === null ? '' : ` && ${inside}`})`, body);
  }

  finish(flops: number): Call {
    const { rows, direction } = this.#options;
    if (this.#team === 1) return this.builder.finish({ x: direction === 'across' ? rows / 4 : rows }, flops);
    const { x, y } = this.#grid();
    const size = this.#rowsPerGroup * this.#team;
    return this.builder.finish({ x: x * size, y, size: [size, 1] }, flops);
  }

  #grid(): ReturnType<typeof foldGroups> {
    return foldGroups(this.#groups, this.#target);
  }

  #inside(): string | null {
    const { x, y } = this.#grid();
    const { rows } = this.#options;
    return this.#team === 1 || x * y * this.#rowsPerGroup === rows ? null : `wanted_row < ${rows}u`;
  }

  #walk(body: (k: Index, valid: string | null) => void): void {
    const { builder } = this;
    const units = this.#units;
    const team = this.#team;
    const element = (unit: Index): Index =>
      this.#options.direction === 'along' ? add(scale(unit, 4), variable(LANE, 4)) : unit;
    const count = Math.ceil(units / team);
    if (count <= (this.#target.software ? 4 : 8)) {
      for (let i = 0; i < count; i++) {
        if (team === 1) body(element(constant(i)), null);
        else if ((i + 1) * team <= units) body(element(add(variable('slot', team), constant(i * team))), null);
        else {
          this.#lastUnit ??= builder.let(`min(slot + ${i * team}u, ${units - 1}u)`, 'unit');
          body(element(variable(this.#lastUnit, units)), `slot + ${i * team}u < ${units}u`);
        }
      }
      return;
    }
    const unit = builder.fresh('unit');
    const first = team === 1 ? '0u' : 'slot';
    const bound = builder.bound(units);
    builder.block(`for (var ${unit} = ${first}; ${unit} < ${bound}; ${unit} += ${team}u)`, () => {
      body(element(variable(unit, units)), null);
    });
  }

  /** Folds the lanes of a vector along the row, then the team's shares. */
  #combine(kind: Fold, name: string): string {
    const { builder } = this;
    const pair = (a: string, b: string): string => (kind === 'sum' ? `(${a} + ${b})` : `max(${a}, ${b})`);
    let value = name;
    if (this.#options.direction === 'along') {
      value = builder.let(pair(pair(`${name}.x`, `${name}.y`), pair(`${name}.z`, `${name}.w`)));
    }
    if (this.#team === 1) return value;
    if (this.#together > 1) {
      builder.useExchange();
      value = exchanged(builder, value, this.#together, pair);
    }
    return this.#shares > 1 ? this.#combineShares(value, pair) : value;
  }

  /** Folds what groups of neighbours hold, through workgroup memory. */
  #combineShares(value: string, pair: (a: string, b: string) => string): string {
    const { builder } = this;
    const [shares, together] = [this.#shares, this.#together];
    const share = builder.let(`slot / ${together}u`, 'share');
    const own = builder.let(`local.x / ${together}u`, 'own');
    builder.when(together > 1 ? [`slot % ${together}u == 0u`] : [], () => {
      builder.line(`shared_values[${own}] = ${value};`);
    });
    builder.line('workgroupBarrier();');
    if (shares <= MOST_READ) {
      const all = Array.from({ length: shares }, (_, k) => builder.let(`shared_values[${own} - ${share} + ${k}u]`));
      builder.line('workgroupBarrier();');
      return builder.let(all.reduce(pair));
    }
    for (let half = shares / 2; half >= 1; half /= 2) {
      builder.block(`if (${share} < ${half}u)`, () => {
        const [mine, other] = [`shared_values[${own}]`, `shared_values[${own} + ${half}u]`] as const;
        builder.line(`${mine} = ${pair(mine, other)};`);
      });
      builder.line('workgroupBarrier();');
    }
    const whole = builder.let(`shared_values[${own} - ${share}]`);
    builder.line('workgroupBarrier();');
    return whole;
  }
}

/** Sizes of a team by name: first a power of two that gives each invocation about four vectors of a row. */
function teams(units: number, direction: LaneDirection, target: Target): ReadonlyMap<string, number> {
  const most = Math.min(256, target.invocationsPerWorkgroup);
  let usual = 1;
  while (usual * 4 < units && usual < most) usual *= 2;
  const alone = target.software || direction === 'across';
  const sizes = alone
    ? [1]
    : [usual, usual * 4, usual / 4].filter((size) => size >= 1 && size <= Math.min(most, units));
  return new Map((sizes.length > 0 ? sizes : [usual]).map((size) => [`teams of ${size}`, size]));
}
