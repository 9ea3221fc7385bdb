// Arithmetic element by element, and reductions.
import {
  abs,
  acos,
  add,
  clamp,
  divide,
  exp,
  inverseSqrt,
  log,
  maximum,
  minimum,
  multiply,
  sqrt,
  square,
  subtract,
} from '../../../../src/engine/ops/arithmetic';
import { max, min } from '../../../../src/engine/ops/extremes';
import { moments } from '../../../../src/engine/ops/moments';
import { product } from '../../../../src/engine/ops/product';
import { cosine, expm1, log1p, power, reciprocal, sine } from '../../../../src/engine/ops/power';
import { mean } from '../../../../src/engine/ops/mean';
import { sum } from '../../../../src/engine/ops/reduce';
import { reshape } from '../../../../src/engine/ops/view';
import { numberOf, arg, ofAB, ofX, type Adapters } from '../adapter';

export const elementwiseAdapters: Adapters = {
  add: ofAB(add),
  sub: ofAB(subtract),
  mul: ofAB(multiply),
  div: ofAB(divide),
  maximum: ofAB(maximum),
  minimum: ofAB(minimum),
  exp: ofX(exp),
  sqrt: ofX(sqrt),
  rsqrt: ofX(inverseSqrt),
  log: ofX(log),
  log1p: ofX(log1p),
  square: ofX(square),
  reciprocal: ofX(reciprocal),
  pow1p7: ofX((x) => power(x, 1.7)),
  sin: ofX(sine),
  cos: ofX(cosine),
  expm1: ofX(expm1),
  acos: ofX((x) => acos(clamp(subtract(x, 1.5), -1 + 1e-7, 1 - 1e-7))),
  abs: ofX((x) => abs(subtract(x, 1.5))),
  clamp: (call) => clamp(arg(call, 'x'), numberOf(call, 'min'), numberOf(call, 'max')),
  sum_all: ofX((x) => sum(x)),
  sum1: ofX((x) => sum(x, [1])),
  sum02: ofX((x) => sum(x, [0, 2])),
  sum: ofX((x) => sum(x, [1])),
  mean_last: ofX((x) => mean(x, [-1])),
  mean_keep: ofX((x) => subtract(x, mean(x, [0, 1], true))),
  var_unbiased: ofX((x) => {
    const count = x.shape[1]!;
    const { variance } = moments(x, [1]);
    return reshape(multiply(variance, count / (count - 1)), [x.shape[0]!, x.shape[2]!]);
  }),
  std_biased: ofX((x) => sqrt(reshape(moments(x, [2]).variance, x.shape.slice(0, 2)))),
  prod1: ofX((x) => product(x, 1)),
  max1: ofX((x) => max(x, [1])),
  min_last: ofX((x) => min(x, [-1])),
  amax02: ofX((x) => max(x, [0, 2])),
  norm2_last: ofX((x) => sqrt(sum(square(x), [-1]))),
};
