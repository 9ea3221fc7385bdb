// Batch normalisation over any axis: statistics over all other axes in training, running ones in evaluation.
//
// y = (x − mean)·rstd·w + b. Training backward: dx = w·rstd·(dy − mean(dy) − x̂·mean(dy·x̂)); x̂ is computed again.
import { ShapeError } from '../graph/graph';
import { defineOp } from '../graph/op';
import type { PointwiseOp } from '../graph/tensor';
import { normalAxis, sameShape, type Tensor } from '../graph/tensor';
import { add, inverseSqrt, multiply, multiplyAdd, negate, subtract } from './arithmetic';
import { moments } from './moments';
import { pointwise } from './pointwise';
import { mean } from './mean';
import { expand } from './reduce';
import { reshape, slice } from './view';

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
    // dx = w·rstd·dy + slope·(x − mean) + offset: what the sums give is folded per channel, not per element.
    const perChannel = (one: Tensor): Tensor => axes.reduce((part, axis) => slice(part, axis, 0, 1), one);
    const gain = multiply(perChannel(factor), perChannel(scale));
    const [spread, average] = [mean(aligned, axes, true), mean(flow, axes, true)];
    const slope = negate(multiply(multiply(gain, perChannel(scale)), spread));
    const offset = negate(multiply(gain, average));
    return [gradientOf(flow, input, middle, gain, slope, offset), ...parameters];
  },
});

const gradientOf = pointwise(
  'batchNormGradient',
  ([dy, x, center, gain, slope, offset]) => `fma(${dy}, ${gain}, fma(${x} - ${center}, ${slope}, ${offset}))`,
);

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
