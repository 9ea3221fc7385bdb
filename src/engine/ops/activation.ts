// Activation functions with the derivatives that training needs, element by element.
import type { Tensor } from '../graph/tensor';
import { erfSource } from '../kernels/wgsl/erf';
import { greater, multiply, subtract } from './arithmetic';
import { pointwise } from './pointwise';

type Unary = (x: Tensor) => Tensor;

export const relu: Unary = pointwise(
  'relu',
  ([x], { type }) => `max(${x}, ${type}(0.0))`,
  (_inputs, y, dy) => [multiply(dy, greater(y, 0))],
);

/** 1 / (1 + exp(−x)). */
export const sigmoid: Unary = pointwise(
  'sigmoid',
  ([x]) => `(1.0 / (1.0 + exp(-${x})))`,
  (_inputs, y, dy) => [multiply(dy, multiply(y, subtract(1, y)))],
);

/** tanh; the argument is limited to ±15, where f32 tanh is 1 and some drivers' exp overflows. */
export const tanh: Unary = pointwise(
  'tanh',
  ([x], { type }) => `tanh(clamp(${x}, ${type}(-15.0), ${type}(15.0)))`,
  (_inputs, y, dy) => [multiply(dy, subtract(1, multiply(y, y)))],
);

/** x·sigmoid(x). */
export const silu: Unary = pointwise(
  'silu',
  ([x]) => `(${x} / (1.0 + exp(-${x})))`,
  ([x], _y, dy) => [multiply(dy, siluDerivative(x as Tensor))],
);
const siluDerivative: Unary = pointwise('siluDerivative', ([x], { helper }) => {
  const name = helper(
    'silu_derivative',
    (type, self) => `fn ${self}(x: ${type}) -> ${type} {
  let s = 1.0 / (1.0 + exp(-x));
  return s * (1.0 + x * (1.0 - s));
}`,
  );
  return `${name}(${x})`;
});

/** x·Φ(x) with the exact normal distribution function (erf), as torch.nn.GELU(). */
export const gelu: Unary = pointwise(
  'gelu',
  ([x], { helper }) => {
    const erf = helper('erf', erfSource);
    return `(0.5 * ${x} * (1.0 + ${erf}(${x} * 0.70710678118)))`;
  },
  ([x], _y, dy) => [multiply(dy, geluDerivative(x as Tensor))],
);
const geluDerivative: Unary = pointwise('geluDerivative', ([x], { helper }) => {
  const erf = helper('erf', erfSource);
  const name = helper(
    'gelu_derivative',
    (type, self) => `fn ${self}(x: ${type}) -> ${type} {
  return 0.5 * (1.0 + ${erf}(x * 0.70710678118)) + x * 0.3989422804 * exp(-0.5 * x * x);
}`,
  );
  return `${name}(${x})`;
});
