// Powers, logarithms near 1 and trigonometry, element by element.
import { defineOp } from '../graph/op';
import type { PointwiseOp } from '../graph/tensor';
import type { Tensor } from '../graph/tensor';
import { literal } from '../kernels/literal';
import { atanSource } from '../kernels/wgsl/atan';
import { add, divide, multiply, negate, square } from './arithmetic';
import { pointwise } from './pointwise';

type Unary = (x: Tensor) => Tensor;

const powerOp = defineOp<{ exponent: number }, PointwiseOp<{ exponent: number }>>({
  name: 'power',
  kind: 'pointwise',
  type: ([x]) => [{ shape: x?.shape ?? [], dtype: 'f32' }],
  expression: ([x], { exponent }, { type }) => `pow(${x}, ${type}(${literal(exponent, 'f32')}))`,
  gradient: ({ inputs: [x], attributes: { exponent }, gradients: [dy] }) => [
    multiply(dy as Tensor, multiply(exponent, power(x as Tensor, exponent - 1))),
  ],
});

/** x^exponent for x ≥ 0; whole exponents up to 2 take any x. */
export function power(x: Tensor, exponent: number): Tensor {
  if (exponent === 1) return x;
  if (exponent === 2) return square(x);
  return x.node.graph.one(powerOp, [x], { exponent });
}

/** 1 / x. */
export const reciprocal: Unary = pointwise(
  'reciprocal',
  ([x]) => `(1.0 / ${x})`,
  (_inputs, y, dy) => [negate(multiply(dy, square(y)))],
);

/** log(1 + x), exact for small x (Kahan's correction by what 1 + x rounds away). */
export const log1p: Unary = pointwise(
  'log1p',
  ([x], { helper }) => {
    const name = helper(
      'log_of_one_plus',
      (type, self) => `fn ${self}(x: ${type}) -> ${type} {
  let u = 1.0 + x;
  let off = u - 1.0;
  return select(log(u) * x / off, x, off == ${type}(0.0));
}`,
    );
    return `${name}(${x})`;
  },
  ([x], _y, dy) => [divide(dy, add(1, x as Tensor))],
);

/** exp(x) − 1, exact for small x (by its Taylor series below 0.35). */
export const expm1: Unary = pointwise(
  'expm1',
  ([x], { helper }) => {
    const name = helper(
      'exp_minus_one',
      (type, self) => `fn ${self}(x: ${type}) -> ${type} {
  let series = x * (1.0 + x * (0.5 + x * (0.16666667 + x * (0.041666667 + x * (0.0083333333 + x * 0.0013888889)))));
  return select(exp(x) - 1.0, series, abs(x) < ${type}(0.35));
}`,
    );
    return `${name}(${x})`;
  },
  (_inputs, y, dy) => [multiply(dy, add(y, 1))],
);

export const sine: Unary = pointwise(
  'sine',
  ([x]) => `sin(${x})`,
  ([x], _y, dy) => [multiply(dy, cosine(x as Tensor))],
);

export const cosine: Unary = pointwise(
  'cosine',
  ([x]) => `cos(${x})`,
  ([x], _y, dy) => [negate(multiply(dy, sine(x as Tensor)))],
);

/** arctan, in (−π/2, π/2). */
export const atan: Unary = pointwise(
  'atan',
  ([x], { helper }) => `${helper('atan_accurate', atanSource)}(${x})`,
  ([x], _y, dy) => [divide(dy, add(1, square(x as Tensor)))],
);
