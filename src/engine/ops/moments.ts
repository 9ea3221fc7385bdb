// Mean and biased variance over axes, safe where the mean is far larger than the spread.
//
// Each chunk takes its own mean first and then squares the distances to it; chunks are merged by Chan, Golub and
// LeVeque 1979: M2 = Σ M2ᵢ + Σ nᵢ (meanᵢ − mean)². Backward: dx = dmean / n + 2 dvariance (x − mean) / n.
import { ShapeError } from '../graph/graph';
import { add as plus, constant, scale, variable, type Index } from '../graph/indexing';
import { defineOp, type KernelOp } from '../graph/op';
import { normalAxis, sizeOf, type Tensor } from '../graph/tensor';
import type { KernelBuilder } from '../kernels/builder';
import { chunkCount, reducedIndex } from '../kernels/reduce';
import { add, multiply, subtract } from './arithmetic';
import { expand } from './view';
import type { ReduceAttributes } from './reduce';

const momentsOp = defineOp<ReduceAttributes, KernelOp<ReduceAttributes>>({
  name: 'moments',
  kind: 'kernel',
  type([x], { axes }) {
    if (!x) throw new ShapeError('an input is missing');
    const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return [
      { shape, dtype: 'f32' },
      { shape, dtype: 'f32' },
    ];
  },
  gradient({ inputs, outputs, attributes: { axes }, gradients: [dMean, dVariance] }) {
    const x = inputs[0] as Tensor;
    const count = sizeOf(axes.map((axis) => x.shape[axis] ?? 1));
    let dx: Tensor | null = dMean ? expand(multiply(dMean, 1 / count), x.shape) : null;
    if (dVariance) {
      const spread = multiply(subtract(x, outputs[0] as Tensor), multiply(dVariance, 2 / count));
      dx = dx ? add(dx, spread) : spread;
    }
    return [dx];
  },
  lower(lowering, [input], { axes }, [mean, variance]) {
    const x = input as Tensor;
    const out = (mean as Tensor).size;
    const terms = sizeOf(axes.map((axis) => x.shape[axis] ?? 1));
    const chunks = chunkCount(out, terms, lowering.target);
    const length = Math.ceil(terms / chunks);
    const store = (builder: KernelBuilder, values: readonly [string, string], at: Index): void => {
      const [first, second] = values;
      builder.store(
        [
          [mean as Tensor, first],
          [variance as Tensor, second],
        ],
        at,
      );
    };
    if (chunks === 1) {
      const builder = lowering.kernel('moments');
      const at = variable('ix', out);
      const part = partial(builder, x, axes, at, constant(0), terms, terms);
      store(builder, [part.mean, builder.let(`${part.squares} / ${terms}.0`)], at);
      return [builder.finish({ x: out }, 4 * x.size)];
    }
    const means = lowering.scratch(chunks * out);
    const squares = lowering.scratch(chunks * out);
    const first = lowering.kernel('moments_chunks');
    first.line(`let out = ix % ${out}u;`);
    first.line(`let chunk = ix / ${out}u;`);
    const start = scale(variable('chunk', chunks), length);
    const part = partial(first, x, axes, variable('out', out), start, length, terms);
    first.write(means, variable('ix', chunks * out), part.mean);
    first.write(squares, variable('ix', chunks * out), part.squares);

    const second = lowering.kernel('moments');
    const at = variable('ix', out);
    const here = plus(scale(variable('c', chunks), out), at);
    const weight = `f32(min(${length}u, ${terms}u - c * ${length}u)) / ${terms}.0`;
    second.line('var total = 0.0;');
    second.block(`for (var c = 0u; c < ${second.bound(chunks)}; c++)`, () => {
      second.line(`total += ${second.load(means, here)} * (${weight});`);
    });
    second.line('var spread = 0.0;');
    second.block(`for (var c = 0u; c < ${second.bound(chunks)}; c++)`, () => {
      second.line(`let distance = ${second.load(means, here)} - total;`);
      second.line(`spread += ${second.load(squares, here)} / ${terms}.0 + distance * distance * (${weight});`);
    });
    store(second, ['total', 'spread'], at);
    return [first.finish({ x: chunks * out }, 4 * x.size), second.finish({ x: out }, 4 * chunks * out)];
  },
});

/** Mean and sum of squared distances to it of one chunk. */
function partial(
  builder: KernelBuilder,
  x: Tensor,
  axes: readonly number[],
  out: Index,
  start: Index,
  length: number,
  terms: number,
): { mean: string; squares: string } {
  const exact = start.maximum + length <= terms;
  const count = exact ? `${length}u + (workgroup.x & 0x80000000u)` : `min(${length}u, ${terms}u - chunk * ${length}u)`;
  builder.line(`let count = ${count};`);
  const at = reducedIndex(x, axes, out, variable('term', terms));
  const loop = (body: (value: string) => void): void => {
    builder.block('for (var k = 0u; k < count; k++)', () => {
      builder.line(start.terms.length === 0 ? 'let term = k;' : `let term = chunk * ${length}u + k;`);
      body(builder.load(x, at));
    });
  };
  builder.line('var sum = 0.0;');
  loop((value) => {
    builder.line(`sum += ${value};`);
  });
  builder.line('let own_mean = sum / f32(count);');
  builder.line('var squares = 0.0;');
  loop((value) => {
    builder.line(`let off = ${value} - own_mean;`);
    builder.line('squares = fma(off, off, squares);');
  });
  return { mean: 'own_mean', squares: 'squares' };
}

/** Mean and biased variance over the axes, which keep size 1. */
export function moments(x: Tensor, axes: readonly number[]): { mean: Tensor; variance: Tensor } {
  const sorted = axes.map((axis) => normalAxis(axis, x.shape.length)).sort((a, b) => a - b);
  const [mean, variance] = x.node.graph.apply(momentsOp, [x], { axes: sorted });
  return { mean: mean as Tensor, variance: variance as Tensor };
}
