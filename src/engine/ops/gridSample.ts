// Bilinear reads at positions that are themselves computed; outside the input counts as zero.
//
// Jaderberg et al. 2015, "Spatial transformer networks". dx gathers: each pixel walks the samples of its image and
// adds the gradient of those less than one pixel away. No atomics, so the order of summation is fixed.
import { ShapeError } from '../graph/graph';
import { add, code, constant, coordinates, flatten, quotient, scale, variable, type Index } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { shapeText, type Shape, type Tensor } from '../graph/tensor';
import type { KernelBuilder } from '../kernels/builder';
import { literal } from '../kernels/literal';

interface Attributes {
  readonly alignCorners: boolean;
  readonly inputShape: Shape;
}

/** Multiplier and offset that turn a grid coordinate in [−1, 1] into a pixel position. */
function pixelScale(size: number, alignCorners: boolean): { factor: number; offset: number } {
  return { factor: (alignCorners ? size - 1 : size) / 2, offset: (size - 1) / 2 };
}

/** Pixel positions (WGSL names) of sample number `sample` along x and y. */
function positions(
  builder: KernelBuilder,
  grid: Tensor,
  sample: Index,
  { alignCorners, inputShape }: Attributes,
): { x: string; y: string } {
  const along = (part: number): string => {
    const { factor, offset } = pixelScale(inputShape[3 - part] ?? 1, alignCorners);
    const value = builder.load(grid, add(scale(sample, 2), constant(part)));
    return builder.let(`fma(${value}, ${literal(factor, 'f32')}, ${literal(offset, 'f32')})`, 'position');
  };
  return { x: along(0), y: along(1) };
}

/** An axis' two neighbours of a position: pixel number, whether it exists, and its weight. */
function neighbours(builder: KernelBuilder, position: string, size: number) {
  const low = builder.let(`floor(${position})`, 'low');
  const high = builder.let(`${position} - ${low}`, 'off');
  return ([0, 1] as const).map((step) => {
    const at = builder.let(`${low} + ${step}.0`, 'at');
    const pixel = builder.let(`u32(clamp(${at}, 0.0, ${size - 1}.0))`, 'pixel');
    const inside = `(${at} >= 0.0 && ${at} <= ${size - 1}.0)`;
    return { pixel: variable(pixel, size), inside, weight: step === 0 ? `(1.0 - ${high})` : high };
  });
}

const gridSampleOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'gridSample',
  kind: 'kernel',
  type([x, grid]) {
    const [batch, channels] = x?.shape ?? [];
    const [samples, rows, columns, two] = grid?.shape ?? [];
    if (x?.shape.length !== 4 || grid?.shape.length !== 4 || batch !== samples || two !== 2) {
      throw new ShapeError(
        `wants x [batch, channels, height, width] and grid [batch, rows, columns, 2], got ` +
          `${shapeText(x?.shape ?? [])} and ${shapeText(grid?.shape ?? [])}`,
      );
    }
    return [{ shape: [batch ?? 1, channels ?? 1, rows ?? 1, columns ?? 1], dtype: 'f32' }];
  },
  gradient({ inputs: [x, grid], attributes, gradients: [dy], wanted: [wantX, wantGrid] }) {
    const flow = dy as Tensor;
    const { graph } = flow.node;
    return [
      wantX ? graph.one(inputGradientOp, [flow, grid as Tensor], attributes) : null,
      wantGrid ? graph.one(gridGradientOp, [flow, x as Tensor, grid as Tensor], attributes) : null,
    ];
  },
  lower(lowering, [input, grid], attributes, [output]) {
    const [x, y] = [input as Tensor, output as Tensor];
    const builder = lowering.kernel('grid_sample');
    const place = variable('ix', y.size);
    const [batch, channel, row, column] = coordinates(place, y.shape) as [Index, Index, Index, Index];
    const [batches, , rows = 1, columns = 1] = y.shape;
    const sample = flatten([batch, row, column], [batches ?? 1, rows, columns]);
    const at = positions(builder, grid as Tensor, sample, attributes);
    const [, , height = 1, width = 1] = x.shape;
    const across = neighbours(builder, at.x, width);
    const down = neighbours(builder, at.y, height);
    builder.line('var sum = 0.0;');
    for (const v of down) {
      for (const h of across) {
        const value = builder.load(x, flatten([batch, channel, v.pixel, h.pixel], x.shape));
        builder.line(`sum += select(0.0, ${v.weight} * ${h.weight} * ${value}, ${v.inside} && ${h.inside});`);
      }
    }
    builder.store([[y, 'sum']], place);
    return [builder.finish({ x: y.size }, 12 * y.size)];
  },
});

const inputGradientOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'gridSampleInputGradient',
  kind: 'kernel',
  type: (_inputs, { inputShape }) => [{ shape: inputShape, dtype: 'f32' }],
  lower(lowering, [dy, grid], attributes, [output]) {
    const [flow, dx] = [dy as Tensor, output as Tensor];
    const builder = lowering.kernel('grid_sample_input_gradient');
    const place = variable('ix', dx.size);
    const [batch, channel, row, column] = coordinates(place, dx.shape) as [Index, Index, Index, Index];
    const samples = (flow.shape[2] ?? 1) * (flow.shape[3] ?? 1);
    builder.line(`let row = f32(${code(row)});`);
    builder.line(`let column = f32(${code(column)});`);
    builder.line('var sum = 0.0;');
    builder.block(`for (var s = 0u; s < ${builder.bound(samples)}; s++)`, () => {
      const s = variable('s', samples);
      const at = positions(builder, grid as Tensor, add(scale(batch, samples), s), attributes);
      builder.line(`let near = max(0.0, 1.0 - abs(${at.x} - column)) * max(0.0, 1.0 - abs(${at.y} - row));`);
      builder.block('if (near > 0.0)', () => {
        const from = add(scale(add(scale(batch, flow.shape[1] ?? 1), channel), samples), s);
        builder.line(`sum = fma(near, ${builder.load(flow, from)}, sum);`);
      });
    });
    builder.store([[dx, 'sum']], place);
    return [builder.finish({ x: dx.size }, 8 * samples * dx.size)];
  },
});

const gridGradientOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'gridSampleGridGradient',
  kind: 'kernel',
  type: ([, , grid]) => [{ shape: grid?.shape ?? [], dtype: 'f32' }],
  lower(lowering, [dy, input, grid], attributes, [output]) {
    const [flow, x, dgrid] = [dy as Tensor, input as Tensor, output as Tensor];
    const builder = lowering.kernel('grid_sample_grid_gradient');
    const count = dgrid.size / 2;
    const sample = variable('ix', count);
    const [, channels = 1, height = 1, width = 1] = x.shape;
    const perImage = (flow.shape[2] ?? 1) * (flow.shape[3] ?? 1);
    const batch = quotient(sample, perImage);
    const at = positions(builder, grid as Tensor, sample, attributes);
    const across = neighbours(builder, at.x, width);
    const down = neighbours(builder, at.y, height);
    builder.line('var sum_x = 0.0;');
    builder.line('var sum_y = 0.0;');
    builder.block(`for (var c = 0u; c < ${builder.bound(channels)}; c++)`, () => {
      const channel = variable('c', channels);
      const corners = down.flatMap((v) =>
        across.map((h) => {
          const value = builder.load(x, flatten([batch, channel, v.pixel, h.pixel], x.shape));
          return builder.let(`select(0.0, ${value}, ${v.inside} && ${h.inside})`, 'corner');
        }),
      );
      const [topLeft, topRight, bottomLeft, bottomRight] = corners;
      const inPlane = add(sample, scale(batch, (channels - 1) * perImage));
      const part = builder.load(flow, add(inPlane, scale(channel, perImage)));
      const blend = (weights: readonly { weight: string }[], a: string, b: string): string =>
        `${weights[0]?.weight} * (${a}) + ${weights[1]?.weight} * (${b})`;
      const slopeX = blend(down, `${topRight} - ${topLeft}`, `${bottomRight} - ${bottomLeft}`);
      const slopeY = blend(across, `${bottomLeft} - ${topLeft}`, `${bottomRight} - ${topRight}`);
      builder.line(`sum_x += ${part} * (${slopeX});`);
      builder.line(`sum_y += ${part} * (${slopeY});`);
    });
    [width, height].forEach((size, part) => {
      const { factor } = pixelScale(size, attributes.alignCorners);
      const value = builder.let(`sum_${part === 0 ? 'x' : 'y'} * ${literal(factor, 'f32')}`);
      builder.store([[dgrid, value]], add(scale(sample, 2), constant(part)));
    });
    return [builder.finish({ x: count }, 24 * channels * count)];
  },
});

/**
 * x [batch, channels, height, width] read bilinearly at grid [batch, rows, columns, 2] (x then y, −1 and 1 at the
 * edges), as torch.nn.functional.grid_sample with zero padding. Returns [batch, channels, rows, columns].
 */
export function gridSample(x: Tensor, grid: Tensor, options: { alignCorners?: boolean } = {}): Tensor {
  const { alignCorners = false } = options;
  return x.node.graph.one(gridSampleOp, [x, grid], { alignCorners, inputShape: x.shape });
}
