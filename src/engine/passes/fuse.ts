// Puts nodes into groups that run as one kernel: pointwise chains, reductions with prologues, kernels with epilogues.
//
// One walk in traced order. A node joins a group that is at least as late as everything it reads, so the order
// of the groups stays a valid order to run. Views belong to no group: their readers look through them.
import { isLiteral } from '../kernels/literal';
import type { Placement } from '../kernels/builder';
import type { OperandSum } from '../kernels/lowering';
import type { Target } from '../kernels/target';
import type { Node, Op, Tensor } from '../graph/tensor';
import { sameShape } from '../graph/tensor';
import type { ReduceAttributes } from '../ops/reduce';
import { spareCopies } from './placements';
import { findOperandSums } from './operandSums';

export interface Group {
  /** Reductions or the one kernel op that the group is built around; empty for a pointwise group. */
  readonly anchors: Node[];
  /** All members in traced order, anchors included. */
  readonly members: Node[];
  /** What the anchor, a product, makes beside its own result, of other size. */
  readonly operandSum: OperandSum | null;
  /** Elements of the iteration domain. */
  readonly domain: number;
  readonly computed: Set<Tensor>;
  /** Members' results that somebody outside reads. */
  outputs: Tensor[];
  /** Which results, of any group, are written into the memory of another tensor. */
  readonly placed: ReadonlyMap<Tensor, Placement>;
}

interface Fusion {
  readonly groups: readonly Group[];
  /** Tensors that lie in memory: outputs of groups, parameters, inputs, arrays of constants. */
  readonly stored: (tensor: Tensor) => boolean;
}

const nothingSpared = { placements: new Map<Tensor, Placement>(), spared: new Set<Node>() };

/** Tensors that a node and its user may each read, for it to be computed there: kernels bind no more than eight. */
const MOST_WAITING = 3;

/** One tensor that a node reads, and whether it is read at the very same flat position. */
interface Source {
  readonly tensor: Tensor;
  readonly aligned: boolean;
}

/** Groups `nodes` (in traced order, all of them needed) so that `results` end up in memory. */
export function fuse(nodes: readonly Node[], results: readonly Tensor[], target: Target): Fusion {
  const wanted = new Set(results);
  const users = new Map<Tensor, Node[]>();
  for (const node of nodes) {
    for (const input of new Set(node.inputs)) {
      const list = users.get(input);
      if (list) list.push(node);
      else users.set(input, [node]);
    }
  }
  const inlined = target.fusion ? chooseInlined(nodes, users, wanted, target.storageBuffers) : new Set<Node>();
  const { placements, spared } = target.fusion ? spareCopies(nodes, users, wanted) : nothingSpared;
  // A CPU's products are not made for it.
  const operandSums = target.fusion && !target.software ? findOperandSums(nodes, users) : new Map<Node, OperandSum>();
  const later = new Set([...operandSums.values()].map(({ sum }) => sum));
  const groups: Group[] = [];
  const groupOf = new Map<Tensor, number>();
  const sources = new SourceFinder(inlined);

  const outputsOf = (computed: ReadonlySet<Tensor>): Tensor[] =>
    [...computed].filter((tensor) => wanted.has(tensor) || hasOutsideUser(tensor, computed, users, inlined));
  const bindings = (members: readonly Node[], computed: ReadonlySet<Tensor>): number => {
    const bound = new Set<Tensor>(outputsOf(computed));
    for (const member of members) {
      for (const { tensor } of sources.of(member)) if (!computed.has(tensor)) bound.add(tensor);
    }
    return bound.size;
  };

  /**
   * Whether what a pointwise node makes of groups up to `ready` is only used together with something later: a
   * derivative, whose factor is still being made. It is then computed there, in the kernel of the later one.
   */
  const waits = (node: Node, ready: number): boolean => {
    const output = node.outputs[0] as Tensor;
    const [user, ...others] = users.get(output) ?? [];
    if (user?.op.kind !== 'pointwise' || others.length > 0 || wanted.has(output)) return false;
    // One that takes in many tensors, or another waiting one, would bind too many.
    if (user.inputs.length > MOST_WAITING || user.inputs.some((input) => inlined.has(input.node))) return false;
    const late = (tensor: Tensor): boolean => tensor !== output && !isLiteral(tensor) && madeAfter(tensor, ready);
    return user.inputs.some(late) || waits(user, ready);
  };
  const madeAfter = (tensor: Tensor, ready: number): boolean => {
    const { op, inputs } = tensor.node;
    if (op.kind === 'leaf') return false;
    if (op.kind === 'view' || inlined.has(tensor.node)) return inputs.some((input) => madeAfter(input, ready));
    return (groupOf.get(tensor) ?? Infinity) > ready;
  };

  for (const node of nodes) {
    const kind = node.op.kind;
    if (kind === 'leaf' || kind === 'view' || inlined.has(node) || later.has(node)) continue;
    const reads = sources.of(node);
    const ready = Math.max(-1, ...reads.map(({ tensor }) => groupOf.get(tensor) ?? -1));
    if (spared.has(node)) {
      // It is whole behind the group of its last part, which nobody who reads it may join.
      groupOf.set(node.outputs[0] as Tensor, Math.floor(ready) + 0.5);
      continue;
    }
    let joined = false;
    if (target.fusion && (kind === 'pointwise' || kind === 'reduce')) {
      for (let g = groups.length - 1; g >= Math.max(ready, 0) && g >= groups.length - 6; g--) {
        const group = groups[g] as Group;
        if (!mayJoin(node, reads, group, g === ready)) continue;
        const members = [...group.members, node];
        const computed = new Set([...group.computed, ...node.outputs]);
        const spare = group.anchors.some((anchor) => anchor.op.kind !== 'pointwise') ? 1 : 0;
        if (bindings(members, computed) > target.storageBuffers - spare) continue;
        group.members.push(node);
        node.outputs.forEach((tensor) => {
          group.computed.add(tensor);
          groupOf.set(tensor, g);
        });
        if (kind === 'reduce') group.anchors.push(node);
        joined = true;
        break;
      }
    }
    if (joined) continue;
    if (target.fusion && kind === 'pointwise' && reads.length <= MOST_WAITING && waits(node, ready)) {
      inlined.add(node);
      continue;
    }
    const operandSum = operandSums.get(node) ?? null;
    const made = [...node.outputs, ...(operandSum?.sum.outputs ?? [])];
    made.forEach((tensor) => groupOf.set(tensor, groups.length));
    groups.push({
      anchors: kind === 'pointwise' ? [] : [node],
      members: operandSum ? [node, operandSum.sum] : [node],
      operandSum,
      // A loop may have no output but the gradients that it adds to.
      domain: node.outputs[0]?.size ?? 0,
      computed: new Set(made),
      outputs: [],
      placed: placements,
    });
  }
  for (const group of groups) group.outputs = outputsOf(group.computed);
  const stored = new Set(
    groups.flatMap((group) => group.outputs.map((output) => placements.get(output)?.tensor ?? output)),
  );
  return {
    groups,
    stored: (tensor) => stored.has(tensor) || (tensor.node.op.kind === 'leaf' && !isLiteral(tensor)),
  };
}

function mayJoin(node: Node, reads: readonly Source[], group: Group, reading: boolean): boolean {
  const output = node.outputs[0] as Tensor;
  const behindSum = node.op.kind === 'pointwise' && reading && output.size === group.operandSum?.sum.outputs[0]?.size;
  if ((output.size !== group.domain && !behindSum) || standsAlone(group)) return false;
  const shares = reads.some(({ tensor }) => group.members.some((member) => member.inputs.includes(tensor)));
  if (node.op.kind === 'reduce') {
    const [anchor] = group.anchors;
    if (!anchor || anchor.op.kind !== 'reduce' || reading) return false;
    const own = node.inputs[0] as Tensor;
    const other = anchor.inputs[0] as Tensor;
    const axes = (one: Node): string => (one.attributes as ReduceAttributes).axes.join();
    return sameShape(own.shape, other.shape) && axes(node) === axes(anchor);
  }
  if (!reading) return group.anchors.length === 0 && shares && sameLast(output, group);
  // Everything that it reads of this group must be at hand at the same position.
  const apart = new Set(group.anchors.flatMap(({ op, outputs }) => (isTogether(op) ? [] : outputs.slice(1))));
  return (
    (group.anchors.length > 0 || sameLast(output, group)) &&
    reads.every(
      ({ tensor, aligned }) =>
        !group.computed.has(tensor) || (aligned && !apart.has(tensor) && tensor.size === output.size),
    )
  );
}

function isTogether(op: Op<unknown>): boolean {
  return op.kind === 'kernel' && op.together === true;
}

/** Loops and host stages are no kernels that could do a neighbour's work. */
function standsAlone({ anchors: [anchor] }: Group): boolean {
  return anchor?.op.kind === 'loop' || anchor?.op.kind === 'host';
}

/** Groups of four neighbours need the same last axis in all members. */
function sameLast(output: Tensor, group: Group): boolean {
  const other = group.members[0]?.outputs[0];
  const last = (tensor: Tensor | undefined): number => tensor?.shape[tensor.shape.length - 1] ?? 1;
  return last(output) % 4 === last(other) % 4;
}

/** Finds what a node reads through views and inlined pointwise nodes. */
class SourceFinder {
  readonly #inlined: ReadonlySet<Node>;
  readonly #known = new Map<Node, readonly Source[]>();

  constructor(inlined: ReadonlySet<Node>) {
    this.#inlined = inlined;
  }

  of(node: Node): readonly Source[] {
    const known = this.#known.get(node);
    if (known) return known;
    const found: Source[] = [];
    for (const input of node.inputs) {
      if (isLiteral(input)) continue;
      const { op } = input.node;
      const through = op.kind === 'view' || this.#inlined.has(input.node);
      if (!through) found.push({ tensor: input, aligned: true });
      else {
        const straight = op.kind !== 'view' || op.name === 'reshape';
        for (const one of this.of(input.node)) found.push({ tensor: one.tensor, aligned: straight && one.aligned });
      }
    }
    this.#known.set(node, found);
    return found;
  }
}

function hasOutsideUser(
  tensor: Tensor,
  computed: ReadonlySet<Tensor>,
  users: ReadonlyMap<Tensor, readonly Node[]>,
  inlined: ReadonlySet<Node>,
): boolean {
  return (users.get(tensor) ?? []).some((user) =>
    user.op.kind === 'view' || inlined.has(user)
      ? user.outputs.some((output) => hasOutsideUser(output, computed, users, inlined))
      : !user.outputs.some((output) => computed.has(output)),
  );
}

/** Pointwise nodes that only reductions read: computed there, never written. */
function chooseInlined(
  nodes: readonly Node[],
  users: ReadonlyMap<Tensor, readonly Node[]>,
  wanted: ReadonlySet<Tensor>,
  storageBuffers: number,
): Set<Node> {
  const inlined = new Set<Node>();
  const onlyReduced = (tensor: Tensor): boolean => {
    const all = users.get(tensor) ?? [];
    return (
      all.length > 0 &&
      all.every((user) => {
        if (user.op.kind === 'reduce') return true;
        if (user.op.kind === 'view') return user.op.name === 'reshape' && onlyReduced(user.outputs[0] as Tensor);
        return inlined.has(user);
      })
    );
  };
  for (let k = nodes.length - 1; k >= 0; k--) {
    const node = nodes[k] as Node;
    const output = node.outputs[0] as Tensor;
    if (node.op.kind !== 'pointwise' || wanted.has(output) || !onlyReduced(output)) continue;
    inlined.add(node);
  }
  // A chain that reads many tensors would not leave room for its reduction's own bindings. What is stored for that
  // stands in a kernel of its own, which must not read too much through the chains before it either.
  let sources = new SourceFinder(inlined);
  const breadth = (node: Node): number => new Set(sources.of(node).map(({ tensor }) => tensor)).size;
  for (const node of nodes) {
    if (!inlined.has(node) || breadth(node) <= 5) continue;
    inlined.delete(node);
    while (breadth(node) + node.outputs.length > storageBuffers) {
      const behind = node.inputs.map(({ node: input }) => beforeViews(input)).filter((input) => inlined.has(input));
      inlined.delete(behind.reduce((most, one) => (breadth(one) > breadth(most) ? one : most)));
      // Whoever read through it reads it now.
      sources = new SourceFinder(inlined);
    }
  }
  return inlined;
}

function beforeViews(node: Node): Node {
  return node.op.kind === 'view' ? beforeViews((node.inputs[0] as Tensor).node) : node;
}
