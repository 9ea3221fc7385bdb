// Activation functions with the derivatives that training needs, element by element.
import type { Tensor } from '../graph/tensor';
import { erfSource } from '../kernels/wgsl/erf';
import { abs, add, clamp, divide, greater, multiply, multiplyAdd, negate, select, subtract } from './arithmetic';
import { pointwise } from './pointwise';
import { slice } from './view';

type Unary = (x: Tensor) => Tensor;

export const relu: Unary = pointwise(
  'relu',
  ([x], { type }) => `max(${x}, ${type}(0.0))`,
  (_inputs, y, dy) => [reluGradient(dy, y)],
);
/** In one piece, so that it joins the kernel that makes dy. */
const reluGradient = pointwise(
  'reluGradient',
  ([dy, y], { type }) => `(${dy} * select(${type}(0.0), ${type}(1.0), ${y} > ${type}(0.0)))`,
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

/** GELU with tanh in place of erf, as torch.nn.GELU('tanh'). */
export const geluTanh: Unary = pointwise(
  'geluTanh',
  ([x], { helper }) => `(0.5 * ${x} * (1.0 + ${helper('gelu_inner', geluInnerSource)}(${x})))`,
  ([x], _y, dy) => [multiply(dy, geluTanhDerivative(x as Tensor))],
);
const geluTanhDerivative: Unary = pointwise('geluTanhDerivative', ([x], { helper }) => {
  const inner = helper('gelu_inner', geluInnerSource);
  const name = helper(
    'gelu_tanh_derivative',
    (type, self) => `fn ${self}(x: ${type}) -> ${type} {
  let t = ${inner}(x);
  return 0.5 * (1.0 + t) + 0.3989422804 * x * (1.0 - t * t) * (1.0 + 0.134145 * x * x);
}`,
  );
  return `${name}(${x})`;
});
/** tanh(√(2/π) (x + 0.044715 x³)); the argument is limited to ±15, where f32 tanh is 1. */
function geluInnerSource(type: string, self: string): string {
  return `fn ${self}(x: ${type}) -> ${type} {
  return tanh(clamp(0.7978845608 * x * (1.0 + 0.044715 * x * x), ${type}(-15.0), ${type}(15.0)));
}`;
}

/** x·sigmoid(1.702 x), as CLIP's QuickGELU. */
export const quickGelu: Unary = (x) => multiply(x, sigmoid(multiply(x, 1.702)));

/** x/6 + 1/2, limited to [0, 1]. */
export const hardSigmoid: Unary = (x) => clamp(multiplyAdd(x, 1 / 6, 0.5), 0, 1);

/** x·hardSigmoid(x). */
export const hardSwish: Unary = (x) => multiply(x, hardSigmoid(x));

/** x limited to [0, 6]; no gradient at the ends, as torch.nn.ReLU6. */
export const relu6: Unary = pointwise(
  'relu6',
  ([x], { type }) => `clamp(${x}, ${type}(0.0), ${type}(6.0))`,
  (_inputs, y, dy) => [relu6Gradient(dy, y)],
);
const relu6Gradient = pointwise(
  'relu6Gradient',
  ([dy, y], { type }) => `(${dy} * select(${type}(0.0), ${type}(1.0), (${y} > ${type}(0.0)) & (${y} < ${type}(6.0))))`,
);

/** x where positive, else slope·x. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  return select(greater(x, 0), x, multiply(x, slope));
}

/** leakyRelu with a trained slope that broadcasts to x (per channel: reshape it first). */
export function prelu(x: Tensor, slope: Tensor): Tensor {
  return select(greater(x, 0), x, multiply(x, slope));
}

/** log(1 + exp(x)), without overflow. */
export const softplus: Unary = pointwise(
  'softplus',
  ([x], { type }) => `(max(${x}, ${type}(0.0)) + log(1.0 + exp(-abs(${x}))))`,
  ([x], _y, dy) => [multiply(dy, sigmoid(x as Tensor))],
);

/** log(sigmoid(x)), without overflow. */
export const logSigmoid: Unary = (x) => negate(softplus(negate(x)));

/** x where positive, else exp(x) − 1. */
export const elu: Unary = pointwise(
  'elu',
  ([x], { type }) => `select(exp(min(${x}, ${type}(0.0))) - 1.0, ${x}, ${x} > ${type}(0.0))`,
  ([x], y, dy) => [select(greater(x as Tensor, 0), dy, multiply(dy, add(y, 1)))],
);

/** x / (1 + |x|). */
export const softsign: Unary = (x) => divide(x, add(1, abs(x)));

/** First half of the axis times sigmoid of the second half. */
export function glu(x: Tensor, axis = -1): Tensor {
  const half = (x.shape.at(axis) ?? 0) / 2;
  return multiply(slice(x, axis, 0, half), sigmoid(slice(x, axis, half, half)));
}
