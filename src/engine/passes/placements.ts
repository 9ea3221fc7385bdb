// Copies that need no kernel: what is only permuted, reshaped or joined before it is stored, its maker writes there.
import type { Node, Tensor } from '../graph/tensor';
import type { Placement } from '../kernels/builder';

/**
 * Placements by the tensors that are written so, and the copies that this spares. A copy is spared where all that it
 * reads is made by kernels of this program, is read by nobody else and comes in it once; `wanted` are results.
 */
export function spareCopies(
  nodes: readonly Node[],
  users: ReadonlyMap<Tensor, readonly Node[]>,
  wanted: ReadonlySet<Tensor>,
): { readonly placements: ReadonlyMap<Tensor, Placement>; readonly spared: ReadonlySet<Node> } {
  const placements = new Map<Tensor, Placement>();
  const spared = new Set<Node>();
  for (const node of nodes) {
    const [input] = node.inputs;
    if (node.op.name !== 'copy' || input?.node.op.kind !== 'view') continue;
    const tensor = node.outputs[0] as Tensor;
    const only = (one: Tensor): boolean => !wanted.has(one) && users.get(one)?.length === 1;
    const parts = partsOf(input, (index) => index, only);
    if (!parts || parts.some(([part]) => part.dtype !== tensor.dtype)) continue;
    for (const [part, at] of parts) placements.set(part, { tensor, at });
    spared.add(node);
  }
  return { placements, spared };
}

type Part = readonly [Tensor, Placement['at']];

/** The tensors that a chain of views is made of and where they lie in it; null where one cannot be written so. */
function partsOf(tensor: Tensor, at: Placement['at'], only: (tensor: Tensor) => boolean): Part[] | null {
  if (!only(tensor)) return null;
  const { op, inputs, attributes } = tensor.node;
  if (op.kind !== 'view') return writable(tensor) ? [[tensor, at]] : null;
  if (!op.places || new Set(inputs).size < inputs.length) return null;
  const found = inputs.map((input, number) =>
    partsOf(input, (index) => at(op.places!(index, number, inputs, attributes, tensor)), only),
  );
  return found.every((one) => one !== null) ? found.flat() : null;
}

/** Kernels walk in fours, and past the end of what is no multiple of four. */
function writable({ node: { op }, size }: Tensor): boolean {
  return (op.kind === 'pointwise' || op.kind === 'reduce' || op.kind === 'kernel') && (size === 1 || size % 4 === 0);
}
