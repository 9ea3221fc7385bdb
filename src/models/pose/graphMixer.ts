// Graph convolution mixer over joints (fixed skeleton) or frames (nearest neighbours); spec section 5.
import type { Parameters } from '../../engine/graph/parameters';
import type { Initializer } from '../../engine/graph/graph';
import type { Tensor } from '../../engine/graph/tensor';
import { relu } from '../../engine/ops/activation';
import { add, greaterEqual, inverseSqrt, multiply, stopGradient } from '../../engine/ops/arithmetic';
import { kthLargest } from '../../engine/ops/kthLargest';
import { linear, matmul } from '../../engine/ops/matmul';
import { sum } from '../../engine/ops/reduce';
import { permute, transpose } from '../../engine/ops/view';
import { batchNorm } from '../../layers/batchNorm';
import { defaultInitializer } from '../../engine/graph/parameters';

/** Neighbours without self loops; not symmetric: rows 0 and 8 leave out 4, 11 and 14, as upstream does. */
const NEIGHBOURS: readonly (readonly number[])[] = [
  [1, 7], [0, 2], [1, 3], [2], [0, 5], [4, 6], [5], [0, 8], [7, 9],
  [8, 10], [9], [8, 12], [11, 13], [12], [8, 15], [14, 16], [15],
]; // prettier-ignore

/** D^(-1/2) A D^(-1/2) with D the row sums of A, row-major. */
export function normalisedAdjacency(neighbours: readonly (readonly number[])[]): Float32Array {
  const count = neighbours.length;
  const result = new Float32Array(count * count);
  const degree = (row: number): number => neighbours[row]?.length ?? 0;
  neighbours.forEach((row, r) => {
    for (const c of row) result[r * count + c] = 1 / Math.sqrt(degree(r) * degree(c));
  });
  return result;
}

export interface GraphMixerOptions {
  readonly training: boolean;
  readonly axis: 'spatial' | 'temporal';
  readonly neighbours: number;
}

/** y = ReLU(x + BN(Â V(x) + U(x))), x [B, T, J, C]; Â is fixed (spatial) or found from x (temporal). */
export function graphMixer(p: Parameters, x: Tensor, options: GraphMixerOptions): Tensor {
  const channels = x.shape[3] ?? 1;
  const weight: Initializer = { kind: 'normal', deviation: Math.sqrt(2 / channels) };
  const project = (name: string): Tensor => {
    const place = p.at(name);
    return linear(
      x,
      place.weight('weight', [channels, channels], weight),
      place.weight('bias', [channels], defaultInitializer(channels)),
    );
  };
  const u = project('U');
  const v = project('V');
  const gathered = options.axis === 'spatial' ? alongSkeleton(v) : alongTime(x, v, options.neighbours);
  const axis = options.axis === 'spatial' ? 2 : 1;
  return relu(add(x, batchNorm(p.at('batch_norm'), add(gathered, u), { axis, training: options.training })));
}

function alongSkeleton(v: Tensor): Tensor {
  const adjacency = v.node.graph.constant(normalisedAdjacency(NEIGHBOURS), [1, 1, 17, 17]);
  return matmul(adjacency, v);
}

/** Frames of one joint are neighbours where their similarity is among the k largest of the row; no gradient to x. */
function alongTime(x: Tensor, v: Tensor, k: number): Tensor {
  const perJoint = permute(stopGradient(x), [0, 2, 1, 3]);
  const similarity = matmul(perJoint, transpose(perJoint, 2, 3));
  const adjacency = greaterEqual(similarity, kthLargest(similarity, k));
  const scale = inverseSqrt(sum(adjacency, [3], true));
  const normalised = stopGradient(multiply(multiply(adjacency, scale), transpose(scale, 2, 3)));
  return permute(matmul(normalised, permute(v, [0, 2, 1, 3])), [0, 2, 1, 3]);
}
