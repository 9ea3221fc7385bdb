// Keeps what the results depend on, in traced order.
import type { Graph } from '../graph/graph';
import type { Node, Tensor } from '../graph/tensor';

/** The nodes that `results` and the nodes `effects` depend on. */
export function live(graph: Graph, results: readonly Tensor[], effects: readonly Node[] = []): Node[] {
  const needed = new Set<Node>([...results.map((result) => result.node), ...effects]);
  for (let k = graph.nodes.length - 1; k >= 0; k--) {
    const node = graph.nodes[k] as Node;
    if (needed.has(node)) for (const input of node.inputs) needed.add(input.node);
  }
  return graph.nodes.filter((node) => needed.has(node));
}
