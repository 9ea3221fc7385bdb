// Dropout: zeroes elements with probability p and scales the others by 1 / (1 − p).
//
// Random bits are keyed by the run's seed and the draw, counted by element and step: the same step gives the same
// mask, also when a block is computed again, and no state is kept.
import { ShapeError } from '../graph/graph';
import { defineOp } from '../graph/op';
import type { PointwiseOp } from '../graph/tensor';
import type { Tensor } from '../graph/tensor';
import { keepThreshold, PHILOX_ROUNDS, philoxSource } from '../kernels/wgsl/philox';
import { expand } from './reduce';

interface DropoutAttributes {
  readonly probability: number;
}

const dropoutOp: PointwiseOp<DropoutAttributes> = defineOp<DropoutAttributes, PointwiseOp<DropoutAttributes>>({
  name: 'dropout',
  kind: 'pointwise',
  type([x, draw]) {
    if (!x || draw?.dtype !== 'u32') throw new ShapeError('wants a tensor and the number of the draw');
    return [{ shape: x.shape, dtype: 'f32' }];
  },
  expression([x, draw], { probability }, { lanes, type, helper, bound, index, step }) {
    helper('philox', philoxSource, true);
    const uniforms = step();
    const number = lanes === 4 ? `${draw}.x` : draw;
    const bits = `philox(vec4<u32>((${index()}) / 4u, ${uniforms}.index, 0u, 0u), vec2<u32>(${uniforms}.seed, ${number}), ${bound(PHILOX_ROUNDS)})`;
    const mine = lanes === 4 ? bits : `${bits}[(${index()}) % 4u]`;
    const threshold = keepThreshold(probability);
    const keep = lanes === 4 ? `${mine} >= vec4<u32>(${threshold}u)` : `${mine} >= ${threshold}u`;
    return `select(${type}(0.0), ${x} * ${1 / (1 - probability)}f, ${keep})`;
  },
  gradient({ inputs: [, draw], attributes, gradients: [dy] }) {
    const gradient = dy as Tensor;
    return [gradient.node.graph.one(dropoutOp, [gradient, draw as Tensor], attributes), null];
  },
});

/** Dropout with probability p; the identity where p is 0. */
export function dropout(x: Tensor, probability: number): Tensor {
  if (probability === 0) return x;
  const { graph } = x.node;
  const draw = graph.constant(new Uint32Array([graph.nextDraw()]), [1]);
  return graph.one(dropoutOp, [x, expand(draw, x.shape)], { probability });
}
