// A fused pointwise chain: one invocation per element, or per four neighbours where all shapes allow it.
import { variable } from '../graph/indexing';
import type { Tensor } from '../graph/tensor';
import { KernelBuilder, type Residence } from './builder';
import type { Call } from './call';
import { neighbours } from './lanes';
import type { Target } from './target';

/** Lowers a group of pointwise results that all have the same number of elements. */
export function lowerPointwise(outputs: readonly Tensor[], label: string, target: Target, residence: Residence): Call {
  const [head] = outputs as [Tensor];
  const size = head.size;
  const vector = size % 4 === 0 && (head.shape[head.shape.length - 1] ?? 1) % 4 === 0;
  const builder = new KernelBuilder('pointwise', label, target, residence, () => null);
  const lanes = vector ? 4 : 1;
  const index = neighbours(variable('ix', size / lanes), lanes);
  // All is read before anything is written: an output may lie where something ends that it was made from.
  const values = outputs.map((output) => builder.load(output, index, lanes));
  outputs.forEach((output, k) => builder.write(output, index, values[k] as string, lanes));
  return builder.finish({ x: size / lanes }, residence.computed.size * size);
}
