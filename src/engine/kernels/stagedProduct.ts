// Products on a GPU: a workgroup makes a tile of outputs, and both operands pass through workgroup memory.
//
// Each invocation holds a square of outputs. Per step the workgroup brings a few offsets of the tile's rows and columns:
// every value is read once from memory and used by a whole row or column of invocations. (After the tiling of Volkov
// and Demmel 2008, "Benchmarking GPUs to tune dense linear algebra".)
import { add, code, constant, guardConditions, scale, variable, type Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import { sizeOf } from '../graph/tensor';
import type { KernelBuilder } from './builder';
import type { Call } from './call';
import { foldGroups } from './grid';
import { LANE, neighbours, zero, type Lanes } from './lanes';
import { OperandReader } from './operand';
import { declareTaps, type Product } from './productParts';
import { invocationsOf, type StagedTile } from './stagedTiles';

/** Lowers one product into one dispatch. */
export function lowerStaged(lowering: Lowering, name: string, product: Product, tile: StagedTile): Call {
  const { batch, rows, columns, inner } = product;
  const { side, step } = tile;
  const builder = lowering.kernel(`${name}_staged`);
  const across = tile.columns / side;
  const tilesX = Math.ceil(columns / tile.columns);
  const tilesY = Math.ceil(rows / tile.rows);
  const workgroups = tilesX * tilesY * batch;
  const { x, y, group } = foldGroups(workgroups, lowering.target);
  // Surplus workgroups repeat the last one and store nothing: all must reach the barriers.
  const surplus = x * y > workgroups;
  builder.line(`let tile = ${surplus ? `min(${group}, ${workgroups - 1}u)` : group};`);
  builder.line(`let m0 = tile / ${tilesX}u % ${tilesY}u * ${tile.rows}u;`);
  builder.line(`let n0 = tile % ${tilesX}u * ${tile.columns}u;`);
  builder.line(`let batch = tile / ${tilesX * tilesY}u;`);
  builder.line(`let own_row = local.x / ${across}u * ${side}u;`);
  builder.line(`let own_column = local.x % ${across}u * ${side}u;`);
  const at = variable('batch', batch);
  const invocations = invocationsOf(tile);
  const left = new StagedOperand(builder, new OperandReader(builder, product.left, at, inner), {
    ...{ name: 'left', size: rows, origin: 'm0', length: inner.length },
    ...{ tile: tile.rows, step, invocations },
  });
  const right = new StagedOperand(builder, new OperandReader(builder, product.right, at, inner), {
    ...{ name: 'right', size: columns, origin: 'n0', length: inner.length },
    ...{ tile: tile.columns, step, invocations },
  });
  const sum = (r: number, c: number): string => `sum${r}_${c}`;
  const fours = Array.from({ length: side / 4 }, (_, k) => k);
  for (let r = 0; r < side; r++) for (const c of fours) builder.line(`var ${sum(r, c)} = ${zero(4)};`);

  const [wholeStep, wholeLength] = [builder.bound(step), builder.bound(inner.length)];
  const offsets = (): void => {
    left.enterTap();
    right.enterTap();
    builder.block(`for (var start = 0u; start < ${wholeLength}; start += ${step}u)`, () => {
      left.bring();
      right.bring();
      builder.line('workgroupBarrier();');
      builder.block(`for (var k = 0u; k < ${wholeStep}; k++)`, () => {
        const a = fours.map((four) => left.staged('k', `own_row + ${4 * four}u`));
        const b = fours.map((four) => right.staged('k', `own_column + ${4 * four}u`));
        for (let r = 0; r < side; r++) {
          const value = `${a[Math.floor(r / 4)] ?? ''}[${r % 4}]`;
          for (const c of fours) builder.line(`${sum(r, c)} = fma(vec4<f32>(${value}), ${b[c] ?? ''}, ${sum(r, c)});`);
        }
      });
      builder.line('workgroupBarrier();');
    });
  };
  const steps = sizeOf(inner.taps);
  if (steps === 1) offsets();
  else {
    builder.block(`for (var tap = 0u; tap < ${builder.bound(steps)}; tap++)`, () => {
      declareTaps(builder, inner.taps);
      offsets();
    });
  }
  for (let r = 0; r < side; r++) {
    for (const c of fours)
      storeFour(builder, product, tile, { r, c, sum: sum(r, c), inside: surplus ? `${group} < ${workgroups}u` : null });
  }
  const flops = 2 * batch * rows * columns * steps * inner.length;
  return builder.finish({ x: x * invocations, y, size: [invocations, 1] }, flops);
}

interface Staging {
  readonly name: 'left' | 'right';
  /** Rows or columns of the result, and WGSL of the tile's first. */
  readonly size: number;
  readonly origin: string;
  /** Length of the inner axis. */
  readonly length: number;
  /** Own places and offsets that lie in workgroup memory at a time. */
  readonly tile: number;
  readonly step: number;
  readonly invocations: number;
}

/** One operand's way into workgroup memory: [offset][own], so that a step reads neighbours. */
class StagedOperand {
  readonly #builder: KernelBuilder;
  readonly #reader: OperandReader;
  readonly #staging: Staging;
  /** The axis along which four values lie side by side in memory. */
  readonly #along: 'offset' | 'own' | 'none';
  /** Numbers by which this invocation reads, and the places along `own` within the tile that they start at. */
  readonly #held: readonly { readonly number: number; readonly own: string }[];

  constructor(builder: KernelBuilder, reader: OperandReader, staging: Staging) {
    const { name, size, origin, tile, step, invocations } = staging;
    this.#builder = builder;
    this.#reader = reader;
    this.#staging = staging;
    builder.declare(`var<workgroup> ${name}_tile: array<f32, ${tile * step}>;`);
    const tiles = Math.ceil(size / tile);
    const whole = scale(variable(`${name}_number`, tiles), tile);
    if (tiles > 1) builder.line(`let ${name}_number = ${origin} / ${tile}u;`);
    const group = variable(`${name}_group`, tile / 4);
    const alongOwn = size % tile === 0 && reader.alongOwn(add(whole, scale(group, 4)));
    this.#along = alongOwn ? 'own' : reader.alongOffset(variable(`${name}_own`, size)) ? 'offset' : 'none';
    if (this.#along === 'own') {
      // Groups of four neighbours side by side over the invocations, then offset after offset.
      builder.line(`let ${name}_group = local.x % ${tile / 4}u;`);
      const number = reader.hold(add(whole, neighbours(group, 4)));
      this.#held = [{ number, own: `${name}_group * 4u` }];
      return;
    }
    // Groups of four offsets side by side over the invocations, then neighbour after neighbour.
    const together = invocations / (step / 4);
    this.#held = Array.from({ length: tile / together }, (_, k) => {
      const place = builder.let(`local.x / ${step / 4}u + ${k * together}u`, 'place');
      const own = builder.let(`min(${origin} + ${place}, ${size - 1}u)`, 'own');
      return { number: reader.hold(variable(own, size)), own: place };
    });
  }

  enterTap(): void {
    this.#reader.enterTap();
  }

  /** Copies the offsets from `start` on into workgroup memory. */
  bring(): void {
    const builder = this.#builder;
    const { name, length, tile, step, invocations } = this.#staging;
    // Groups of four stay visible to the index algebra as multiples of the step.
    if (length > step) builder.line(`let ${name}_step = start / ${step}u;`);
    const first = scale(variable(`${name}_step`, Math.ceil(length / step)), step);
    if (this.#along === 'own') {
      const together = invocations / (tile / 4);
      for (const { number, own } of this.#held) {
        for (let from = 0; from < step; from += together) {
          const k = builder.let(`local.x / ${tile / 4}u + ${from}u`, 'offset');
          const value = this.#inside(add(first, variable(k, step)), 4, (offset) =>
            this.#reader.read(number, offset, 4),
          );
          for (let i = 0; i < 4; i++) builder.line(`${this.#at(k, `${own} + ${i}u`)} = ${value}[${i}];`);
        }
      }
      return;
    }
    builder.line(`let ${name}_k = local.x % ${step / 4}u * 4u;`);
    const group = add(first, scale(variable(builder.let(`${name}_k / 4u`, 'group'), step / 4), 4));
    for (const { number, own } of this.#held) {
      if (this.#along === 'offset') {
        const value = this.#inside(group, 4, (offset) => this.#reader.read(number, add(offset, variable(LANE, 4)), 4));
        for (let i = 0; i < 4; i++) builder.line(`${this.#at(`(${name}_k + ${i}u)`, own)} = ${value}[${i}];`);
        continue;
      }
      for (let i = 0; i < 4; i++) {
        const value = this.#inside(add(group, constant(i)), 1, (offset) => this.#reader.read(number, offset, 1));
        builder.line(`${this.#at(`(${name}_k + ${i}u)`, own)} = ${value};`);
      }
    }
  }

  /** Name of four neighbours in workgroup memory. */
  staged(k: string, own: string): string {
    return this.#builder.let(`vec4<f32>(${[0, 1, 2, 3].map((i) => this.#at(k, `${own} + ${i}u`)).join(', ')})`);
  }

  #at(k: string, own: string): string {
    return `${this.#staging.name}_tile[${k} * ${this.#staging.tile}u + ${own}]`;
  }

  /** The value at an offset, 0 beyond the end. */
  #inside(offset: Index, lanes: Lanes, read: (offset: Index) => string): string {
    const { length, step } = this.#staging;
    if (length % step === 0) return read(offset);
    const builder = this.#builder;
    const wanted = builder.let(code(offset), 'wanted');
    // Vector reads go in groups of four, which never straddle the end: their length is a multiple of four.
    const four = this.#along === 'offset' ? 4 : 1;
    const last = (length - four) / four;
    const kept = builder.let(`min(${wanted} / ${four}u, ${last}u)`, 'kept');
    const value = read(scale(variable(kept, last + 1), four));
    return builder.let(`select(${zero(lanes)}, ${value}, ${wanted} < ${length}u)`);
  }
}

/** Four of an invocation's outputs: row r, columns from 4c on; `inside` says whether its workgroup stores at all. */
interface Four {
  readonly r: number;
  readonly c: number;
  readonly sum: string;
  readonly inside: string | null;
}

/** Writes them where they exist. */
function storeFour(builder: KernelBuilder, product: Product, tile: StagedTile, { r, c, sum, inside }: Four): void {
  const { rows, columns, output } = product;
  const at = variable('batch', product.batch);
  const row = builder.let(`m0 + own_row + ${r}u`, 'row');
  const group = builder.let(`(n0 + own_column) / 4u + ${c}u`, 'column_group');
  const first = scale(variable(group, Math.ceil(columns / 4)), 4);
  const lanes = columns % 4 === 0 ? 4 : 1;
  for (let i = 0; i < 4; i += lanes) {
    const column = add(first, lanes === 4 ? variable(LANE, 4) : constant(i));
    const { index, guards } = product.place(at, variable(row, rows), column);
    const conditions = [
      ...(inside === null ? [] : [inside]),
      ...(rows % tile.rows === 0 ? [] : [`${row} < ${rows}u`]),
      ...(columns % tile.columns === 0 ? [] : [`${code(add(first, constant(i)))} < ${columns}u`]),
      ...guards.flatMap((guard) => guardConditions(guard)),
    ];
    builder.when(conditions, () => builder.store([[output, lanes === 4 ? sum : `${sum}[${i}]`]], index, lanes));
  }
}
