// Sums over taps without anything shared between outputs: depthwise convolutions and their gradients.
//
// output[i] = Σ over taps and offsets of left(i, …) × right(i, …); an invocation takes four neighbours at once. Few
// outputs with a long sum (a kernel's gradient) are cut into chunks of taps that a second dispatch adds.
import { add, constant, scale, variable, type Index } from '../graph/indexing';
import type { Lowering } from '../graph/op';
import type { Tensor } from '../graph/tensor';
import { LANE } from './builder';
import type { Call } from './call';
import { OperandReader, type Inner, type Operand, type Place } from './operand';
import { conditionsOf, declareTaps } from './productParts';
import { chunkCount } from './reduce';

export interface TapSum {
  /** Number of outputs, including those whose guards do not hold. */
  readonly size: number;
  /** Neighbours per invocation; `size` is a multiple. */
  readonly lanes: 1 | 4;
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
  const steps = inner.taps.reduce((count, one) => count * one, 1);
  const wanted = Math.min(steps, chunkCount(units, steps * inner.length, lowering.target));
  const length = Math.ceil(steps / wanted);
  const chunks = Math.ceil(steps / length);
  const builder = lowering.kernel(chunks > 1 ? `${name}_chunks` : name);
  if (chunks > 1) {
    builder.line(`let unit = ix % ${units}u;`);
    builder.line(`let chunk = ix / ${units}u;`);
  }
  const unit = variable(chunks > 1 ? 'unit' : 'ix', units);
  const own = lanes === 4 ? add(scale(unit, 4), variable(LANE, 4)) : unit;
  const [left, right] = [sum.left, sum.right].map(
    (operand) => new OperandReader(builder, operand, constant(0), inner),
  ) as [OperandReader, OperandReader];
  const [a, b] = [left.hold(own), right.hold(own)];
  const zero = lanes === 4 ? 'vec4<f32>(0.0)' : '0.0';
  builder.line(`var total = ${zero};`);
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
    const at = lanes === 4 ? add(scale(variable('ix', units), 4), variable(LANE, 4)) : variable('ix', units);
    second.line(`var total = ${zero};`);
    second.block(`for (var c = 0u; c < ${second.bound(chunks)}; c++)`, () => {
      second.line(`total += ${second.load(partial, add(scale(variable('c', chunks), size), at), lanes)};`);
    });
    second.store([[output, 'total']], sum.place(at).index, lanes);
    return [builder.finish({ x: chunks * units }, flops), second.finish({ x: units }, chunks * size)];
  }
  const { index, guards } = sum.place(own);
  const conditions = conditionsOf(guards);
  const put = (): void => builder.store([[output, 'total']], index, lanes);
  if (conditions.length > 0) builder.block(`if (${conditions.join(' && ')})`, put);
  else put();
  return [builder.finish({ x: units }, flops)];
}
