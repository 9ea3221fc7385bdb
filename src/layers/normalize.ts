// Vectors of length 1, and the cosine between vectors.
import type { Tensor } from '../engine/graph/tensor';
import { divide, maximum, multiply, sqrt, square } from '../engine/ops/arithmetic';
import { sum } from '../engine/ops/reduce';

/** Euclidean length along one axis, which stays with size 1; at least `epsilon`. Gradient 0 at length 0. */
function length(x: Tensor, axis: number, epsilon: number): Tensor {
  return maximum(sqrt(sum(square(x), [axis], true)), epsilon);
}

/** x divided by its length along one axis, as torch.nn.functional.normalize. */
export function normalize(x: Tensor, axis = -1, epsilon = 1e-12): Tensor {
  return divide(x, length(x, axis, epsilon));
}

/** Cosine of the angle between a and b along one axis, which goes; as torch.nn.functional.cosine_similarity. */
export function cosineSimilarity(a: Tensor, b: Tensor, axis = -1, epsilon = 1e-8): Tensor {
  return sum(multiply(normalize(a, axis, epsilon), normalize(b, axis, epsilon)), [axis]);
}
