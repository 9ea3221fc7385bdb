// Matrix products.
import { linear, matmul } from '../../../../src/engine/ops/matmul';
import { transpose } from '../../../../src/engine/ops/view';
import { arg, ofAB, type Adapters } from '../adapter';

export const matmulAdapters: Adapters = {
  matmul: ofAB(matmul),
  matmul_tn: ofAB((a, b) => matmul(transpose(a, -1, -2), b)),
  matmul_nt: ofAB((a, b) => matmul(a, transpose(b, -1, -2))),
  linear: (call) => linear(arg(call, 'x'), arg(call, 'weight'), call.inputs['bias']),
};
