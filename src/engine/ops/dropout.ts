// Dropout: zeroes elements with probability p and scales the others by 1 / (1 − p).
//
// Random bits come from Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") keyed by
// the run's seed and the draw, counted by element and step: the same step gives the same mask, also when a block is
// computed again, and no state is kept.
import { ShapeError } from '../graph/graph';
import { defineOp, type PointwiseOp } from '../graph/op';
import type { Tensor } from '../graph/tensor';
import { expand } from './view';

const philoxSource = (): string => `fn mul_high(a: u32, b: u32) -> u32 {
  let al = a & 0xffffu;
  let ah = a >> 16u;
  let bl = b & 0xffffu;
  let bh = b >> 16u;
  let low = al * bl;
  let middle = ah * bl + (low >> 16u);
  let carry = al * bh + (middle & 0xffffu);
  return ah * bh + (middle >> 16u) + (carry >> 16u);
}
fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var k = key;
  for (var round = 0; round < 10; round++) {
    c = vec4<u32>(
      mul_high(0xcd9e8d57u, c.z) ^ c.y ^ k.x, 0xcd9e8d57u * c.z,
      mul_high(0xd2511f53u, c.x) ^ c.w ^ k.y, 0xd2511f53u * c.x);
    k += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}`;

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
  expression([x, draw], { probability }, { lanes, type, helper, index, step }) {
    helper('philox', philoxSource, true);
    const uniforms = step();
    const number = lanes === 4 ? `${draw}.x` : draw;
    const bits = `philox(vec4<u32>((${index()}) / 4u, ${uniforms}.index, 0u, 0u), vec2<u32>(${uniforms}.seed, ${number}))`;
    const mine = lanes === 4 ? bits : `${bits}[(${index()}) % 4u]`;
    const threshold = Math.min(0xffffffff, Math.round(probability * 2 ** 32));
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
