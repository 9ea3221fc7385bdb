// Sums over taps without anything shared between outputs: depthwise convolutions and their gradients.
//
// output[i] = Σ over taps and offsets of left(i, …) × right(i, …); an invocation takes four neighbours at once. Few
// outputs with a long sum (a kernel's gradient) are cut into chunks of taps that a second dispatch adds.
import { add, constant, guardConditions, scale, variable, type Index } from '../graph/indexing';
import type { Lowering } from '../graph/op';
import { sizeOf, type Tensor } from '../graph/tensor';
import type { Call } from './call';
import { neighbours, zero, type Lanes } from './lanes';
import { OperandReader, type Inner, type Operand, type Place } from './operand';
import { sumParts } from './partSums';
import { declareTaps } from './productParts';
import { chunkCount } from './reduce';

export interface TapSum {
  /** Number of outputs, including those whose guards do not hold. */
  readonly size: number;
  /** Neighbours per invocation; `size` is a multiple. */
  readonly lanes: Lanes;
  readonly inner: Inner;
  readonly left: Operand;
  readonly right: Operand;
  readonly output: Tensor;
  readonly place: (own: Index) => Place;
}

/** Lowers into one dispatch, or two where the sum is cut into chunks. */
export function lowerTapSum(lowering: Lowering, name: string, sum: TapSum): Call[] {
  const { size, lanes, inner, output } = sum;
  const units = size / lanes;
  const steps = sizeOf(inner.taps);
  const guarded = sum.place(variable('ix', size)).guards.length > 0;
  // Partial sums are added where they are stored, and guarded outputs are not stored everywhere.
  const wanted = guarded ? 1 : Math.min(steps, chunkCount(units, steps * inner.length, lowering));
  const length = Math.ceil(steps / wanted);
  const chunks = Math.ceil(steps / length);
  const builder = lowering.kernel(chunks > 1 ? `${name}_chunks` : name);
  if (chunks > 1) {
    builder.line(`let unit = ix % ${units}u;`);
    builder.line(`let chunk = ix / ${units}u;`);
  }
  const unit = variable(chunks > 1 ? 'unit' : 'ix', units);
  const own = neighbours(unit, lanes);
  const [left, right] = [sum.left, sum.right].map(
    (operand) => new OperandReader(builder, operand, constant(0), inner),
  ) as [OperandReader, OperandReader];
  const [a, b] = [left.hold(own), right.hold(own)];
  builder.line(`var total = ${zero(lanes)};`);
  const [first, last] =
    chunks > 1 ? [`chunk * ${length}u`, `min((chunk + 1u) * ${length}u, ${steps}u)`] : ['0u', builder.bound(steps)];
  const whole = builder.bound(inner.length);
  builder.block(`for (var tap = ${first}; tap < ${last}; tap++)`, () => {
    declareTaps(builder, inner.taps);
    left.enterTap();
    right.enterTap();
    const body = (offset: Index): void => {
      builder.line(`total = fma(${left.read(a, offset, lanes)}, ${right.read(b, offset, lanes)}, total);`);
    };
    if (inner.length === 1) body(constant(0));
    else builder.block(`for (var k = 0u; k < ${whole}; k++)`, () => body(variable('k', inner.length)));
  });
  const flops = 2 * size * steps * inner.length;
  if (chunks > 1) {
    const partial = lowering.scratch(chunks * size);
    builder.write(partial, add(scale(variable('chunk', chunks), size), own), 'total', lanes);
    const second = lowering.kernel(`${name}_sum`);
    const at = neighbours(variable('ix', units), lanes);
    const [total] = sumParts(second, partial, { parts: chunks, size }, at, lanes) as [string];
    second.store([[output, total]], sum.place(at).index, lanes);
    return [builder.finish({ x: chunks * units }, flops), second.finish({ x: units }, chunks * size)];
  }
  const { index, guards } = sum.place(own);
  const conditions = guards.flatMap((guard) => guardConditions(guard));
  const put = (): void => builder.store([[output, 'total']], index, lanes);
  if (conditions.length > 0) builder.block(`if (${conditions.join(' && ')})`, put);
  else put();
  return [builder.finish({ x: units }, flops)];
}
