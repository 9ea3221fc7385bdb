// Batch normalisation over any axis: statistics over all other axes in training, running ones in evaluation.
//
// y = (x − mean)·rstd·w + b. Training backward: dx = w·rstd·(dy − mean(dy) − x̂·mean(dy·x̂)); x̂ is computed again.
import { ShapeError } from '../graph/graph';
import { defineOp, type PointwiseOp } from '../graph/op';
import { normalAxis, sameShape, type Tensor } from '../graph/tensor';
import { add, inverseSqrt, multiply, multiplyAdd, subtract } from './arithmetic';
import { moments } from './moments';
import { mean } from './reduce';
import { expand, reshape } from './view';

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
    const flow = dy as Tensor;
    const normal = multiply(subtract(x as Tensor, center as Tensor), rstd as Tensor);
    const aligned = multiply(flow, normal);
    const factor = multiply(weight as Tensor, rstd as Tensor);
    const centred = axes
      ? subtract(subtract(flow, mean(flow, axes, true)), multiply(normal, mean(aligned, axes, true)))
      : flow;
    return [wanted[0] ? multiply(factor, centred) : null, null, null, aligned, flow];
  },
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
