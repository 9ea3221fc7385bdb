// Layer, batch, group and root-mean-square norms.
import { batchNorm } from '../../../../src/engine/ops/batchNorm';
import { groupNorm, rmsNorm } from '../../../../src/engine/ops/groupNorm';
import { layerNorm } from '../../../../src/engine/ops/layerNorm';
import { reshape, transpose } from '../../../../src/engine/ops/view';
import { arg, numberOf, type Adapters } from '../adapter';

export const normalizationAdapters: Adapters = {
  layer_norm(call) {
    const x = arg(call, 'x');
    const width = (call.attrs['normalized_shape'] as number[]).reduce((product, size) => product * size, 1);
    const { weight, bias } = call.inputs;
    const flat = layerNorm(
      reshape(x, [-1, width]),
      weight ? reshape(weight, [width]) : 1,
      bias ? reshape(bias, [width]) : 0,
      numberOf(call, 'eps'),
    );
    return reshape(flat, x.shape);
  },
  layer_norm_channel_first(call) {
    const last = transpose(arg(call, 'x'), 1, 2);
    const [weight, bias] = ['weight', 'bias'].map((name) => reshape(arg(call, name), [-1]));
    return transpose(layerNorm(last, weight!, bias!, numberOf(call, 'eps')), 1, 2);
  },
  rms_norm: (call) => rmsNorm(arg(call, 'x'), arg(call, 'weight'), numberOf(call, 'eps')),
  group_norm: (call) =>
    groupNorm(
      arg(call, 'x'),
      numberOf(call, 'num_groups'),
      arg(call, 'weight'),
      arg(call, 'bias'),
      numberOf(call, 'eps'),
    ),
  batch_norm(call) {
    const [x, weight, bias, mean, variance] = ['x', 'weight', 'bias', 'running_mean', 'running_var'].map((name) =>
      arg(call, name),
    );
    const training = call.attrs['training'] === true;
    const options = { axis: 1, training, momentum: numberOf(call, 'momentum', 0.1), epsilon: numberOf(call, 'eps') };
    const { y, newRunningMean, newRunningVar } = batchNorm(x!, weight!, bias!, mean!, variance!, options);
    return training ? { y, new_running_mean: newRunningMean, new_running_var: newRunningVar } : { y };
  },
};
