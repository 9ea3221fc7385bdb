// Batch normalisation over any axis: statistics over all other axes in training, running ones in evaluation.
//
// y = (x − mean)·rstd·w + b. Training backward: dx = w·rstd·(dy − mean(dy) − x̂·mean(dy·x̂)); x̂ is computed again.
import { ShapeError } from '../graph/graph';
import { defineOp } from '../graph/op';
import type { PointwiseOp } from '../graph/tensor';
import { normalAxis, sameShape, sizeOf, type Tensor } from '../graph/tensor';
import { add, inverseSqrt, multiply, multiplyAdd, subtract } from './arithmetic';
import { moments } from './moments';
import { pointwise } from './pointwise';
import { expand, sum } from './reduce';
import { reshape } from './view';

/** x, mean, rstd, weight, bias, all of one shape; the statistics count as functions of x (training) or as constants. */
const normaliseOp = defineOp<{ axes: readonly number[] | null }, PointwiseOp<{ axes: readonly number[] | null }>>({
  name: 'batchNorm',
  kind: 'pointwise',
  type(inputs) {
    const [x] = inputs;
    if (!x || inputs.some((one) => !sameShape(one.shape, x.shape))) throw new ShapeError('shapes differ');
    return [{ shape: x.shape, dtype: 'f32' }];
  },
  expression: ([x, center, rstd, weight, bias]) => `fma((${x} - ${center}) * ${rstd}, ${weight}, ${bias})`,
  gradient({ inputs: [x, center, rstd, weight], attributes: { axes }, gradients: [dy], wanted }) {
    const [input, middle, scale, factor, flow] = [x, center, rstd, weight, dy] as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const aligned = multiply(flow, multiply(subtract(input, middle), scale));
    const parameters = [null, null, aligned, flow];
    if (!wanted[0]) return [null, ...parameters];
    if (!axes) return [multiply(multiply(flow, scale), factor), ...parameters];
    // The sums as they are: what they give is folded where it is used, since a kernel for a number per channel costs
    // more than some arithmetic for each element.
    const count = sizeOf(axes.map((axis) => input.shape[axis] ?? 1));
    const dx = gradientOf(
      flow,
      input,
      middle,
      scale,
      factor,
      sum(aligned, axes, true),
      sum(flow, axes, true),
      -1 / count,
    );
    return [dx, ...parameters];
  },
});

/** From dy, x, mean, rstd, weight, the sums of dy·x̂ and of dy, and minus one over how many elements these are of. */
const gradientOf = pointwise('batchNormGradient', ([dy, x, center, rstd, weight, aligned, flow, share]) => {
  const folded = `fma((${x} - ${center}) * ${rstd}, ${aligned}, ${flow})`;
  return `${weight} * ${rstd} * fma(${folded}, ${share}, ${dy})`;
});

export interface BatchNormOptions {
  readonly axis: number;
  readonly training: boolean;
  readonly momentum: number;
  readonly epsilon: number;
}

/**
 * Normalises x per entry of `axis`. Running statistics are [channels]; in training the new ones mix in the batch's
 * mean and unbiased variance by `momentum`, in evaluation they come back as they are.
 */
export function batchNorm(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  runningMean: Tensor,
  runningVariance: Tensor,
  { axis, training, momentum, epsilon }: BatchNormOptions,
): { y: Tensor; newRunningMean: Tensor; newRunningVar: Tensor } {
  const channel = normalAxis(axis, x.shape.length);
  const channels = x.shape[channel] ?? 1;
  const axes = x.shape.map((_, k) => k).filter((k) => k !== channel);
  const aligned = (vector: Tensor): Tensor =>
    reshape(
      vector,
      x.shape.map((size, k) => (k === channel ? size : 1)),
    );
  const whole = (vector: Tensor): Tensor => expand(aligned(vector), x.shape);
  const batch = training ? moments(x, axes) : null;
  const center = batch ? batch.mean : aligned(runningMean);
  const rstd = inverseSqrt(add(batch ? batch.variance : aligned(runningVariance), epsilon));
  const y = x.node.graph.one(
    normaliseOp,
    [x, expand(center, x.shape), expand(rstd, x.shape), whole(weight), whole(bias)],
    { axes: training ? axes : null },
  );
  if (!batch) return { y, newRunningMean: runningMean, newRunningVar: runningVariance };
  const count = x.size / channels;
  const unbiased = multiply(batch.variance, count / Math.max(1, count - 1));
  const mix = (old: Tensor, now: Tensor): Tensor =>
    multiplyAdd(old, 1 - momentum, multiply(reshape(now, [channels]), momentum));
  return { y, newRunningMean: mix(runningMean, batch.mean), newRunningVar: mix(runningVariance, unbiased) };
}
