// Bias gradients beside weight gradients: a product over dy and x walks over all of dy, whose sums over the same axis
// are the bias's gradient. The product's kernel adds them up on its way, which spares a dispatch that reads dy again.
import { behindViews } from '../graph/behindViews';
import { variable, type Index } from '../graph/indexing';
import type { Node, Tensor } from '../graph/tensor';
import type { OperandSum } from '../kernels/lowering';
import { reducedIndex } from '../kernels/reduce';
import type { ReduceAttributes } from '../ops/reduce';

/**
 * Products, each with the sum over its inner axis of one of its operands, where nobody reads that sum before it. `users`
 * are the readers of each tensor.
 */
export function findOperandSums(
  nodes: readonly Node[],
  users: ReadonlyMap<Tensor, readonly Node[]>,
): ReadonlyMap<Node, OperandSum> {
  const sums = new Map<string, Node>();
  for (const node of nodes) {
    const [x] = node.inputs;
    const [sum] = node.outputs;
    if (node.op.kind !== 'reduce' || !x || !sum) continue;
    const { axes } = node.attributes as ReduceAttributes;
    const key = readAt(x, reducedIndex(x, axes, own(sum.size), term(x.size / sum.size)));
    if (key !== null) sums.set(key, node);
  }
  const order = new Map(nodes.map((node, k) => [node, k]));
  const early = (tensor: Tensor, product: Node): boolean =>
    (users.get(tensor) ?? []).some((user) => {
      if (user.op.kind === 'view') return early(user.outputs[0] as Tensor, product);
      return (order.get(user) ?? 0) < (order.get(product) ?? 0);
    });
  const found = new Map<Node, OperandSum>();
  for (const product of nodes) {
    const { op, inputs, attributes } = product;
    const summable = op.kind === 'kernel' ? op.summable?.(inputs, attributes) : undefined;
    for (const { operand, tensor, size, terms, at } of summable ?? []) {
      const key = readAt(tensor, at(own(size), term(terms)));
      const sum = key === null ? undefined : sums.get(key);
      if (sum?.outputs[0]?.size !== size || found.has(product) || early(sum.outputs[0], product)) continue;
      found.set(product, { operand, sum });
      sums.delete(key as string);
    }
  }
  return found;
}

const own = (size: number): Index => variable('own', size);
const term = (size: number): Index => variable('term', size);

/** Which tensor is read behind views, and where; null where a view has guards or several inputs. */
function readAt(tensor: Tensor, index: Index): string | null {
  const found = behindViews(tensor, index, ({ node }) => node.op.kind !== 'view');
  if (!found) return null;
  const { id, outputs } = found.tensor.node;
  return `${id}.${outputs.indexOf(found.tensor)}@${found.index.key}`;
}
