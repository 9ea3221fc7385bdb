// Softmax, its gradient and log-sum-exp along any axis, row by row; a row is one line of elements along that axis.
import type { Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import type { Tensor } from '../graph/tensor';
import type { Call } from './call';
import { linesOf } from './lines';

/** y = exp(x − max) / Σ exp(x − max). */
export function lowerSoftmax(lowering: Lowering, x: Tensor, axis: number, y: Tensor): Call[] {
  const { kernel, at } = linesOf(lowering, 'softmax', x, axis);
  const { builder, lanes } = kernel;
  const [largest = ''] = kernel.fold(['max'], (k) => [builder.load(x, at(k), lanes)]);
  const term = (k: Index): string => builder.let(`exp(${builder.load(x, at(k), lanes)} - ${largest})`);
  const [total = ''] = kernel.fold(['sum'], (k) => [term(k)]);
  const factor = builder.let(`1.0 / ${total}`);
  kernel.each((k) => builder.store([[y, builder.let(`${term(k)} * ${factor}`)]], at(k), lanes));
  return [kernel.finish(8 * x.size)];
}

/** dx = y (dy − Σ dy y). */
export function lowerSoftmaxGradient(
  lowering: Lowering,
  [y, dy]: readonly [Tensor, Tensor],
  axis: number,
  dx: Tensor,
): Call[] {
  const { kernel, at } = linesOf(lowering, 'softmax_gradient', y, axis);
  const { builder, lanes } = kernel;
  const load = (tensor: Tensor, k: Index): string => builder.load(tensor, at(k), lanes);
  const [product = ''] = kernel.fold(['sum'], (k) => [`${load(dy, k)} * ${load(y, k)}`]);
  kernel.each((k) => builder.store([[dx, builder.let(`${load(y, k)} * (${load(dy, k)} - ${product})`)]], at(k), lanes));
  return [kernel.finish(4 * y.size)];
}

/** y = max + log Σ exp(x − max), one value per line. */
export function lowerLogSumExp(lowering: Lowering, x: Tensor, axis: number, y: Tensor): Call[] {
  const { kernel, at } = linesOf(lowering, 'logsumexp', x, axis);
  const { builder, lanes } = kernel;
  const [largest = ''] = kernel.fold(['max'], (k) => [builder.load(x, at(k), lanes)]);
  const [total = ''] = kernel.fold(['sum'], (k) => [builder.let(`exp(${builder.load(x, at(k), lanes)} - ${largest})`)]);
  const value = builder.let(`${largest} + log(${total})`);
  kernel.once(() => builder.store([[y, value]], kernel.row, kernel.rowLanes));
  return [kernel.finish(6 * x.size)];
}
