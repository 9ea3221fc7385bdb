// A fused pointwise chain: one invocation per four neighbours. The last group of an uneven size reaches beyond its end,
// where memory is padded; zeros are written there.
import { variable } from '../graph/indexing';
import type { Tensor } from '../graph/tensor';
import { KernelBuilder, type Residence } from './builder';
import type { Call } from './call';
import { neighbours, worthLanes } from './lanes';
import type { Target } from './target';

/** Lowers a group of pointwise results that all have the same number of elements. */
export function lowerPointwise(outputs: readonly Tensor[], label: string, target: Target, residence: Residence): Call {
  const [head] = outputs as [Tensor];
  const size = head.size;
  const lanes = size === 1 ? 1 : size % 4 === 0 ? worthLanes(4, size, target) : 4;
  const units = Math.ceil(size / lanes);
  const builder = new KernelBuilder('pointwise', label, target, residence, () => null);
  const index = neighbours(variable('ix', units), lanes);
  // All is read before anything is written: an output may lie where something ends that it was made from.
  const values = outputs.map((output) => builder.load(output, index, lanes));
  const past = units * lanes - size;
  const last = [0, 1, 2, 3].map((lane) => `${lane + past < 4}`).join(', ');
  const inside = past === 0 ? null : builder.let(`vec4<bool>(${last}) | vec4<bool>(ix + 1u < ${units}u)`, 'inside');
  outputs.forEach((output, k) => {
    const value = values[k] as string;
    const kept = inside === null ? value : builder.let(`select(vec4<${output.dtype}>(0), ${value}, ${inside})`);
    builder.write(output, index, kept, lanes);
  });
  return builder.finish({ x: units }, residence.computed.size * size);
}
