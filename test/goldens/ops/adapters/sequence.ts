// Causal convolution, selective scans and the pose model's simplified scan.
import { add, exp, multiply, negate } from '../../../../src/engine/ops/arithmetic';
import { causalConv1d } from '../../../../src/engine/ops/causalConv1d';
import { linear, matmul } from '../../../../src/engine/ops/matmul';
import { mean } from '../../../../src/engine/ops/mean';
import { selectiveScan } from '../../../../src/engine/ops/selectiveScan';
import { slice, transpose } from '../../../../src/engine/ops/view';
import { mambaMixer } from '../../../../src/layers/mamba';
import { arg, type Adapters } from '../adapter';

export const sequenceAdapters: Adapters = {
  // Recorded channels first; ours are last.
  conv1d_causal_depthwise: (call) =>
    transpose(causalConv1d(transpose(arg(call, 'x'), 1, 2), arg(call, 'weight'), arg(call, 'bias')), 1, 2),
  // Recorded channels first; ours are last.
  selective_scan(call) {
    const [u, delta, z, b, c] = ['u', 'delta', 'z', 'B', 'C'].map((name) => transpose(arg(call, name), 1, 2));
    const { y, lastState } = selectiveScan(u!, delta!, arg(call, 'A'), b!, c!, {
      d: arg(call, 'D'),
      z: z!,
      deltaBias: arg(call, 'delta_bias'),
      deltaSoftplus: call.attrs['delta_softplus'] === true,
    });
    return { y: transpose(y, 1, 2), last_state: lastState };
  },
  mamba_block: (call) =>
    mambaMixer(arg(call, 'x'), {
      inProj: arg(call, 'in_proj'),
      convWeight: arg(call, 'conv_w'),
      convBias: arg(call, 'conv_b'),
      xProj: arg(call, 'x_proj'),
      dtWeight: arg(call, 'dt_w'),
      dtBias: arg(call, 'dt_b'),
      aLog: arg(call, 'A_log'),
      d: arg(call, 'D'),
      outProj: arg(call, 'out_proj'),
    }),
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
