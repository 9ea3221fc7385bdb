// Reverse-mode differentiation, graph to graph, with recomputation of the blocks that the trace marked.
import { Bug, invariant } from '../../errors';
import { isLoop } from '../graph/loop';
import { expand } from '../ops/reduce';
import type { Graph, ParameterAttributes } from '../graph/graph';
import type { Node, Tensor } from '../graph/tensor';
import { accumulate, settled } from './accumulate';
import { backwardLoop } from './backwardLoop';

/**
 * Appends the backward pass of `loss` (a scalar) to the graph. Returns the gradient of each tensor in `sources`
 * that the loss depends on, times `lossScale` (a scalar). What a marked block computed is not kept: it is traced again from the block's
 * inputs just before that block's backward pass, so only the inputs stay alive.
 */
export function gradients(
  graph: Graph,
  loss: Tensor,
  sources: Iterable<Tensor>,
  lossScale: Tensor = graph.scalar(1),
): Map<Tensor, Tensor> {
  invariant(loss.size === 1, 'the loss is not a scalar');
  const forward = graph.nodes.slice(0, loss.node.id + 1);
  return backward(graph, forward, new Map([[loss, expand(lossScale, loss.shape)]]), sources);
}

/**
 * Appends the backward pass of the nodes `forward` to their graph, from the gradients `seeds` of some of their results to
 * those of the tensors in `sources`, as far as anything flows there. Loops add the gradients of parameters that they
 * use to the gradients' buffer themselves (`graph.effects`).
 */
function backward(
  graph: Graph,
  forward: readonly Node[],
  seeds: ReadonlyMap<Tensor, Tensor>,
  sources: Iterable<Tensor>,
): Map<Tensor, Tensor> {
  const wantedSources = new Set(sources);
  const needed = reaching(forward, wantedSources);
  const replay = new Replay(graph, forward);
  const flowing = new Map(seeds);

  for (let k = forward.length - 1; k >= 0; k--) {
    const node = forward[k] as Node;
    if (!node.outputs.some((output) => flowing.has(output)) || !needed.has(node)) continue;
    const wanted = node.inputs.map((input) => needed.has(input.node) || wantedSources.has(input));
    if (!wanted.some(Boolean)) continue;
    const gradient = isLoop(node) ? loopGradient(graph, node) : node.op.gradient;
    if (!gradient) throw new Bug(`${node.path} > ${node.op.name} has no gradient`);
    const flows = node.outputs.map((output) => flowing.get(output) ?? null);
    const within = <T>(body: () => T): T => (node.precise ? graph.fullPrecision(body) : body());
    const parts = graph.scope(`${node.path} > backward`, () =>
      within(() =>
        gradient({
          inputs: node.inputs.map((input) => replay.of(input, node)),
          outputs: node.outputs.map((output) => replay.of(output, node)),
          attributes: node.attributes,
          gradients: node.op.kind === 'view' ? flows : flows.map((flow) => flow && settled(flow)),
          wanted,
        }),
      ),
    );
    graph.scope(`${node.path} > backward`, () => {
      parts.forEach((part, i) => {
        const input = node.inputs[i] as Tensor;
        if (!part || !wanted[i]) return;
        const sum = flowing.get(input);
        flowing.set(input, sum ? accumulate(sum, part) : part);
      });
    });
    for (const output of node.outputs) if (!wantedSources.has(output)) flowing.delete(output);
  }
  const result = new Map<Tensor, Tensor>();
  for (const source of wantedSources) {
    const found = flowing.get(source);
    if (found) result.set(source, found);
  }
  return result;
}

/** Trainable parameters of the graph, in the order in which they were registered. */
export function trainable(graph: Graph): Tensor[] {
  return [...graph.parameters.values()].filter((one) => (one.node.attributes as ParameterAttributes).trainable);
}

/** What `gradient` of an op is, for one loop: a loop that computes each piece again and goes back through it. */
function loopGradient(graph: Graph, node: Node): NonNullable<Node['op']['gradient']> {
  return ({ inputs, gradients: flowing, wanted }) => backwardLoop({ graph, node, inputs, flowing, wanted }, backward);
}

/** Nodes from whose outputs a path leads back to a source. */
function reaching(forward: readonly Node[], sources: ReadonlySet<Tensor>): Set<Node> {
  const needed = new Set<Node>();
  for (const node of forward) {
    if (node.outputs.some((output) => sources.has(output)) || node.inputs.some((input) => needed.has(input.node))) {
      needed.add(node);
    }
  }
  return needed;
}

/** Gives a block's tensors a second life: traced again on first use in the backward pass. */
class Replay {
  readonly #graph: Graph;
  readonly #forward: readonly Node[];
  readonly #copies = new Map<Tensor, Tensor>();

  constructor(graph: Graph, forward: readonly Node[]) {
    this.#graph = graph;
    this.#forward = forward;
  }

  /** The tensor as the gradient of `reader` may use it. Outside marked blocks that is the tensor itself. */
  of(tensor: Tensor, reader: Node): Tensor {
    if (reader.block === null || tensor.node.block !== reader.block) return tensor;
    if (!this.#copies.has(tensor)) this.#trace(reader.block);
    return this.#copies.get(tensor) ?? tensor;
  }

  #trace(block: number): void {
    for (const node of this.#forward) {
      if (node.block !== block) continue;
      const inputs = node.inputs.map((input) => this.#copies.get(input) ?? input);
      const outputs = this.#graph.insert(node.op, inputs, node.attributes, `${node.path} > again`, null, node.precise);
      outputs.forEach((output, k) => this.#copies.set(node.outputs[k] as Tensor, output));
    }
  }
}
