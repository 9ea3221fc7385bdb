// Reads by index and its opposite, sums by index; the gradient of each is the other.
//
// gather: y[…, i, …] = x[…, index[…, i, …], …]; scatterAdd: y[…, j, …] = Σ_i x[…, i, …] where index[…, i, …] = j.
// Each output of scatterAdd walks the entries of its line: no atomics, so the order of summation is fixed. It walks all
// of them, or, where a large table has the same indices in every line, only its own: which entry comes next is looked up
// once for all lines.
import { ShapeError } from '../graph/graph';
import { add as plus, constant, coordinates, flatten, variable, type Index } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { Call } from '../kernels/call';
import type { KernelOp, Lowering } from '../kernels/lowering';
import type { PointwiseOp } from '../graph/tensor';
import { normalAxis, sameShape, shapeText, type Shape, type Tensor, type TensorType } from '../graph/tensor';
import { add } from './arithmetic';
import { expand } from './reduce';
import { reshape } from './view';

interface Attributes {
  readonly axis: number;
  /** Entries that the scattered axis has. */
  readonly size: number;
  /** An index that passes no gradient back. */
  readonly padding: number | null;
  /** Whether the indices are those of all lines along the axis. */
  readonly alike: boolean;
}

/** Comparisons from which on those of one line are made ahead for all lines. */
const MANY = 2 ** 22;

function along(shape: Shape, axis: number, size: number): Shape {
  return shape.map((one, k) => (k === axis ? size : one));
}

function withIndex(at: readonly Index[], axis: number, index: Index): Index[] {
  return at.map((one, k) => (k === axis ? index : one));
}

function check(x: TensorType | undefined, index: TensorType | undefined, axis: number): void {
  if (!x || index?.dtype !== 'u32') throw new ShapeError('wants a tensor and its indices');
  if (!sameShape(along(x.shape, axis, 1), along(index.shape, axis, 1))) {
    throw new ShapeError(`indices ${shapeText(index.shape)} do not fit ${shapeText(x.shape)} along axis ${axis}`);
  }
}

const gatherOp: KernelOp<Attributes> = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'gather',
  kind: 'kernel',
  type([x, index], { axis }) {
    check(x, index, axis);
    return [{ shape: index?.shape ?? [], dtype: 'f32' }];
  },
  gradient({ inputs: [x, index], attributes, gradients: [dy] }) {
    const size = x?.shape[attributes.axis] ?? 1;
    const flow = dy as Tensor;
    return [flow.node.graph.one(scatterAddOp, [flow, index as Tensor], { ...attributes, size }), null];
  },
  lower(lowering, [x, index], { axis }, [y]) {
    const [input, output] = [x as Tensor, y as Tensor];
    const builder = lowering.kernel('gather');
    const place = variable('ix', output.size);
    builder.line(`let picked = ${builder.load(index as Tensor, place)};`);
    const at = withIndex(coordinates(place, output.shape), axis, variable('picked', input.shape[axis] ?? 1));
    builder.store([[output, builder.load(input, flatten(at, input.shape))]], place);
    return [builder.finish({ x: output.size }, 0)];
  },
});

const scatterAddOp: KernelOp<Attributes> = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'scatterAdd',
  kind: 'kernel',
  type([x, index], { axis, size }) {
    check(x, index, axis);
    return [{ shape: along(x?.shape ?? [], axis, size), dtype: 'f32' }];
  },
  gradient: ({ inputs: [, index], attributes, gradients: [dy] }) => [
    (dy as Tensor).node.graph.one(gatherOp, [dy as Tensor, index as Tensor], attributes),
    null,
  ],
  lower(lowering, [x, index], { axis, size, padding, alike }, [y]) {
    const [input, output] = [x as Tensor, y as Tensor];
    const terms = input.shape[axis] ?? 1;
    const chains = alike && terms * output.size >= MANY ? chainsOf(lowering, index as Tensor, axis, size) : null;
    const builder = lowering.kernel('scatter_add');
    const place = variable('ix', output.size);
    const here = coordinates(place, output.shape);
    builder.line(`let wanted = (ix / ${output.shape.slice(axis + 1).reduce((a, b) => a * b, 1)}u) % ${size}u;`);
    builder.line('var sum = 0.0;');
    if (chains) {
      const first = builder.load(chains.next, variable('wanted', size));
      builder.line(`var k = ${padding === null ? first : `select(${first}, ${terms}u, wanted == ${padding}u)`};`);
      builder.block(`while (k < ${terms}u)`, () => {
        const entry = variable('k', terms);
        builder.line(`sum += ${builder.load(input, flatten(withIndex(here, axis, entry), input.shape))};`);
        // Ends whatever the table holds: a kernel's first run is on memory that nobody wrote.
        builder.line(`k = max(k + 1u, ${builder.load(chains.next, plus(constant(size), entry))});`);
      });
      builder.store([[output, 'sum']], place);
      return [chains.call, builder.finish({ x: output.size }, 2 * output.size)];
    }
    builder.block(`for (var k = 0u; k < ${builder.bound(terms)}; k++)`, () => {
      const at = flatten(withIndex(here, axis, variable('k', terms)), input.shape);
      const skip = padding === null ? '' : ` && wanted != ${padding}u`;
      const value = builder.load(input, at);
      builder.line(`sum += select(0.0, ${value}, ${builder.load(index as Tensor, at)} == wanted${skip});`);
    });
    builder.store([[output, 'sum']], place);
    return [builder.finish({ x: output.size }, terms * output.size)];
  },
});

/**
 * In which order the entries of a line come to each place of `size`: next[j] is the first entry for place j, and
 * next[size + k] the one after entry k for the same place; the number of entries where there is none.
 */
function chainsOf(lowering: Lowering, index: Tensor, axis: number, size: number): { next: Tensor; call: Call } {
  const terms = index.shape[axis] ?? 1;
  const next = lowering.scratch(size + terms, 'u32');
  const builder = lowering.kernel('scatter_chains');
  const line = index.shape.map(() => constant(0));
  const entry = (): string => builder.load(index, flatten(withIndex(line, axis, variable('k', terms)), index.shape));
  builder.line('var wanted = ix;');
  builder.line('var k = 0u;');
  builder.block(`if (ix >= ${size}u)`, () => {
    builder.line(`k = ix - ${size}u;`);
    builder.line(`wanted = ${entry()};`);
    builder.line('k++;');
  });
  builder.block(`while (k < ${terms}u)`, () => {
    builder.line(`if (${entry()} == wanted) { break; }`);
    builder.line('k++;');
  });
  builder.write(next, variable('ix', size + terms), 'k');
  return { next, call: builder.finish({ x: size + terms }, terms * (size + terms)) };
}

/** y[…, i, …] = x[…, index[…, i, …], …], as torch.gather; the other axes of both have equal sizes. */
export function gather(x: Tensor, axis: number, index: Tensor): Tensor {
  return gathered(x, axis, index, { padding: null, alike: false });
}

function gathered(x: Tensor, axis: number, index: Tensor, how: Pick<Attributes, 'padding' | 'alike'>): Tensor {
  return x.node.graph.one(gatherOp, [x, index], { axis: normalAxis(axis, x.shape.length), size: 0, ...how });
}

/** x with src added at the indices, as torch.scatter_add. */
export function scatterAdd(x: Tensor, axis: number, index: Tensor, src: Tensor): Tensor {
  return scattered(x, axis, index, src, false);
}

function scattered(x: Tensor, axis: number, index: Tensor, src: Tensor, alike: boolean): Tensor {
  const normal = normalAxis(axis, x.shape.length);
  const size = x.shape[normal] ?? 1;
  return add(x, x.node.graph.one(scatterAddOp, [src, index], { axis: normal, size, padding: null, alike }));
}

function spread(index: Tensor, shape: Shape, axis: number): Tensor {
  const flat = shape.map((_, k) => (k === axis ? index.size : 1));
  return expand(reshape(index, flat), along(shape, axis, index.size));
}

/** Whole slices by index along one axis, as torch.index_select. */
export function indexSelect(x: Tensor, axis: number, index: Tensor): Tensor {
  const normal = normalAxis(axis, x.shape.length);
  return gathered(x, normal, spread(index, x.shape, normal), { padding: null, alike: true });
}

/** x with the slices of src added at the indices, as torch.index_add. */
export function indexAdd(x: Tensor, axis: number, index: Tensor, src: Tensor): Tensor {
  const normal = normalAxis(axis, x.shape.length);
  return scattered(x, normal, spread(index, x.shape, normal), src, true);
}

/** Rows of weight [entries, channels] by index; the row `padding` gets no gradient. As torch.nn.functional.embedding. */
export function embedding(weight: Tensor, index: Tensor, padding: number | null = null): Tensor {
  const y = gathered(weight, 0, spread(index, weight.shape, 0), { padding, alike: true });
  return reshape(y, [...index.shape, weight.shape[1] ?? 1]);
}

const sameIndexOp = defineOp<null, PointwiseOp<null>>({
  name: 'sameIndex',
  kind: 'pointwise',
  type: ([a]) => [{ shape: a?.shape ?? [], dtype: 'f32' }],
  expression: ([a, b], _attributes, { type }) => `select(${type}(0.0), ${type}(1.0), ${a} == ${b})`,
  gradient: () => [null, null],
});

/** 1 where a whole number is `value`, 0 elsewhere. */
export function equals(index: Tensor, value: number): Tensor {
  const { graph } = index.node;
  return graph.one(sameIndexOp, [index, expand(graph.constant(Uint32Array.of(value), [1]), index.shape)], null);
}

/** [..., classes] with 1 at each index and 0 elsewhere; an index beyond the classes gives zeros. */
export function oneHot(index: Tensor, classes: number): Tensor {
  const { graph } = index.node;
  const numbers = graph.constant(
    Uint32Array.from({ length: classes }, (_, k) => k),
    [classes],
  );
  const shape = [...index.shape, classes];
  return graph.one(sameIndexOp, [expand(reshape(index, [...index.shape, 1]), shape), expand(numbers, shape)], null);
}
