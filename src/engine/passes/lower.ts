// Turns fused groups into dispatches.
import { Bug, invariant } from '../../errors';
import { KernelBuilder, type Residence } from '../kernels/builder';
import type { Call } from '../kernels/call';
import type { Choice } from '../kernels/choice';
import { lowerPointwise } from '../kernels/pointwise';
import { lowerReduce } from '../kernels/reduce';
import type { Target } from '../kernels/target';
import { inputOp } from '../graph/graph';
import type { KernelOp, Lowering } from '../kernels/lowering';
import { Tensor, type Node, type TensorType, type Tracing } from '../graph/tensor';
import type { Group } from './fuse';

/** Dispatches of a group in the order in which they run. */
export function lowerGroup(
  group: Group,
  stored: (tensor: Tensor) => boolean,
  half: (tensor: Tensor) => boolean,
  target: Target,
): Call[] {
  const residence: Residence = { computed: group.computed, outputs: group.outputs, placed: group.placed, stored, half };
  const [anchor] = group.anchors;
  const node = anchor ?? group.members[group.members.length - 1];
  invariant(node, 'an empty group');
  const names = [...new Set(group.members.map((member) => member.op.name))].join('+');
  const label = node.path ? `${node.path} > ${names}` : names;
  if (!anchor) return [lowerPointwise(group.outputs, label, target, residence)];
  let choice: Choice | null = null;
  const temporaries = new Set<Tensor>();
  const whereToFind: Residence = { ...residence, stored: (tensor) => temporaries.has(tensor) || stored(tensor) };
  const lowering: Lowering = {
    node: anchor,
    target,
    outputs: group.outputs,
    operandSum: group.operandSum,
    kernel: (name) => new KernelBuilder(name, label, target, whereToFind, () => choice),
    choose(key, variants) {
      const names = [...variants.keys()];
      const answer = target.choose?.(key, names);
      const taken = answer !== undefined && variants.has(answer) ? answer : (names[0] as string);
      choice = names.length > 1 ? { key, variants: names, taken } : null;
      return variants.get(taken) as never;
    },
    scratch(size, dtype = 'f32') {
      const made = scratch(node.graph, { shape: [size], dtype });
      temporaries.add(made);
      return made;
    },
  };
  return lowerAnchor(anchor, group, lowering);
}

function lowerAnchor(anchor: Node, group: Group, lowering: Lowering): Call[] {
  const { op, inputs, attributes, outputs } = anchor;
  if (op.kind === 'reduce') return lowerReduce(group.anchors, lowering);
  if (op.kind !== 'kernel') throw new Bug(`${op.name} cannot anchor a group`);
  return [...(op as KernelOp<unknown>).lower(lowering, inputs, attributes, outputs)];
}

/** A tensor that belongs to no graph node anyone reads: it exists between two dispatches of one group. */
function scratch(graph: Tracing, type: TensorType): Tensor {
  const node: Node = {
    graph,
    id: -1,
    op: inputOp as Node['op'],
    inputs: [],
    attributes: null,
    outputs: [],
    path: 'scratch',
    block: null,
    precise: true,
  };
  return new Tensor(node, 0, type);
}
