// Activation functions and softmax.
import {
  elu,
  gelu,
  geluTanh,
  glu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  logSigmoid,
  prelu,
  quickGelu,
  relu,
  relu6,
  sigmoid,
  silu,
  softplus,
  softsign,
  tanh,
} from '../../../../src/engine/ops/activation';
import { abs, exp, negate, subtract } from '../../../../src/engine/ops/arithmetic';
import { logSoftmax, logsumexp, maskedSoftmax, softmax } from '../../../../src/engine/ops/softmax';
import { reshape } from '../../../../src/engine/ops/view';
import { arg, numberOf, ofX, type Adapters } from '../adapter';

export const activationAdapters: Adapters = {
  gelu_erf: ofX(gelu),
  gelu_tanh: ofX(geluTanh),
  quick_gelu: ofX(quickGelu),
  silu: ofX(silu),
  hardswish: ofX(hardSwish),
  hardsigmoid: ofX(hardSigmoid),
  relu6: ofX(relu6),
  relu: ofX(relu),
  leaky_relu_0p01: ofX(leakyRelu),
  sigmoid: ofX(sigmoid),
  tanh: ofX(tanh),
  softplus: ofX(softplus),
  logsigmoid: ofX(logSigmoid),
  elu: ofX(elu),
  exp_neg_abs: ofX((x) => exp(negate(abs(x)))),
  softsign: ofX(softsign),
  prelu(call) {
    const x = arg(call, 'x');
    return prelu(x, reshape(arg(call, 'weight'), [-1, ...x.shape.slice(2).fill(1)]));
  },
  glu: (call) => glu(arg(call, 'x'), numberOf(call, 'axis')),
  softmax: (call) => softmax(arg(call, 'x'), numberOf(call, 'axis')),
  log_softmax: (call) => logSoftmax(arg(call, 'x'), numberOf(call, 'axis')),
  logsumexp: (call) => logsumexp(arg(call, 'x'), numberOf(call, 'axis')),
  // The recorded mask says what is left out.
  masked_softmax: (call) => maskedSoftmax(arg(call, 'x'), subtract(1, arg(call, 'mask')), numberOf(call, 'axis')),
};
