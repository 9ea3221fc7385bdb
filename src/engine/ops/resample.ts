// Sparse matrices along several axes at once: y = (M₁ ⊗ M₂ ⊗ …) x. The gradient applies the transposed matrices.
//
// Each output gathers a short box of neighbours with weights from a table that is made once per graph.
import { ShapeError } from '../graph/graph';
import { add, code, constant, coordinates, flatten, scale, variable, type Index } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { shapeText, sizeOf, type Tensor } from '../graph/tensor';
import { neighbours, zero } from '../kernels/lanes';
import { bandOf, resampledShape, transposed, type AxisMatrix } from './axisMatrix';

interface Attributes {
  readonly matrices: ReadonlyMap<number, AxisMatrix>;
}

/** Boxes of more taps than this are gathered axis by axis. */
const MOST_TAPS = 16;

const resampleOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'resample',
  kind: 'kernel',
  type([x], { matrices }) {
    const shape = x?.shape ?? [];
    for (const [axis, { columns }] of matrices) {
      if (shape[axis] !== columns) throw new ShapeError(`axis ${axis} of ${shapeText(shape)} wants ${columns} entries`);
    }
    return [{ shape: resampledShape(shape, matrices), dtype: 'f32' }];
  },
  gradient: ({ attributes: { matrices }, gradients: [dy] }) => [
    resample(dy as Tensor, new Map([...matrices].map(([axis, matrix]) => [axis, transposed(matrix)]))),
    null,
    null,
  ],
  lower(lowering, [input, starts, table], { matrices }, [output]) {
    const [x, y] = [input as Tensor, output as Tensor];
    const axes = [...matrices.keys()].sort((a, b) => a - b);
    const inner = sizeOf(y.shape.slice((axes.at(-1) ?? 0) + 1));
    const lanes = inner % 4 === 0 ? 4 : 1;
    const builder = lowering.kernel('resample');
    const place = neighbours(variable('ix', y.size / lanes), lanes);
    const here = coordinates(place, y.shape);
    const source = [...here];
    builder.line(`var sum = ${zero(lanes)};`);
    let startsAt = 0;
    let tableAt = 0;
    const plans = axes.map((axis) => {
      const matrix = matrices.get(axis) as AxisMatrix;
      const { taps } = bandOf(matrix);
      const row = here[axis] as Index;
      const start = builder.load(starts as Tensor, add(row, constant(startsAt)));
      const weights = add(scale(row, taps), constant(tableAt));
      startsAt += matrix.rows;
      tableAt += matrix.rows * taps;
      return { axis, taps, columns: matrix.columns, start, weights, bound: builder.bound(taps) };
    });
    const walk = (depth: number, product: string | null): void => {
      const plan = plans[depth];
      if (!plan) {
        const value = builder.load(x, flatten(source, x.shape), lanes);
        const weight = product ?? '1.0';
        builder.line(`sum = fma(${lanes === 4 ? `vec4<f32>(${weight})` : weight}, ${value}, sum);`);
        return;
      }
      const { axis, taps, columns, start, weights, bound } = plan;
      const tap = builder.fresh('tap');
      builder.block(`for (var ${tap} = 0u; ${tap} < ${bound}; ${tap}++)`, () => {
        const own = builder.load(table as Tensor, add(weights, variable(tap, taps)));
        source[axis] = variable(builder.let(`${start} + ${code(variable(tap, taps))}`, 'at'), columns);
        walk(depth + 1, product === null ? own : builder.let(`${product} * ${own}`));
      });
    };
    walk(0, null);
    builder.store([[y, 'sum']], place, lanes);
    const taps = plans.reduce((all, plan) => all * plan.taps, 1);
    return [builder.finish({ x: y.size / lanes }, 2 * taps * y.size)];
  },
});

/** x with a matrix applied along each of the given axes (counted from the front). */
export function resample(x: Tensor, matrices: ReadonlyMap<number, AxisMatrix>): Tensor {
  const bands = new Map([...matrices].sort(([a], [b]) => a - b).map(([axis, matrix]) => [axis, bandOf(matrix)]));
  if (bands.size === 0) return x;
  const taps = [...bands.values()].reduce((product, band) => product * band.taps, 1);
  if (bands.size > 1 && taps > MOST_TAPS) {
    // What shrinks most goes first: the others then have less to do.
    const growth = ({ rows, columns }: AxisMatrix): number => rows / columns;
    const ordered = [...matrices].sort(([, a], [, b]) => growth(a) - growth(b));
    return ordered.reduce((y, [axis, matrix]) => resample(y, new Map([[axis, matrix]])), x);
  }
  const { graph } = x.node;
  const starts = Uint32Array.from([...bands.values()].flatMap(({ first }) => first));
  const table = Float32Array.from([...bands.values()].flatMap(({ weights }) => weights));
  return graph.one(resampleOp, [x, graph.constant(starts, [starts.length]), graph.constant(table, [table.length])], {
    matrices,
  });
}
