// Sums over taps with little shared between outputs: depthwise convolutions and their gradients.
//
// An invocation makes several neighbouring outputs (of four channels each, where those lie side by side) and walks the
// steps of the sum. In a step it reads a row of each operand, and adds products of their cells: what two outputs see of
// a row is read once.
import { add, constant, guardConditions, scale, variable, without, Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import { sizeOf, type Tensor } from '../graph/tensor';
import type { KernelBuilder } from './builder';
import type { Call } from './call';
import { LANE, neighbours, zero, type Lanes } from './lanes';
import { boundIndex, tapName, type Place } from './operand';
import { sumParts } from './partSums';
import { declareTaps } from './productParts';
import { chunkCount } from './reduce';
import { Together } from './together';

/** What a step reads of one operand. */
export interface TapRow {
  readonly tensor: Tensor;
  readonly cells: number;
  /** Where a cell lies: `unit` is the invocation, `steps` has one coordinate for each axis of steps. */
  place(unit: Index, steps: readonly Index[], cell: Index): Place;
  /** The cell that a term of an output needs. */
  cell(output: number, term: number): number;
}

/** output(unit, o) = Σ over steps and terms of left(unit, step, cell of o and term) × right(likewise). */
export interface TapSum {
  readonly units: number;
  /** Neighbours of an output that a vector covers; places contain LANE if four. */
  readonly lanes: Lanes;
  /** Outputs of an invocation. */
  readonly outputs: number;
  readonly steps: readonly number[];
  /** Terms of a step. */
  readonly terms: number;
  readonly left: TapRow;
  readonly right: TapRow;
  readonly output: Tensor;
  /** Where its guards do not hold there is no output. */
  readonly place: (unit: Index, output: number) => Place;
  /** Whether the sum may be cut into chunks, which a second dispatch adds; outputs then have no guards. */
  readonly cut: boolean;
}

/** Lowers into one dispatch, or two where the sum is cut into chunks that no workgroup can add up by itself. */
export function lowerTapSum(lowering: Lowering, name: string, sum: TapSum): Call[] {
  const { units, lanes, outputs, terms, output } = sum;
  const steps = sizeOf(sum.steps);
  const wanted = sum.cut ? Math.min(steps, chunkCount(units, steps * terms, lowering, { sums: outputs, walks: 1 })) : 1;
  const flops = 2 * units * lanes * outputs * steps * terms;
  if (wanted === 0) {
    const builder = lowering.kernel(`${name}_together`);
    const together = new Together(builder, { outputs: units, lanes: 1, termsBeside: false });
    const parts = declareTotals(builder, sum);
    builder.block(`for (var tap = row; tap < ${builder.bound(steps, 1)}; tap += ${together.share}u)`, () => {
      declareTaps(builder, sum.steps);
      addTerms(builder, sum, together.out, parts);
    });
    const totals = together.fold(parts, lanes === 4 ? 'vec4<f32>' : 'f32');
    const store = (): void => {
      totals.forEach((total, o) => builder.store([[output, total]], sum.place(together.out, o).index, lanes));
    };
    return [together.finish(store, flops)];
  }
  const length = Math.ceil(steps / wanted);
  const chunks = Math.ceil(steps / length);
  const builder = lowering.kernel(chunks > 1 ? `${name}_chunks` : name);
  if (chunks > 1) {
    builder.line(`let unit = ix % ${units}u;`);
    builder.line(`let chunk = ix / ${units}u;`);
  }
  const unit = variable(chunks > 1 ? 'unit' : 'ix', units);
  const totals = declareTotals(builder, sum);
  const [first, last] =
    chunks > 1 ? [`chunk * ${length}u`, `min((chunk + 1u) * ${length}u, ${steps}u)`] : ['0u', builder.bound(steps, 1)];
  builder.block(`for (var tap = ${first}; tap < ${last}; tap++)`, () => {
    declareTaps(builder, sum.steps);
    addTerms(builder, sum, unit, totals);
  });
  if (chunks > 1) {
    const { size } = output;
    const partial = lowering.scratch(chunks * size);
    totals.forEach((total, o) => {
      const { index } = sum.place(unit, o);
      builder.write(partial, add(scale(variable('chunk', chunks), size), index), total, lanes);
    });
    const second = lowering.kernel(`${name}_sum`);
    const at = neighbours(variable('ix', size / lanes), lanes);
    const [total] = sumParts(second, partial, { parts: chunks, size }, at, lanes) as [string];
    second.store([[output, total]], at, lanes);
    return [builder.finish({ x: chunks * units }, flops), second.finish({ x: size / lanes }, chunks * size)];
  }
  totals.forEach((total, o) => {
    const { index, guards } = sum.place(unit, o);
    const conditions = guards.flatMap((guard) => guardConditions(guard));
    builder.when(conditions, () => builder.store([[output, total]], index, lanes));
  });
  return [builder.finish({ x: units }, flops)];
}

function declareTotals(builder: KernelBuilder, { outputs, lanes }: TapSum): string[] {
  const totals = Array.from({ length: outputs }, () => builder.fresh('total'));
  for (const total of totals) builder.line(`var ${total} = ${zero(lanes)};`);
  return totals;
}

/** All terms of one step, added to the invocation's outputs. */
function addTerms(builder: KernelBuilder, sum: TapSum, unit: Index, totals: readonly string[]): void {
  const { left, right, terms, lanes } = sum;
  const steps = sum.steps.map((size, axis) => variable(tapName(axis), size));
  const [a, b] = [left, right].map((row) => readRow(builder, row, unit, steps, lanes)) as [string[], string[]];
  for (let term = 0; term < terms; term++) {
    totals.forEach((total, o) => {
      builder.line(`${total} = fma(${a[left.cell(o, term)]}, ${b[right.cell(o, term)]}, ${total});`);
    });
  }
}

/** WGSL of a row's cells. */
function readRow(builder: KernelBuilder, row: TapRow, unit: Index, steps: readonly Index[], lanes: Lanes): string[] {
  return Array.from({ length: row.cells }, (_, cell) =>
    readCell(builder, row.tensor, row.place(unit, steps, constant(cell)), lanes),
  );
}

/** The value at a place, 0 where a guard does not hold. */
function readCell(builder: KernelBuilder, tensor: Tensor, { index, guards }: Place, lanes: Lanes): string {
  const conditions = guards.flatMap((guard) => guardConditions(guard));
  if (conditions.length === 0) return builder.load(tensor, index, lanes);
  const valid = builder.let(conditions.join(' && '), 'valid');
  const found = builder.resolve(tensor, index);
  if (found) {
    const value = builder.load(found.tensor, safe(builder, found.index, found.tensor, valid), lanes);
    return builder.let(`select(${zero(lanes)}, ${value}, ${valid})`);
  }
  const value = builder.fresh('v');
  builder.line(`var ${value} = ${zero(lanes)};`);
  builder.block(`if (${valid})`, () => {
    builder.line(`${value} = ${builder.load(tensor, index, lanes)};`);
  });
  return value;
}

/** The same place where `valid` holds; elsewhere a place that can be read. */
function safe(builder: KernelBuilder, index: Index, { shape }: Tensor, valid: string): Index {
  const start = without(index, LANE);
  const moving = index.terms.filter((term) => !start.terms.includes(term));
  return add(new Index(moving, 0), boundIndex(builder, start, shape, valid));
}
