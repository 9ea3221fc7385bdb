// Entries of each line in order, with the places they came from; equal ones keep their order, NaN counts as largest.
//
// The rank of an entry is the number of entries before it: one invocation per entry counts them, n² comparisons a line.
// The gradient of the values goes back to the places that they came from.
import { ShapeError } from '../graph/graph';
import { coordinates, flatten, variable, type Index } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { normalAxis, shapeText, sizeOf, type Shape, type Tensor } from '../graph/tensor';
import { scatterAdd } from './gather';
import { expand } from './reduce';

interface Attributes {
  readonly axis: number;
  /** Entries of each line that are wanted. */
  readonly count: number;
  readonly descending: boolean;
}

/** Maps f32 to u32 in the same order: −0 equals 0, and every NaN is the largest. */
function orderKeySource(_type: string, name: string): string {
  return `fn ${name}(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let magnitude = bits & 0x7fffffffu;
  if (magnitude == 0u) { return 0x80000000u; }
  if (magnitude > 0x7f800000u) { return 0xffffffffu; }
  return select(bits | 0x80000000u, ~bits, bits > magnitude);
}`;
}

function along(shape: Shape, axis: number, size: number): Shape {
  return shape.map((one, k) => (k === axis ? size : one));
}

const sortOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'sort',
  kind: 'kernel',
  type([x], { axis, count }) {
    const size = x?.shape[axis] ?? 0;
    if (!x || count < 1 || count > size) {
      throw new ShapeError(
        `1 to ${size} entries of axis ${axis} of ${shapeText(x?.shape ?? [])} wanted, k is ${count}`,
      );
    }
    const shape = along(x.shape, axis, count);
    return [
      { shape, dtype: 'f32' },
      { shape, dtype: 'u32' },
    ];
  },
  gradient({ inputs: [x], outputs: [, indices], gradients: [dValues], attributes: { axis } }) {
    const { node, shape } = x as Tensor;
    if (!dValues) return [null];
    return [scatterAdd(expand(node.graph.scalar(0), shape), axis, indices as Tensor, dValues)];
  },
  lower(lowering, [input], { axis, count, descending }, [values, indices]) {
    const x = input as Tensor;
    const size = x.shape[axis] ?? 1;
    const builder = lowering.kernel('sort');
    const place = variable('ix', x.size);
    const at = coordinates(place, x.shape);
    const moved = (index: Index, shape: Shape): Index =>
      flatten(
        at.map((one, k) => (k === axis ? index : one)),
        shape,
      );
    const key = builder.helper('order_key', orderKeySource);
    const value = builder.load(x, place);
    builder.line(`let own_place = (ix / ${sizeOf(x.shape.slice(axis + 1))}u) % ${size}u;`);
    builder.line(`let own_key = ${key}(${value});`);
    builder.line('var rank = 0u;');
    builder.block(`for (var j = 0u; j < ${builder.bound(size)}; j++)`, () => {
      builder.line(`let key = ${key}(${builder.load(x, moved(variable('j', size), x.shape))});`);
      const before = descending ? 'key > own_key' : 'key < own_key';
      builder.line(`rank += select(0u, 1u, ${before} || (key == own_key && j < own_place));`);
    });
    const store = (): void => {
      const results = [[values as Tensor, value] as const, [indices as Tensor, 'own_place'] as const];
      builder.store(results, moved(variable('rank', count), (values as Tensor).shape));
    };
    if (count === size) store();
    else builder.block(`if (rank < ${count}u)`, store);
    return [builder.finish({ x: x.size }, 2 * size * x.size)];
  },
});

function ordered(x: Tensor, attributes: Attributes): { values: Tensor; indices: Tensor } {
  const [values, indices] = x.node.graph.apply(sortOp, [x], attributes);
  return { values: values as Tensor, indices: indices as Tensor };
}

/** Entries along one axis in rising (or falling) order and their places (u32), as torch.sort with stable=True. */
export function sort(x: Tensor, axis = -1, descending = false): { values: Tensor; indices: Tensor } {
  const normal = normalAxis(axis, x.shape.length);
  return ordered(x, { axis: normal, count: x.shape[normal] ?? 1, descending });
}

/** The k largest (or smallest) entries along one axis, best first, and their places (u32), as torch.topk. */
export function topk(x: Tensor, k: number, axis = -1, largest = true): { values: Tensor; indices: Tensor } {
  return ordered(x, { axis: normalAxis(axis, x.shape.length), count: k, descending: largest });
}
