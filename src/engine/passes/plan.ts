// From a traced graph to dispatches with planned memory: all passes in their order, nothing allocated yet.
import { invariant } from '../../errors';
import type { Call } from '../kernels/call';
import type { Chooser } from '../kernels/choice';
import { isLiteral } from '../kernels/literal';
import type { Target } from '../kernels/target';
import { add, copy } from '../ops/arithmetic';
import { live } from './deadCode';
import { fuse } from './fuse';
import { chooseHalves } from './halves';
import { lowerGroup } from './lower';
import { ALIGNMENT, bytesOf, planMemory, type MemoryPlan } from './memory';
import {
  constantOp,
  inputOp,
  parameterOp,
  type ConstantAttributes,
  type Graph,
  type InputAttributes,
  type ParameterAttributes,
} from '../graph/graph';
import type { LeafOp } from '../graph/op';
import type { Node, Shape, Tensor } from '../graph/tensor';

/** What a program computes: results to read, gradients by parameter name, new values of state by parameter name. */
export interface ProgramSpec {
  readonly name: string;
  readonly graph: Graph;
  readonly results: ReadonlyMap<string, Tensor>;
  readonly gradients?: ReadonlyMap<string, Tensor>;
  /** Gradients are added to what their buffer holds, in place. */
  readonly accumulate?: boolean;
}

/** A program before anything is allocated. */
export interface PlannedProgram {
  readonly spec: ProgramSpec;
  readonly calls: readonly Call[];
  readonly memory: MemoryPlan;
  readonly results: ReadonlyMap<string, Tensor>;
  readonly gradients: ReadonlyMap<string, Tensor>;
  /** What the gradients' buffer held before, with the parameter's name, where gradients accumulate. */
  readonly formerGradients: ReadonlyMap<Tensor, string>;
  readonly updates: ReadonlyMap<string, Tensor>;
  /** Whether a tensor lies in memory as f16. */
  readonly half: (tensor: Tensor) => boolean;
  /** Makes the dispatches of a call's group anew, with other answers; for trials. */
  readonly again: (call: Call, choose: Chooser) => Call[];
  /** Places of inputs and arrays of constants in their own buffers. */
  readonly inputs: ReadonlyMap<string, { readonly tensor: Tensor; readonly offset: number }>;
  readonly inputBytes: number;
  readonly constants: ReadonlyMap<Tensor, number>;
  readonly constantBytes: number;
  readonly flops: number;
}

const formerGradientOp: LeafOp<{ readonly shape: Shape }> = {
  name: 'formerGradient',
  kind: 'leaf',
  type: (_inputs, { shape }) => [{ shape, dtype: 'f32' }],
};

const isLeaf = (tensor: Tensor, op: unknown): boolean => (tensor.node.op as unknown) === op;

/** Runs all passes over a traced graph. Throws UserError when a tensor cannot be bound on this device. */
export function planProgram(spec: ProgramSpec, target: Target): PlannedProgram {
  const traced = spec.graph.nodes.length;
  const taken = new Set<Tensor>();
  // A result needs memory of its own: leaves, tensors that already are a result and views get a copy, except that a
  // reshaped tensor lies in memory as it is.
  const own = (tensor: Tensor): Tensor => {
    const straight = unreshaped(tensor);
    const kind = straight.node.op.kind;
    const result = kind === 'view' || kind === 'leaf' || taken.has(straight) ? copy(tensor) : straight;
    taken.add(result);
    return result;
  };
  const owned = (list: ReadonlyMap<string, Tensor>): Map<string, Tensor> =>
    new Map([...list].map(([name, tensor]) => [name, own(tensor)]));
  const flowing = spec.gradients ?? new Map<string, Tensor>();
  const former = new Map<Tensor, string>();
  const gradients = spec.accumulate === true ? accumulated(flowing, former) : owned(flowing);
  const updates = spec.gradients ? owned(spec.graph.updates) : new Map<string, Tensor>();
  const results = owned(spec.results);
  const all = [...gradients.values(), ...updates.values(), ...results.values()];
  const nodes = settled(live(spec.graph, all), traced);
  const { groups, stored } = fuse(nodes, all, target);
  const half = chooseHalves(groups, new Set(all), target);
  const lowered = groups.map((group) => lowerGroup(group, stored, half, target));
  const calls = lowered.flat();

  const inputs = new Map<string, { tensor: Tensor; offset: number }>();
  const constants = new Map<Tensor, number>();
  let inputBytes = 0;
  let constantBytes = 0;
  for (const node of nodes) {
    const tensor = node.outputs[0] as Tensor;
    if (isLeaf(tensor, inputOp)) {
      inputs.set((node.attributes as InputAttributes).name, { tensor, offset: inputBytes });
      inputBytes += bytesOf(tensor, half(tensor));
    } else if (isLeaf(tensor, constantOp) && !isLiteral(tensor)) {
      constants.set(tensor, constantBytes);
      constantBytes += bytesOf(tensor);
    }
  }
  const external = new Set<Tensor>([
    ...gradients.values(),
    ...former.keys(),
    ...[...inputs.values()].map((one) => one.tensor),
    ...constants.keys(),
  ]);
  const fixed = (tensor: Tensor): boolean => external.has(tensor) || isLeaf(tensor, parameterOp);
  const memory = planMemory(calls, fixed, new Set([...updates.values(), ...results.values()]), half, target);
  return {
    spec,
    calls,
    memory,
    results,
    gradients,
    formerGradients: former,
    updates,
    half,
    again(call, choose) {
      const group = groups[lowered.findIndex((those) => those.includes(call))];
      invariant(group, `${call.label} is no dispatch of this program`);
      return lowerGroup(group, stored, half, { ...target, choose });
    },
    inputs,
    inputBytes,
    constants,
    constantBytes,
    flops: calls.reduce((sum, call) => sum + call.flops, 0),
  };
}

/** Moves nodes that planning added (from number `traced` on) to just behind what they read, where they can fuse. */
function settled(nodes: readonly Node[], traced: number): Node[] {
  const order = nodes.filter(({ id }) => id < traced);
  for (const node of nodes) {
    if (node.id < traced) continue;
    const last = Math.max(-1, ...node.inputs.map((input) => order.indexOf(input.node)));
    order.splice(last + 1, 0, node);
  }
  return order;
}

/** Each gradient plus what its buffer holds; the leaves that stand for that go into `former`. */
function accumulated(gradients: ReadonlyMap<string, Tensor>, former: Map<Tensor, string>): Map<string, Tensor> {
  return new Map(
    [...gradients].map(([name, gradient]): [string, Tensor] => {
      const { graph } = gradient.node;
      const [before] = graph.insert(formerGradientOp, [], { shape: gradient.shape }, name, null) as [Tensor];
      former.set(before, name);
      return [name, add(gradient, before)];
    }),
  );
}

function unreshaped(tensor: Tensor): Tensor {
  const { op, inputs } = tensor.node;
  return op.kind === 'view' && op.name === 'reshape' ? unreshaped(inputs[0] as Tensor) : tensor;
}

/** Bytes of the arenas that several programs share, since they never run at the same time. */
export function sharedArenaBytes(programs: readonly PlannedProgram[]): number[] {
  const count = Math.max(...programs.map((one) => one.memory.arenaBytes.length));
  return Array.from({ length: count }, (_, arena) =>
    Math.max(ALIGNMENT, ...programs.map((one) => one.memory.arenaBytes[arena] ?? 0)),
  );
}

/** Name of the parameter that a leaf stands for. */
export function parameterName(tensor: Tensor): string {
  invariant(isLeaf(tensor, parameterOp), 'not a parameter');
  return (tensor.node.attributes as ParameterAttributes).name;
}

/** Array of a constant leaf. */
export function constantData(tensor: Tensor): Float32Array | Uint32Array {
  const { data } = tensor.node.attributes as ConstantAttributes;
  invariant(typeof data !== 'number', 'a literal has no array');
  return data;
}
