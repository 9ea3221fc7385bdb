// Causal convolution and the pose model's simplified scan.
import { add, exp, multiply, negate } from '../../../../src/engine/ops/arithmetic';
import { causalConv1d } from '../../../../src/engine/ops/causalConv1d';
import { linear, matmul } from '../../../../src/engine/ops/matmul';
import { mean } from '../../../../src/engine/ops/reduce';
import { slice, transpose } from '../../../../src/engine/ops/view';
import { arg, type Adapters } from '../adapter';

export const sequenceAdapters: Adapters = {
  // Recorded channels first; ours are last.
  conv1d_causal_depthwise: (call) =>
    transpose(causalConv1d(transpose(arg(call, 'x'), 1, 2), arg(call, 'weight'), arg(call, 'bias')), 1, 2),
  simplified_scan(call) {
    const x = arg(call, 'x');
    const a = negate(exp(arg(call, 'A_log')));
    const states = a.shape[1]!;
    const both = linear(x, arg(call, 'x_proj'));
    const product = multiply(slice(both, 2, 0, states), slice(both, 2, states, states));
    const g = matmul(mean(x, [1], true), a);
    return add(matmul(multiply(g, product), transpose(a, 0, 1)), multiply(arg(call, 'D'), x));
  },
};
