// Weights by the recordings' formula, for models whose weights no file stores.
import { sizeOf, type Shape } from '../../src/engine/graph/tensor';
import { hashValues } from './hashValues';

/** One entry of a fixture's `keys` metadata. */
export type KeyEntry = readonly [name: string, shape: Shape, trainable: boolean];

/** The value of a weight named `name`; null where the formula does not apply (fixed matrices). */
export function hashedWeight(prefix: string, name: string, shape: Shape): Float32Array | null {
  if (name.endsWith('adj_matrix')) return null;
  const size = sizeOf(shape);
  if (name.endsWith('num_batches_tracked')) return new Float32Array(size);
  const u = hashValues(prefix + name, size);
  if (shape.length >= 2) {
    const scale = Math.sqrt(3 / sizeOf(shape.slice(1)));
    return Float32Array.from(u, (value) => value * scale);
  }
  if (name.endsWith('running_var')) return Float32Array.from(u, (value) => 1 + 0.5 * value);
  if (name.endsWith('running_mean')) return Float32Array.from(u, (value) => 0.1 * value);
  return Float32Array.from(u, (value) => (name.endsWith('weight') ? 1 + 0.1 * value : 0.1 * value));
}
