// What a program gives needs memory of its own; gradients that accumulate start from what their memory holds.
import type { LeafOp } from '../graph/op';
import type { Node, Shape, Tensor } from '../graph/tensor';
import { add, copy } from '../ops/arithmetic';

const formerOp: LeafOp<{ readonly shape: Shape }> = {
  name: 'former',
  kind: 'leaf',
  type: (_inputs, { shape }) => [{ shape, dtype: 'f32' }],
};

/**
 * Gives results memory of their own: leaves, tensors that already are a result and views get a copy, except that a
 * reshaped tensor lies in memory as it is.
 */
export function ownMemory(): (tensor: Tensor) => Tensor {
  const taken = new Set<Tensor>();
  return (tensor) => {
    const straight = unreshaped(tensor);
    const kind = straight.node.op.kind;
    const result = kind === 'view' || kind === 'leaf' || taken.has(straight) ? copy(tensor) : straight;
    taken.add(result);
    return result;
  };
}

/** A tensor plus what the memory of the sum holds, which the leaf `former` stands for. */
export function accumulated(tensor: Tensor, path: string): { readonly sum: Tensor; readonly former: Tensor } {
  const { graph } = tensor.node;
  const [former] = graph.insert(formerOp, [], { shape: tensor.shape }, path, null) as [Tensor];
  return { sum: add(tensor, former), former };
}

export function unreshaped(tensor: Tensor): Tensor {
  const { op, inputs } = tensor.node;
  return op.kind === 'view' && op.name === 'reshape' ? unreshaped(inputs[0] as Tensor) : tensor;
}

/** Moves nodes that planning added (from number `traced` on) to just behind what they read, where they can fuse. */
export function settled(nodes: readonly Node[], traced: number): Node[] {
  const order = nodes.filter(({ id }) => id < traced);
  for (const node of nodes) {
    if (node.id < traced) continue;
    const last = Math.max(-1, ...node.inputs.map((input) => order.indexOf(input.node)));
    order.splice(last + 1, 0, node);
  }
  return order;
}
