// Mixed precision: which results lie in memory as f16. All arithmetic stays f32; only what is stored is halved.
//
// Activations and their gradients are halved; results, weights, gradients of weights, sums and statistics are not,
// nor what the trace keeps at full precision (losses).
import { inputOp, type InputAttributes } from '../graph/graph';
import type { Target } from '../kernels/target';
import type { Tensor } from '../graph/tensor';
import type { Group } from './fuse';

/** Tells for a tensor whether it lies in memory as f16. `results` are what the caller reads; inputs say themselves. */
export function chooseHalves(
  groups: readonly Group[],
  results: ReadonlySet<Tensor>,
  target: Target,
): (tensor: Tensor) => boolean {
  const given = ({ node }: Tensor): boolean =>
    (node.op as unknown) === inputOp && (node.attributes as InputAttributes | null)?.half === true;
  if (!target.half) return given;
  const halves = new Set(
    groups.flatMap(({ outputs }) => outputs.filter((output) => !results.has(output) && mayBeHalf(output))),
  );
  return (tensor) => halves.has(tensor) || given(tensor);
}

function mayBeHalf({ node, index, shape, dtype }: Tensor): boolean {
  if (node.precise || dtype !== 'f32') return false;
  // What has one number per row or per channel is a statistic or made of some.
  if (shape[shape.length - 1] === 1 || shape.filter((size) => size > 1).length < 2) return false;
  if (node.op.kind === 'pointwise') return true;
  return node.op.kind === 'kernel' && (node.op.halves?.includes(index) ?? false);
}
