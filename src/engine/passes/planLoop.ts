// The body of a loop as dispatches: planned once, whatever the number of pieces.
import { streamOp } from '../graph/graph';
import type { LoopAttributes } from '../graph/loop';
import type { Node, Tensor } from '../graph/tensor';
import type { Call } from '../kernels/call';
import type { Target } from '../kernels/target';
import { live } from './deadCode';
import { fuse, type Group } from './fuse';
import { chooseHalves } from './halves';
import { lowerGroup } from './lower';
import { accumulated, ownMemory, settled, unreshaped } from './results';

/** What in a body stands for memory around it. */
export interface LoopPlaces {
  /** A piece of a tensor: number k in turn k. */
  readonly pieces: ReadonlyMap<Tensor, Tensor>;
  /** A whole tensor. */
  readonly wholes: ReadonlyMap<Tensor, Tensor>;
  /** Gradients and what their buffer held before, by the parameter's name. */
  readonly gradients: ReadonlyMap<Tensor, string>;
  /** Outputs of the loop that begin at zero. */
  readonly cleared: readonly Tensor[];
  /** Streams that it reads. */
  readonly streams: readonly Tensor[];
}

export interface PreparedLoop {
  readonly node: Node;
  readonly count: number;
  readonly nodes: readonly Node[];
  readonly places: LoopPlaces;
  /** The tensor of the body that makes an output, where it is not a sum. */
  readonly result: (output: Tensor) => Tensor | undefined;
  /** The body's dispatches, where `half` tells which tensors around it lie in memory as f16. */
  readonly lower: (half: (tensor: Tensor) => boolean, target: Target) => LoweredLoop;
}

export interface LoweredLoop {
  readonly calls: readonly (readonly Call[])[];
  readonly half: (tensor: Tensor) => boolean;
  /** The dispatches of one group anew. */
  readonly again: (group: number, target: Target) => Call[];
}

/** Decides what of the body runs and in which groups; `own` memory for what it gives. */
export function prepareLoop(node: Node, target: Target): PreparedLoop {
  const { body, count, pieces, captured, results, sums, gradients } = node.attributes as LoopAttributes;
  const traced = body.nodes.length;
  const own = ownMemory();
  const given = results.map(own);
  const around = new Map<Tensor, Tensor>();
  const wholes = new Map<Tensor, Tensor>();
  const named = new Map<Tensor, string>();
  pieces.forEach((piece, i) => around.set(piece, unreshaped(node.inputs[i]!)));
  given.forEach((result, i) => around.set(result, node.outputs[i]!));
  captured.forEach((leaf, i) => {
    if (leaf.node.op.name === 'captured') wholes.set(leaf, unreshaped(node.inputs[pieces.length + i]!));
  });
  const cleared = sums.map((_, i) => node.outputs[results.length + i]!);
  const summed = sums.map((one, i) => {
    const { sum, former } = accumulated(one, node.path);
    wholes.set(sum, cleared[i]!).set(former, cleared[i]!);
    return sum;
  });
  for (const [name, gradient] of gradients) {
    const { sum, former } = accumulated(gradient, name);
    named.set(sum, name).set(former, name);
  }
  const all = [...given, ...summed, ...[...named.keys()].filter(({ node: { op } }) => op.kind !== 'leaf')];
  const nodes = settled(live(body, all), traced);
  const { groups, stored } = fuse(nodes, all, target);
  const streams = [...new Set(around.values())].filter((one) => (one.node.op as unknown) === streamOp);
  return {
    ...{ node, count, nodes },
    places: { pieces: around, wholes, gradients: named, cleared, streams },
    result: (output) => given[output.index],
    lower: (half, chosen) => lowerBody(groups, stored, bodyHalves(groups, all, half, [around, wholes], chosen), chosen),
  };
}

/** What stands for memory around the body lies there as that says; the rest as in any program. */
function bodyHalves(
  groups: readonly Group[],
  all: readonly Tensor[],
  outer: (tensor: Tensor) => boolean,
  places: readonly ReadonlyMap<Tensor, Tensor>[],
  target: Target,
): (tensor: Tensor) => boolean {
  const inner = chooseHalves(groups, new Set(all), target);
  return (tensor) => {
    const there = places.map((place) => place.get(tensor)).find(Boolean);
    return there ? outer(there) : inner(tensor);
  };
}

function lowerBody(
  groups: readonly Group[],
  stored: (tensor: Tensor) => boolean,
  half: (tensor: Tensor) => boolean,
  target: Target,
): LoweredLoop {
  return {
    calls: groups.map((group) => lowerGroup(group, stored, half, target)),
    half,
    again: (group, other) => lowerGroup(groups[group]!, stored, half, other),
  };
}
