// Mean and biased variance over axes, safe where the mean is far larger than the spread.
//
// The mean is taken first, then the distances to it are squared. Where the terms are cut into chunks, each does so with
// its own mean; chunks are merged by Chan, Golub and LeVeque 1979: M2 = Σ M2ᵢ + Σ nᵢ (meanᵢ − mean)². Backward: dx = dmean / n + 2 dvariance (x − mean) / n.
import { ShapeError } from '../graph/graph';
import { add as plus, constant, scale, variable, type Index } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { normalAxis, sizeOf, type Tensor } from '../graph/tensor';
import type { KernelBuilder } from '../kernels/builder';
import { neighbours, worthLanes, zero, type Lanes } from '../kernels/lanes';
import { chunkCount, foldLanes, reducedIndex } from '../kernels/reduce';
import { Together } from '../kernels/together';
import { add, multiply, subtract } from './arithmetic';
import { expand } from './reduce';
import type { ReduceAttributes } from './reduce';

const momentsOp = defineOp<ReduceAttributes, KernelOp<ReduceAttributes>>({
  name: 'moments',
  kind: 'kernel',
  together: true,
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
    const mode = foldLanes(x, axes, lowering.target);
    // Four neighbouring outputs at once where the last axis stays.
    const lanes: Lanes = mode === 'outputs' ? 4 : 1;
    const size = (mean as Tensor).size;
    const outputs = size / lanes;
    const terms = sizeOf(axes.map((axis) => x.shape[axis] ?? 1));
    const chunks = chunkCount(outputs, terms, lowering, { sums: 2, walks: 2 });
    const place = (unit: Index): Index => neighbours(unit, lanes);
    const store = (
      builder: KernelBuilder,
      [first, second]: readonly [string, string],
      at: Index,
      width = lanes,
    ): void => {
      builder.store(
        [
          [mean as Tensor, first],
          [variance as Tensor, second],
        ],
        at,
        width,
      );
    };
    if (chunks === 0) {
      const builder = lowering.kernel('moments_together');
      const together = new Together(builder, { outputs, lanes, termsBeside: mode === 'terms' });
      const fold = (sum: string, value: (own: string) => string): string => {
        builder.line(`var ${sum} = ${zero(lanes)};`);
        together.each(terms, (term) => {
          const own = builder.load(x, reducedIndex(x, axes, together.out, term), lanes);
          builder.line(`${sum} += ${value(own)};`);
        });
        return together.fold([sum], lanes === 4 ? 'vec4<f32>' : 'f32').join();
      };
      const average = builder.let(`${fold('sum', (own) => own)} / ${terms}.0`);
      const spread = fold('squares', (own) => `(${own} - ${average}) * (${own} - ${average})`);
      const finish = (): void => store(builder, [average, builder.let(`${spread} / ${terms}.0`)], together.out);
      return [together.finish(finish, 4 * x.size)];
    }
    const length = Math.ceil(terms / chunks);
    if (chunks === 1) {
      const builder = lowering.kernel('moments');
      const at = place(variable('ix', outputs));
      const part = partial(builder, x, axes, { out: at, start: constant(0), length, terms, lanes });
      store(builder, [part.mean, builder.let(`${part.squares} / ${terms}.0`)], at);
      return [builder.finish({ x: outputs }, 4 * x.size)];
    }
    const means = lowering.scratch(chunks * size);
    const squares = lowering.scratch(chunks * size);
    const first = lowering.kernel('moments_chunks');
    first.line(`let out = ix % ${outputs}u;`);
    first.line(`let chunk = ix / ${outputs}u;`);
    const start = scale(variable('chunk', chunks), length);
    const out = place(variable('out', outputs));
    const part = partial(first, x, axes, { out, start, length, terms, lanes });
    const chunkAt = plus(scale(variable('chunk', chunks), size), out);
    first.write(means, chunkAt, part.mean, lanes);
    first.write(squares, chunkAt, part.squares, lanes);

    const second = lowering.kernel('moments');
    const merged = worthLanes(lanes, 2 * chunks * size, lowering.target);
    const at = neighbours(variable('ix', size / merged), merged);
    const here = plus(scale(variable('c', chunks), size), at);
    const weight = `f32(min(${length}u, ${terms}u - c * ${length}u)) / ${terms}.0`;
    // Unrolled, a few dozen turns would read all their parts before the first is added, which takes more registers than
    // there are: the end is hidden.
    second.line(`let end = ${second.bound(chunks)} + (workgroup.x & 0x80000000u);`);
    second.line(`var total = ${zero(merged)};`);
    second.block('for (var c = 0u; c < end; c++)', () => {
      second.line(`total += ${second.load(means, here, merged)} * (${weight});`);
    });
    second.line(`var spread = ${zero(merged)};`);
    second.block('for (var c = 0u; c < end; c++)', () => {
      second.line(`let distance = ${second.load(means, here, merged)} - total;`);
      second.line(`spread += ${second.load(squares, here, merged)} / ${terms}.0 + distance * distance * (${weight});`);
    });
    store(second, ['total', 'spread'], at, merged);
    return [first.finish({ x: chunks * outputs }, 4 * x.size), second.finish({ x: size / merged }, 4 * chunks * size)];
  },
});

interface Extent {
  readonly out: Index;
  readonly start: Index;
  readonly length: number;
  readonly terms: number;
  readonly lanes: Lanes;
}

/** Mean and sum of squared distances to it of one chunk. */
function partial(
  builder: KernelBuilder,
  x: Tensor,
  axes: readonly number[],
  { out, start, length, terms, lanes }: Extent,
): { mean: string; squares: string } {
  const exact = start.maximum + length <= terms;
  const type = lanes === 4 ? 'vec4<f32>' : 'f32';
  const count = exact ? `${length}u + (workgroup.x & 0x80000000u)` : `min(${length}u, ${terms}u - chunk * ${length}u)`;
  builder.line(`let count = ${count};`);
  const at = reducedIndex(x, axes, out, variable('term', terms));
  const loop = (body: (value: string) => void): void => {
    builder.block('for (var k = 0u; k < count; k++)', () => {
      builder.line(start.terms.length === 0 ? 'let term = k;' : `let term = chunk * ${length}u + k;`);
      body(builder.load(x, at, lanes));
    });
  };
  builder.line(`var sum = ${type}(0.0);`);
  loop((value) => {
    builder.line(`sum += ${value};`);
  });
  builder.line('let own_mean = sum / f32(count);');
  builder.line(`var squares = ${type}(0.0);`);
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
