// The backward pass of a loop is a loop: each piece is computed again and differentiated, sums add up over the pieces.
import { invariant } from '../../errors';
import type { Graph, ParameterAttributes } from '../graph/graph';
import { parameterOp } from '../graph/graph';
import { loopOp, pieceOp, type LoopAttributes } from '../graph/loop';
import type { Node, Tensor } from '../graph/tensor';
import { stored } from '../ops/stored';
import { live } from './deadCode';

export interface LoopContext {
  readonly graph: Graph;
  /** The loop of the forward pass. */
  readonly node: Node;
  /** Its inputs as the backward pass may use them. */
  readonly inputs: readonly Tensor[];
  /** Gradients of its outputs. */
  readonly flowing: readonly (Tensor | null)[];
  /** Inputs whose gradients are asked for. */
  readonly wanted: readonly boolean[];
}

type Backward = (
  graph: Graph,
  forward: readonly Node[],
  seeds: ReadonlyMap<Tensor, Tensor>,
  sources: Iterable<Tensor>,
) => Map<Tensor, Tensor>;

/** Gradients of the loop's inputs; null where none flows, and for parameters, to whose gradients the new loop adds. */
export function backwardLoop(
  { graph, node, inputs, flowing, wanted }: LoopContext,
  backward: Backward,
): (Tensor | null)[] {
  const forward = node.attributes as LoopAttributes;
  const { count } = forward;
  invariant(forward.sums.length === 0, 'a loop of a backward pass is differentiated');
  const sliced = forward.pieces.length;
  const isParameter = (tensor: Tensor): boolean => (tensor.node.op as unknown) === parameterOp;
  const traced = graph.body((body) => {
    const leaf = ({ shape, dtype, node: { path } }: Tensor): Tensor =>
      body.insert(pieceOp, [], { shape, dtype }, path, null)[0]!;
    const again = new Map<Tensor, Tensor>();
    const pieces = forward.pieces.map((piece) => leaf(piece));
    forward.pieces.forEach((piece, i) => again.set(piece, pieces[i]!));
    const captured = forward.captured.map((_, i) => body.own(inputs[sliced + i]!));
    forward.captured.forEach((one, i) => again.set(one, captured[i]!));
    for (const one of live(forward.body, forward.results)) {
      if (one.outputs.some((output) => again.has(output))) continue;
      const from = one.inputs.map((input) => again.get(input)!);
      const outputs = body.insert(one.op, from, one.attributes, `${one.path} > again`, one.block, one.precise);
      outputs.forEach((output, i) => again.set(one.outputs[i]!, output));
    }
    const nodes = [...body.nodes];
    const arriving = new Map<Tensor, Tensor>();
    const seeds = new Map<Tensor, Tensor>();
    forward.results.forEach((result, i) => {
      const gradient = flowing[i];
      if (!gradient) return;
      const piece = leaf(result);
      arriving.set(piece, gradient);
      // Two results may be one tensor.
      const former = seeds.get(again.get(result)!);
      invariant(!former, `${node.path}: the body of a loop gives one tensor twice`);
      seeds.set(again.get(result)!, piece);
    });
    const sources = [...pieces, ...captured].filter((_, i) => wanted[i]);
    return { pieces, captured, arriving, found: backward(body, nodes, seeds, sources) };
  });
  const { pieces, captured, arriving, found } = traced.value;

  const results: { input: number; gradient: Tensor }[] = [];
  const sums: { input: number; gradient: Tensor }[] = [];
  const gradients = new Map<string, Tensor>();
  [...pieces, ...captured].forEach((one, input) => {
    const gradient = found.get(one);
    if (!gradient) return;
    if (input < sliced) results.push({ input, gradient });
    else if (isParameter(one)) gradients.set((one.node.attributes as ParameterAttributes).name, gradient);
    else sums.push({ input, gradient });
  });
  const outputs = [...results, ...sums];
  const used = new Set(live(traced.graph, [...outputs.map(({ gradient }) => gradient), ...gradients.values()]));
  const read = <T>(list: readonly (readonly [Tensor, T])[]): (readonly [Tensor, T])[] =>
    list.filter(([one]) => used.has(one.node));
  const slices = read([
    ...pieces.map((piece, i) => [piece, inputs[i]!] as const),
    ...[...arriving].map(([piece, gradient]) => [piece, stored(gradient)] as const),
  ]);
  const others = read([...traced.graph.captured].map(([tensor, one]) => [one, stored(tensor)] as const));
  const attributes: LoopAttributes = {
    count,
    body: traced.graph,
    pieces: slices.map(([piece]) => piece),
    captured: others.map(([one]) => one),
    results: results.map(({ gradient }) => gradient),
    sums: sums.map(({ gradient }) => gradient),
    gradients,
  };
  const made = graph.apply(
    loopOp,
    [...slices, ...others].map(([, tensor]) => tensor),
    attributes,
  );
  if (gradients.size > 0) graph.effects.push(graph.nodes[graph.nodes.length - 1]!);
  const parts = inputs.map((): Tensor | null => null);
  outputs.forEach(({ input }, i) => (parts[input] = made[i]!));
  return parts;
}
