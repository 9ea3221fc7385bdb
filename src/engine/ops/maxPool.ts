// Largest entry of each window; dx gathers from the windows that chose an entry.
//
// Saved for the backward: which entry of the pooled axes each window chose (its first largest, as in torch).
import { invariant } from '../../errors';
import { add, code, coordinates, flatten, scale, variable, type Index } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { sizeOf, type Shape, type Tensor } from '../graph/tensor';
import type { KernelBuilder } from '../kernels/builder';
import { LANE } from '../kernels/lanes';
import { windowsOf, type PoolOptions, type Windows } from './poolWindows';

interface Attributes {
  readonly windows: readonly Windows[];
  readonly inputShape: Shape;
}

/** Flat position of this invocation's element (or of four channels), and how many lanes that is. */
function placeIn(shape: Shape, windows: readonly Windows[]): { place: Index; lanes: 1 | 4 } {
  const inner = sizeOf(shape.slice((windows.at(-1)?.axis ?? 0) + 1));
  const size = sizeOf(shape);
  return inner % 4 === 0
    ? { place: add(scale(variable('ix', size / 4), 4), variable(LANE, 4)), lanes: 4 }
    : { place: variable('ix', size), lanes: 1 };
}

/** Position of an entry among those of the pooled axes. */
function chosenCode(at: readonly Index[], windows: readonly Windows[]): string {
  const positions = windows.map(({ axis }) => at[axis] as Index);
  return code(
    flatten(
      positions,
      windows.map(({ inputs }) => inputs),
    ),
  );
}

/** Nests one loop per axis, from `low` to `high` inclusive (WGSL); `at` gets the loops' variables. */
function loops(
  builder: KernelBuilder,
  ranges: readonly { axis: number; size: number; low: string; high: string }[],
  at: Index[],
  body: () => void,
): void {
  const [range, ...rest] = ranges;
  if (!range) {
    body();
    return;
  }
  const name = builder.fresh('at');
  builder.block(`for (var ${name} = ${range.low}; ${name} <= ${range.high}; ${name}++)`, () => {
    at[range.axis] = variable(name, range.size);
    loops(builder, rest, at, body);
  });
}

const maxPoolOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'maxPool',
  kind: 'kernel',
  type([x], { windows }) {
    const sizes = new Map(windows.map(({ axis, outputs }) => [axis, outputs]));
    const shape = (x?.shape ?? []).map((size, axis) => sizes.get(axis) ?? size);
    return [
      { shape, dtype: 'f32' },
      { shape, dtype: 'u32' },
    ];
  },
  gradient: ({ outputs: [, chosen], attributes, gradients: [dy] }) => [
    dy ? dy.node.graph.one(maxPoolGradientOp, [dy, chosen as Tensor], attributes) : null,
  ],
  lower(lowering, [input], { windows }, [y, chosen]) {
    const [x, output] = [input as Tensor, y as Tensor];
    const builder = lowering.kernel('max_pool');
    const { place, lanes } = placeIn(output.shape, windows);
    const at = coordinates(place, output.shape);
    const [float, whole] = lanes === 4 ? ['vec4<f32>', 'vec4<u32>'] : ['f32', 'u32'];
    const ranges = windows.map(({ axis, inputs, kernel, stride, padding }) => {
      const start = builder.let(`(${code(at[axis] as Index)}) * ${stride}u`, 'start');
      return {
        axis,
        size: inputs,
        low: builder.let(`max(${start}, ${padding}u) - ${padding}u`, 'low'),
        high: builder.let(`min(${start} + ${kernel - 1 - padding}u, ${inputs - 1}u)`, 'high'),
      };
    });
    builder.line(`var largest = ${float}(-3.4028234e38);`);
    const first = flatten(
      ranges.map(({ low, size }) => variable(low, size)),
      windows.map(({ inputs }) => inputs),
    );
    builder.line(`var chosen = ${whole}(${code(first)});`);
    loops(builder, ranges, at, () => {
      const value = builder.load(x, flatten(at, x.shape), lanes);
      builder.line(`let larger = ${value} > largest;`);
      builder.line(`chosen = select(chosen, ${whole}(${chosenCode(at, windows)}), larger);`);
      builder.line(`largest = select(largest, ${value}, larger);`);
    });
    builder.store(
      [
        [output, 'largest'],
        [chosen as Tensor, 'chosen'],
      ],
      place,
      lanes,
    );
    const taps = windows.reduce((product, { kernel }) => product * kernel, 1);
    return [builder.finish({ x: output.size / lanes }, taps * output.size)];
  },
});

const maxPoolGradientOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'maxPoolGradient',
  kind: 'kernel',
  type: (_inputs, { inputShape }) => [{ shape: inputShape, dtype: 'f32' }],
  lower(lowering, [dy, chosen], { windows }, [output]) {
    const [flow, dx] = [dy as Tensor, output as Tensor];
    const builder = lowering.kernel('max_pool_gradient');
    const { place, lanes } = placeIn(dx.shape, windows);
    const at = coordinates(place, dx.shape);
    builder.line(`let own = ${chosenCode(at, windows)};`);
    // Windows from ⌈(p − kernel + 1) / stride⌉ to ⌊p / stride⌋ cover padded position p.
    const ranges = windows.map(({ axis, outputs, kernel, stride, padding }) => {
      const padded = builder.let(`${code(at[axis] as Index)} + ${padding}u`, 'padded');
      const low = `select((${padded} - min(${padded}, ${kernel}u)) / ${stride}u + 1u, 0u, ${padded} < ${kernel}u)`;
      return {
        axis,
        size: outputs,
        low: builder.let(low, 'low'),
        high: builder.let(`min(${padded} / ${stride}u, ${outputs - 1}u)`, 'high'),
      };
    });
    const float = lanes === 4 ? 'vec4<f32>' : 'f32';
    const own = lanes === 4 ? 'vec4<u32>(own)' : 'own';
    builder.line(`var sum = ${float}(0.0);`);
    loops(builder, ranges, at, () => {
      const from = flatten(at, flow.shape);
      const chose = `${builder.load(chosen as Tensor, from, lanes)} == ${own}`;
      builder.line(`sum += select(${float}(0.0), ${builder.load(flow, from, lanes)}, ${chose});`);
    });
    builder.store([[dx, 'sum']], place, lanes);
    return [builder.finish({ x: dx.size / lanes }, dx.size)];
  },
});

/**
 * Largest entry of windows over any number of axes of x [batch, channels, ...], as torch.nn.functional.max_pool1d, 2d
 * and 3d; padding never wins.
 */
export function maxPool(x: Tensor, options: PoolOptions): Tensor {
  const [y] = x.node.graph.apply(maxPoolOp, [x], { windows: windowsOf(x, options), inputShape: x.shape });
  invariant(y, 'maxPool has no output');
  return y;
}
