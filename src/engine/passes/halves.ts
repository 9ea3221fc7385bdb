// Mixed precision: which results lie in memory as f16. All arithmetic stays f32; only what is stored is halved.
//
// Activations and their gradients are halved; results, weights, gradients of weights, sums and statistics are not,
// nor what the trace keeps at full precision (losses).
import { inputOp, streamOp, type InputAttributes } from '../graph/graph';
import type { Target } from '../kernels/target';
import type { Tensor } from '../graph/tensor';
import type { Group } from './fuse';

/**
 * Tells for a tensor whether it lies in memory as f16. `results` are what the caller reads; inputs say themselves, and
 * what a loop gives lies as the tensor of its body would, which `ofLoop` names.
 */
export function chooseHalves(
  groups: readonly Group[],
  results: ReadonlySet<Tensor>,
  target: Target,
  ofLoop: (output: Tensor) => Tensor | undefined = () => undefined,
): (tensor: Tensor) => boolean {
  const given = ({ node }: Tensor): boolean =>
    isInput(node.op) && (node.attributes as InputAttributes | null)?.half === true;
  if (!target.half) return given;
  const halves = new Set(
    groups
      .flatMap(({ outputs, placed }) => outputs.map((output) => placed.get(output)?.tensor ?? output))
      .filter((output) => !results.has(output) && mayBeHalf(output, ofLoop)),
  );
  return (tensor) => halves.has(tensor) || given(tensor);
}

const isInput = (op: unknown): boolean => op === inputOp || op === streamOp;

function mayBeHalf(tensor: Tensor, ofLoop: (output: Tensor) => Tensor | undefined): boolean {
  const { node, index, shape, dtype } = tensor;
  if (node.op.kind === 'loop') {
    const inner = ofLoop(tensor);
    return inner !== undefined && mayBeHalf(inner, ofLoop);
  }
  if (node.precise || dtype !== 'f32') return false;
  // What has one number per row or per channel is a statistic or made of some.
  if (shape[shape.length - 1] === 1 || shape.filter((size) => size > 1).length < 2) return false;
  if (node.op.kind === 'pointwise') return true;
  return node.op.kind === 'kernel' && (node.op.halves?.includes(index) ?? false);
}
