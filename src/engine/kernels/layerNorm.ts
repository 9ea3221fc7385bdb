// Layer norm forward and backward, row by row; the variance is summed around the mean, so large offsets do no harm.
import { add, scale, type Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import type { Tensor } from '../graph/tensor';
import type { Call } from './call';
import { literal } from './literal';
import { RowKernel } from './rows';

function rowsOf(lowering: Lowering, name: string, x: Tensor): { kernel: RowKernel; at: (k: Index) => Index } {
  const width = x.shape[x.shape.length - 1] ?? 1;
  const kernel = new RowKernel(lowering, name, {
    rows: x.size / width,
    width,
    direction: width % 4 === 0 ? 'along' : 'none',
  });
  return { kernel, at: (k) => add(scale(kernel.row, width), k) };
}

/** y, mean and rstd of every row of x. */
export function lowerLayerNorm(
  lowering: Lowering,
  [x, weight, bias]: readonly [Tensor, Tensor, Tensor],
  epsilon: number,
  [y, mean, rstd]: readonly [Tensor, Tensor, Tensor],
): Call[] {
  const { kernel, at } = rowsOf(lowering, 'layer_norm', x);
  const { builder, lanes } = kernel;
  const width = `${x.size / mean.size}.0`;
  const [total] = kernel.fold(['sum'], (k) => [builder.load(x, at(k), lanes)]);
  const average = builder.let(`${total ?? ''} / ${width}`, 'mean');
  const [squares] = kernel.fold(['sum'], (k) => {
    const centred = builder.let(`${builder.load(x, at(k), lanes)} - ${average}`);
    return [`${centred} * ${centred}`];
  });
  const scaling = builder.let(`inverseSqrt(${squares ?? ''} / ${width} + ${literal(epsilon, 'f32')})`, 'rstd');
  kernel.each((k) => {
    const centred = `(${builder.load(x, at(k), lanes)} - ${average})`;
    const value = `fma(${centred} * ${scaling}, ${builder.load(weight, k, lanes)}, ${builder.load(bias, k, lanes)})`;
    builder.store([[y, builder.let(value)]], at(k), lanes);
  });
  kernel.once(() => {
    if (lowering.outputs.includes(mean)) builder.write(mean, kernel.row, average);
    if (lowering.outputs.includes(rstd)) builder.write(rstd, kernel.row, scaling);
  });
  return [kernel.finish(8 * x.size)];
}

/** dx of every row, from x, its mean and rstd, the weight and dy. */
export function lowerLayerNormGradient(
  lowering: Lowering,
  [x, mean, rstd, weight, dy]: readonly [Tensor, Tensor, Tensor, Tensor, Tensor],
  dx: Tensor,
): Call[] {
  const { kernel, at } = rowsOf(lowering, 'layer_norm_gradient', x);
  const { builder, lanes } = kernel;
  const width = `${x.size / mean.size}.0`;
  const average = builder.load(mean, kernel.row);
  const scaling = builder.load(rstd, kernel.row);
  const terms = (k: Index): { flow: string; xhat: string } => ({
    flow: builder.let(`${builder.load(dy, at(k), lanes)} * ${builder.load(weight, k, lanes)}`),
    xhat: builder.let(`(${builder.load(x, at(k), lanes)} - ${average}) * ${scaling}`),
  });
  const [flows, products] = kernel.fold(['sum', 'sum'], (k) => {
    const { flow, xhat } = terms(k);
    return [flow, `${flow} * ${xhat}`];
  });
  const meanFlow = builder.let(`${flows ?? ''} / ${width}`);
  const meanProduct = builder.let(`${products ?? ''} / ${width}`);
  kernel.each((k) => {
    const { flow, xhat } = terms(k);
    const value = builder.let(`${scaling} * (${flow} - ${meanFlow} - ${xhat} * ${meanProduct})`);
    builder.store([[dx, value]], at(k), lanes);
  });
  return [kernel.finish(12 * x.size)];
}
