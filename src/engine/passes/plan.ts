// From a traced graph to dispatches with planned memory: all passes in their order, nothing allocated yet.
import { Bug, invariant } from '../../errors';
import {
  constantOp,
  inputOp,
  parameterOp,
  streamOp,
  type ConstantAttributes,
  type Graph,
  type InputAttributes,
  type ParameterAttributes,
  type StreamAttributes,
} from '../graph/graph';
import type { HostAttributes } from '../graph/host';
import { isLoop, type LoopAttributes } from '../graph/loop';
import type { Node, Tensor } from '../graph/tensor';
import type { Call } from '../kernels/call';
import type { Chooser } from '../kernels/choice';
import { isLiteral } from '../kernels/literal';
import type { Target } from '../kernels/target';
import { live } from './deadCode';
import { fuse } from './fuse';
import { chooseHalves } from './halves';
import { lowerGroup } from './lower';
import { ALIGNMENT, bytesOf, planMemory, type MemoryPlan } from './memory';
import { prepareLoop, type LoopPlaces } from './planLoop';
import { accumulated, ownMemory, settled, unreshaped } from './results';
import { findUpdatesInPlace } from './updatesInPlace';

/** What a program computes: results to read, gradients by parameter name, new values of state by parameter name. */
export interface ProgramSpec {
  readonly name: string;
  readonly graph: Graph;
  readonly results: ReadonlyMap<string, Tensor>;
  readonly gradients?: ReadonlyMap<string, Tensor>;
  /** Gradients are added to what their buffer holds, in place; they always are where loops make some. */
  readonly accumulate?: boolean;
}

/** Dispatches `first` to before `end` run `count` times, each time on other pieces. */
export interface PlannedLoop extends LoopPlaces {
  readonly first: number;
  readonly end: number;
  readonly count: number;
}

/** Before dispatch number `at` JavaScript has its turn. */
export interface PlannedHost {
  readonly at: number;
  readonly stage: HostAttributes;
  readonly reads: readonly Tensor[];
  readonly gives: readonly Tensor[];
}

export interface PlannedInput {
  readonly tensor: Tensor;
  readonly offset: number;
  /** More than one for a stream, of which one piece lies there at a time. */
  readonly pieces: number;
}

/** A program before anything is allocated. */
export interface PlannedProgram {
  readonly spec: ProgramSpec;
  /** In the order in which they run; those of a loop's body once. */
  readonly calls: readonly Call[];
  readonly loops: readonly PlannedLoop[];
  readonly hosts: readonly PlannedHost[];
  readonly memory: MemoryPlan;
  readonly results: ReadonlyMap<string, Tensor>;
  /** Gradients, and what their buffer held before where they accumulate, with the parameters' names. */
  readonly gradients: ReadonlyMap<Tensor, string>;
  /** Gradients are added to what their buffer holds. */
  readonly accumulates: boolean;
  /** New values of state that lie in the memory of the old ones, with the parameters' names. */
  readonly updatesInPlace: ReadonlyMap<Tensor, string>;
  /** Those that lie elsewhere, by parameter name: they are copied at the end of a run. */
  readonly updatesCopied: ReadonlyMap<string, Tensor>;
  /** Whether a tensor lies in memory as f16. */
  readonly half: (tensor: Tensor) => boolean;
  /** Makes the dispatches of a call's group anew, with other answers; for trials. */
  readonly again: (call: Call, choose: Chooser) => Call[];
  /** Places of inputs and arrays of constants in their own buffers. */
  readonly inputs: ReadonlyMap<string, PlannedInput>;
  readonly inputBytes: number;
  readonly constants: ReadonlyMap<Tensor, number>;
  readonly constantBytes: number;
  readonly flops: number;
}

const isLeaf = (tensor: Tensor, op: unknown): boolean => (tensor.node.op as unknown) === op;

/** Runs all passes over a traced graph. Throws UserError when a tensor cannot be bound on this device. */
export function planProgram(spec: ProgramSpec, target: Target): PlannedProgram {
  const { graph } = spec;
  const traced = graph.nodes.length;
  const own = ownMemory();
  const owned = (list: ReadonlyMap<string, Tensor>): Map<string, Tensor> =>
    new Map([...list].map(([name, tensor]) => [name, own(tensor)]));
  const effects = spec.gradients ? graph.effects : [];
  const accumulates = spec.accumulate === true || effects.length > 0;
  const gradients = new Map<Tensor, string>();
  const made: Tensor[] = [];
  for (const [name, gradient] of spec.gradients ?? []) {
    const { sum, former } = accumulates ? accumulated(gradient, name) : { sum: own(gradient), former: null };
    made.push(sum);
    gradients.set(sum, name);
    if (former) gradients.set(former, name);
  }
  const updates = spec.gradients ? owned(graph.updates) : new Map<string, Tensor>();
  const results = owned(spec.results);
  const kept = [...updates.values(), ...results.values()];
  const all = [...made, ...kept];
  const nodes = settled(live(graph, all, effects), traced);
  const prepared = new Map(nodes.filter(isLoop).map((node) => [node, prepareLoop(node, target)] as const));
  const toHost = nodes.filter(({ op }) => op.kind === 'host').flatMap(({ inputs }) => inputs.map(unreshaped));
  const { groups, stored } = fuse(nodes, all, target);
  const half = chooseHalves(groups, new Set([...all, ...toHost]), target, (output) =>
    prepared.get(output.node)?.result(output),
  );

  const calls: Call[] = [];
  const loops: PlannedLoop[] = [];
  const hosts: PlannedHost[] = [];
  const halves = new Map<Tensor, (tensor: Tensor) => boolean>();
  /** Makes a dispatch's group again. */
  const makers = new Map<Call, (target: Target) => Call[]>();
  const lowered = (some: readonly Call[], again: (target: Target) => Call[]): void => {
    for (const call of some) makers.set(call, again);
    calls.push(...some);
  };
  for (const group of groups) {
    const [anchor] = group.anchors;
    const loop = anchor && prepared.get(anchor);
    if (loop) {
      const first = calls.length;
      const inner = loop.lower(half, target);
      inner.calls.forEach((some, number) => lowered(some, (other) => inner.again(number, other)));
      for (const { outputs } of loop.nodes) for (const one of outputs) halves.set(one, inner.half);
      for (const call of calls.slice(first)) for (const { tensor } of call.bindings) halves.set(tensor, inner.half);
      loops.push({ ...loop.places, first, end: calls.length, count: loop.count });
    } else if (anchor?.op.kind === 'host') {
      const stage = anchor.attributes as HostAttributes;
      hosts.push({ at: calls.length, stage, reads: anchor.inputs.map(unreshaped), gives: anchor.outputs });
    } else {
      lowered(lowerGroup(group, stored, half, target), (other) => lowerGroup(group, stored, half, other));
    }
  }
  const isHalf = (tensor: Tensor): boolean => (halves.get(tensor) ?? half)(tensor);

  const leaves = placeLeaves([...nodes, ...[...prepared.values()].flatMap((loop) => loop.nodes)], isHalf);
  refuseWholeStreams(calls, loops);
  for (const loop of loops) for (const [one, name] of loop.gradients) gradients.set(one, name);
  const { whole, extent } = reach(loops);
  const heard = hosts.flatMap(({ reads }) => reads);
  const updatesInPlace = findUpdatesInPlace(calls, updates, heard, (tensor) => parameterOf(whole(tensor)));
  const rewritten = new Set(updatesInPlace.values());
  const updatesCopied = new Map([...updates].filter(([name]) => !rewritten.has(name)));
  const external = new Set<Tensor>([
    ...gradients.keys(),
    ...updatesInPlace.keys(),
    ...[...leaves.inputs.values()].map((one) => one.tensor),
    ...leaves.constants.keys(),
  ]);
  const fixed = (tensor: Tensor): boolean => external.has(tensor) || isLeaf(tensor, parameterOp);
  const touched = hosts.flatMap(({ at, reads, gives }) => [
    ...reads.map((tensor) => ({ tensor, at: Math.max(0, at - 1) })),
    ...gives.map((tensor) => ({ tensor, at })),
  ]);
  const memory = planMemory(calls, fixed, new Set(kept), isHalf, target, { whole, extent, touched });
  const turns = turnsOf(loops);
  return {
    ...{ spec, calls, loops, hosts, memory, results, gradients, accumulates, updatesInPlace, updatesCopied },
    half: isHalf,
    again(call, choose) {
      const make = makers.get(call);
      invariant(make, `${call.label} is no dispatch of this program`);
      return make({ ...target, choose });
    },
    ...leaves,
    flops: calls.reduce((sum, call, at) => sum + call.flops * turns(at), 0),
  };
}

/** Parameters that a program's gradients are of. */
export function trainedBy({ spec }: Pick<PlannedProgram, 'spec'>): string[] {
  const inLoops = spec.graph.effects.flatMap(({ attributes }) => [...(attributes as LoopAttributes).gradients.keys()]);
  return spec.gradients ? [...new Set([...spec.gradients.keys(), ...inLoops])] : [];
}

/** How often a dispatch runs. */
export function turnsOf(loops: readonly PlannedLoop[]): (at: number) => number {
  return (at) => loops.find(({ first, end }) => at >= first && at < end)?.count ?? 1;
}

/** Number of dispatches of one run. */
export function dispatchesOf({ calls, loops }: Pick<PlannedProgram, 'calls' | 'loops'>): number {
  return loops.reduce((sum, { first, end, count }) => sum + (end - first) * (count - 1), calls.length);
}

/** Places inputs and arrays of constants one after the other. */
function placeLeaves(nodes: readonly Node[], half: (tensor: Tensor) => boolean) {
  const inputs = new Map<string, PlannedInput>();
  const constants = new Map<Tensor, number>();
  let inputBytes = 0;
  let constantBytes = 0;
  for (const node of nodes) {
    const [tensor] = node.outputs;
    if (!tensor) continue;
    if (isLeaf(tensor, inputOp) || isLeaf(tensor, streamOp)) {
      const { name, pieces = 1 } = node.attributes as InputAttributes & Partial<StreamAttributes>;
      inputs.set(name, { tensor, offset: inputBytes, pieces });
      inputBytes += bytesOf({ size: tensor.size / pieces }, half(tensor));
    } else if (isLeaf(tensor, constantOp) && !isLiteral(tensor)) {
      constants.set(tensor, constantBytes);
      constantBytes += bytesOf(tensor);
    }
  }
  return { inputs, inputBytes, constants, constantBytes };
}

/** Throws Bug where something but a loop reads a stream, of which one piece is there at a time. */
function refuseWholeStreams(calls: readonly Call[], loops: readonly PlannedLoop[]): void {
  for (const [at, { bindings, label }] of calls.entries()) {
    if (loops.some(({ first, end }) => at >= first && at < end)) continue;
    const stream = bindings.find(({ tensor }) => isLeaf(tensor, streamOp));
    if (stream) throw new Bug(`${label} reads ${stream.tensor.node.path} whole; it is a stream: read it by chunked()`);
  }
}

/** What stands for memory around a loop, and over which dispatches that is used. */
function reach(loops: readonly PlannedLoop[]) {
  const around = new Map<Tensor, { readonly tensor: Tensor; readonly loop: PlannedLoop }>();
  for (const loop of loops) {
    for (const [inner, tensor] of [...loop.pieces, ...loop.wholes]) around.set(inner, { tensor, loop });
  }
  return {
    whole: (tensor: Tensor): Tensor => around.get(tensor)?.tensor ?? tensor,
    extent: (tensor: Tensor, at: number): readonly [number, number] => {
      const found = around.get(tensor);
      return found ? [found.loop.first, found.loop.end - 1] : [at, at];
    },
  };
}

/** Bytes of the arenas that several programs share, since they never run at the same time. */
export function sharedArenaBytes(programs: readonly PlannedProgram[]): number[] {
  const count = Math.max(...programs.map((one) => one.memory.arenaBytes.length));
  return Array.from({ length: count }, (_, arena) =>
    Math.max(ALIGNMENT, ...programs.map((one) => one.memory.arenaBytes[arena] ?? 0)),
  );
}

/** Name of the parameter that a tensor stands for; null where it is another leaf or computed. */
export function parameterOf(tensor: Tensor): string | null {
  return isLeaf(tensor, parameterOp) ? (tensor.node.attributes as ParameterAttributes).name : null;
}

/** Array of a constant leaf. */
export function constantData(tensor: Tensor): Float32Array | Uint32Array {
  const { data } = tensor.node.attributes as ConstantAttributes;
  invariant(typeof data !== 'number', 'a literal has no array');
  return data;
}
