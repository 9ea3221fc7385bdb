// Sums, products, powers and comparisons of tensors, element by element.
import { defineOp } from '../graph/op';
import type { PointwiseOp } from '../graph/tensor';
import type { Tensor } from '../graph/tensor';
import { acosSource } from '../kernels/wgsl/acos';
import { pointwise, type Operand } from './pointwise';

type Unary = (x: Tensor) => Tensor;
type Binary = (a: Operand, b: Operand) => Tensor;

export const add: Binary = pointwise(
  'add',
  ([a, b]) => `(${a} + ${b})`,
  (_inputs, _y, dy) => [dy, dy],
);
export const subtract: Binary = pointwise(
  'subtract',
  ([a, b]) => `(${a} - ${b})`,
  (_inputs, _y, dy) => [dy, negate(dy)],
);
export const multiply: Binary = pointwise(
  'multiply',
  ([a, b]) => `(${a} * ${b})`,
  ([a, b], _y, dy) => [multiply(dy, b as Tensor), multiply(dy, a as Tensor)],
);
export const divide: Binary = pointwise(
  'divide',
  ([a, b]) => `(${a} / ${b})`,
  ([, b], y, dy) => {
    const da = divide(dy, b as Tensor);
    return [da, negate(multiply(da, y))];
  },
);
/** a·b + c, rounded once where the adapter can. */
export const multiplyAdd: (a: Operand, b: Operand, c: Operand) => Tensor = pointwise(
  'multiplyAdd',
  ([a, b, c]) => `fma(${a}, ${b}, ${c})`,
  ([a, b], _y, dy) => [multiply(dy, b as Tensor), multiply(dy, a as Tensor), dy],
);
export const negate: Unary = pointwise(
  'negate',
  ([x]) => `(-${x})`,
  (_inputs, _y, dy) => [negate(dy)],
);
export const square: Unary = pointwise(
  'square',
  ([x]) => `(${x} * ${x})`,
  ([x], _y, dy) => [multiply(dy, multiply(x as Tensor, 2))],
);
export const exp: Unary = pointwise(
  'exp',
  ([x]) => `exp(${x})`,
  (_inputs, y, dy) => [multiply(dy, y)],
);
export const log: Unary = pointwise(
  'log',
  ([x]) => `log(${x})`,
  ([x], _y, dy) => [divide(dy, x as Tensor)],
);
export const inverseSqrt: Unary = pointwise(
  'inverseSqrt',
  ([x]) => `inverseSqrt(${x})`,
  ([x], y, dy) => [multiply(dy, multiply(-0.5, divide(y, x as Tensor)))],
);
/** √x, with gradient 0 at 0 (as torch.norm has at distance 0). */
export const sqrt: Unary = pointwise(
  'sqrt',
  ([x]) => `sqrt(${x})`,
  (_inputs, y, dy) => [multiply(dy, select(greater(y, 0), divide(0.5, maximum(y, 1e-30)), 0))],
);
export const abs: Unary = pointwise(
  'abs',
  ([x]) => `abs(${x})`,
  ([x], _y, dy) => [multiply(dy, sign(x as Tensor))],
);
export const sign: Unary = pointwise(
  'sign',
  ([x]) => `sign(${x})`,
  () => [null],
);
/** arccos, for arguments inside (−1, 1). */
export const acos: Unary = pointwise(
  'acos',
  ([x], { helper }) => `${helper('acos_accurate', acosSource)}(${x})`,
  ([x], _y, dy) => [negate(multiply(dy, inverseSqrt(subtract(1, square(x as Tensor)))))],
);

export const maximum: Binary = pointwise(
  'maximum',
  ([a, b], { type }) => `max(${type}(${a}), ${type}(${b}))`,
  ([a, b], _y, dy) => {
    const first = greaterEqual(a as Tensor, b as Tensor);
    return [multiply(dy, first), multiply(dy, subtract(1, first))];
  },
);
export const minimum: Binary = pointwise(
  'minimum',
  ([a, b], { type }) => `min(${type}(${a}), ${type}(${b}))`,
  ([a, b], _y, dy) => {
    const first = greaterEqual(b as Tensor, a as Tensor);
    return [multiply(dy, first), multiply(dy, subtract(1, first))];
  },
);
const truth = (condition: string, type: string): string => `select(${type}(0.0), ${type}(1.0), ${condition})`;
/** 1 where a > b, else 0. */
export const greater: Binary = pointwise(
  'greater',
  ([a, b], { type }) => truth(`${a} > ${type}(${b})`, type),
  () => [null, null],
);
/** 1 where a ≥ b, else 0. */
export const greaterEqual: Binary = pointwise(
  'greaterEqual',
  ([a, b], { type }) => truth(`${a} >= ${type}(${b})`, type),
  () => [null, null],
);
/** `a` where the condition is not 0, else `b`. */
export const select: (condition: Operand, a: Operand, b: Operand) => Tensor = pointwise(
  'select',
  ([condition, a, b], { type }) => `select(${type}(${b}), ${type}(${a}), ${condition} != ${type}(0.0))`,
  ([condition], _y, dy) => [null, select(condition as Tensor, dy, 0), select(condition as Tensor, 0, dy)],
);
/** x limited to [low, high]; gradient 1 inside and at the ends, as torch.clamp. */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  return limited(x, low, high);
}
const limited: (x: Operand, low: Operand, high: Operand) => Tensor = pointwise(
  'clamp',
  ([x, low, high], { type }) => `clamp(${x}, ${type}(${low}), ${type}(${high}))`,
  ([x, low, high], _y, dy) => {
    const inside = multiply(greaterEqual(x as Tensor, low as Tensor), greaterEqual(high as Tensor, x as Tensor));
    return [multiply(dy, inside), null, null];
  },
);
const copyOp = defineOp<null, PointwiseOp<null>>({
  name: 'copy',
  kind: 'pointwise',
  type: ([x]) => [{ shape: x?.shape ?? [], dtype: x?.dtype ?? 'f32' }],
  expression: ([x]) => x ?? '',
  gradient: ({ gradients: [dy] }) => [dy ?? null],
});
/** The same values, whole numbers too, in memory of their own. */
export const copy: Unary = (x) => x.node.graph.one(copyOp, [x], null);
/** The same values with no gradient flowing back. */
export const stopGradient: Unary = pointwise(
  'stopGradient',
  ([x]) => `${x}`,
  () => [null],
);
