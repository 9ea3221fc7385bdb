// Mean of bilinear samples in each cell of a box (He et al. 2017, "Mask R-CNN"), as torchvision.ops.roi_align.
//
// A cell's weight on a pixel is a product of one factor per axis. dx gathers: each pixel walks the boxes of its image,
// skips those that do not reach it, and adds its share of the cells' gradients. No atomics.
import { ShapeError } from '../graph/graph';
import { add, code, constant, coordinates, flatten, scale, variable, type Index } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { shapeText, type Shape, type Tensor } from '../graph/tensor';
import type { KernelBuilder } from '../kernels/builder';
import { literal } from '../kernels/literal';

interface RoiAlignOptions {
  /** Cells of a box along height and width. */
  readonly outputSize: readonly [number, number];
  /** Turns box coordinates into pixels of x; 1 by default. */
  readonly spatialScale?: number;
  /** Samples per cell and axis; as many as a cell has pixels where it is not positive (the default). */
  readonly samplingRatio?: number;
  /** Shifts boxes by half a pixel, so that pixel centres lie at whole numbers; false by default. */
  readonly aligned?: boolean;
}
interface Attributes extends Required<RoiAlignOptions> {
  readonly inputShape: Shape;
}

/** WGSL names of where a box starts along an axis, its extent, the size of a cell, and its samples per cell. */
interface Extent {
  readonly start: string;
  readonly extent: string;
  readonly cell: string;
  readonly samples: string;
}

/** The box's geometry along the width (part 0) or the height (part 1). */
function extentOf(builder: KernelBuilder, boxes: Tensor, box: Index, part: number, attributes: Attributes): Extent {
  const { outputSize, spatialScale, samplingRatio, aligned } = attributes;
  const cells = outputSize[1 - part] ?? 1;
  const end = (field: number): string => {
    const value = builder.load(boxes, add(scale(box, 5), constant(field)));
    return `${value} * ${literal(spatialScale, 'f32')} - ${aligned ? '0.5' : '0.0'}`;
  };
  const start = builder.let(end(1 + part), 'start');
  const full = builder.let(`${end(3 + part)} - ${start}`, 'extent');
  const extent = aligned ? full : builder.let(`max(${full}, 1.0)`, 'extent');
  const cell = builder.let(`${extent} / ${cells}.0`, 'cell');
  const samples = samplingRatio > 0 ? `${samplingRatio}u` : builder.let(`u32(max(ceil(${cell}), 0.0))`, 'samples');
  return { start, extent, cell, samples };
}

/** Position of sample `k` in cell `cell` along an axis. */
function samplePosition({ start, cell, samples }: Extent, number: string, k: string): string {
  return `${start} + f32(${number}) * ${cell} + (f32(${k}) + 0.5) * ${cell} / f32(${samples})`;
}

/** The batch entry that a box belongs to. */
function batchOf(builder: KernelBuilder, boxes: Tensor, box: Index): string {
  return builder.let(`u32(${builder.load(boxes, scale(box, 5))})`, 'batch');
}

function meanFactor(across: Extent, down: Extent): string {
  return `1.0 / max(f32(${across.samples} * ${down.samples}), 1.0)`;
}

const roiAlignOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'roiAlign',
  kind: 'kernel',
  type([x, boxes], { outputSize }) {
    const [count, fields] = boxes?.shape ?? [];
    if (x?.shape.length !== 4 || boxes?.shape.length !== 2 || fields !== 5) {
      throw new ShapeError(
        `wants x [batch, channels, height, width] and boxes [boxes, 5], got ` +
          `${shapeText(x?.shape ?? [])} and ${shapeText(boxes?.shape ?? [])}`,
      );
    }
    return [{ shape: [count ?? 1, x.shape[1] ?? 1, ...outputSize], dtype: 'f32' }];
  },
  gradient: ({ inputs: [, boxes], attributes, gradients: [dy] }) => [
    (dy as Tensor).node.graph.one(roiAlignGradientOp, [dy as Tensor, boxes as Tensor], attributes),
    null,
  ],
  lower(lowering, [input, rois], attributes, [output]) {
    const [x, boxes, y] = [input as Tensor, rois as Tensor, output as Tensor];
    const [batches = 1, , height = 1, width = 1] = x.shape;
    const builder = lowering.kernel('roi_align');
    const place = variable('ix', y.size);
    const [box, channel, row, column] = coordinates(place, y.shape) as [Index, Index, Index, Index];
    const batch = variable(batchOf(builder, boxes, box), batches);
    const across = extentOf(builder, boxes, box, 0, attributes);
    const down = extentOf(builder, boxes, box, 1, attributes);
    builder.line('var sum = 0.0;');
    /** Walks the samples along one axis and gives the two pixels each lies between. */
    const walk = (extent: Extent, cell: Index, size: number, body: (low: Index, high: Index, off: string) => void) => {
      const k = builder.fresh('k');
      const bound = attributes.samplingRatio > 0 ? builder.bound(attributes.samplingRatio) : extent.samples;
      builder.block(`for (var ${k} = 0u; ${k} < ${bound}; ${k}++)`, () => {
        const at = builder.let(samplePosition(extent, code(cell), k), 'at');
        builder.line(`if (${at} < -1.0 || ${at} > ${size}.0) { continue; }`);
        const inside = builder.let(`clamp(${at}, 0.0, ${size - 1}.0)`, 'inside');
        const low = builder.let(`u32(${inside})`, 'low');
        const high = builder.let(`min(${low} + 1u, ${size - 1}u)`, 'high');
        body(variable(low, size), variable(high, size), builder.let(`${inside} - f32(${low})`, 'off'));
      });
    };
    walk(down, row, height, (top, bottom, offY) => {
      walk(across, column, width, (left, right, offX) => {
        const at = (v: Index, h: Index): string => builder.load(x, flatten([batch, channel, v, h], x.shape));
        const upper = builder.let(`mix(${at(top, left)}, ${at(top, right)}, ${offX})`);
        const lower = builder.let(`mix(${at(bottom, left)}, ${at(bottom, right)}, ${offX})`);
        builder.line(`sum += mix(${upper}, ${lower}, ${offY});`);
      });
    });
    builder.store([[y, builder.let(`sum * (${meanFactor(across, down)})`)]], place);
    return [builder.finish({ x: y.size }, 32 * y.size)];
  },
});

/** What the samples of one cell give to the pixel, along one axis. */
function cellWeight(_type: string, name: string): string {
  return `fn ${name}(start: f32, cell: f32, samples: u32, number: u32, pixel: f32, size: f32) -> f32 {
  var sum = 0.0;
  for (var k = 0u; k < samples; k++) {
    let at = start + f32(number) * cell + (f32(k) + 0.5) * cell / f32(samples);
    let near = max(0.0, 1.0 - abs(clamp(at, 0.0, size - 1.0) - pixel));
    sum += select(0.0, near, at >= -1.0 && at <= size);
  }
  return sum;
}`;
}

const roiAlignGradientOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'roiAlignGradient',
  kind: 'kernel',
  type: (_inputs, { inputShape }) => [{ shape: inputShape, dtype: 'f32' }],
  lower(lowering, [dy, rois], attributes, [output]) {
    const [flow, boxes, dx] = [dy as Tensor, rois as Tensor, output as Tensor];
    const [batches = 1, channels = 1, height = 1, width = 1] = dx.shape;
    const [count = 1, , cellsDown = 1, cellsAcross = 1] = flow.shape;
    // Several channels share the walk over the boxes.
    const share = channels % 4 === 0 ? 4 : 1;
    const builder = lowering.kernel('roi_align_gradient');
    const grid = [batches, channels / share, height, width];
    const [batch, group, row, column] = coordinates(variable('ix', dx.size / share), grid) as [
      Index,
      Index,
      Index,
      Index,
    ];
    const weigh = builder.helper('roi_cell_weight', cellWeight);
    builder.line(`let row = f32(${code(row)});`);
    builder.line(`let column = f32(${code(column)});`);
    const lanes = Array.from({ length: share }, (_, lane) => ({
      sum: `sum${lane}`,
      channel: add(scale(group, share), constant(lane)),
    }));
    for (const { sum } of lanes) builder.line(`var ${sum} = 0.0;`);
    const ends = { down: builder.bound(cellsDown), across: builder.bound(cellsAcross) };
    builder.block(`for (var k = 0u; k < ${builder.bound(count)}; k++)`, () => {
      const box = variable('k', count);
      builder.line(`if (${batchOf(builder, boxes, box)} != ${code(batch)}) { continue; }`);
      const reach = (part: number, pixel: string): Extent => {
        const one = extentOf(builder, boxes, box, part, attributes);
        const end = `${one.start} + ${one.extent}`;
        builder.line(`if (${pixel} < min(${one.start}, ${end}) - 1.0) { continue; }`);
        builder.line(`if (${pixel} > max(${one.start}, ${end}) + 1.0) { continue; }`);
        return one;
      };
      const across = reach(0, 'column');
      const down = reach(1, 'row');
      const factor = builder.let(meanFactor(across, down), 'factor');
      const weight = (one: Extent, cell: string, pixel: string, size: number): string =>
        `${weigh}(${one.start}, ${one.cell}, ${one.samples}, ${cell}, ${pixel}, ${size}.0)`;
      builder.block(`for (var v = 0u; v < ${ends.down}; v++)`, () => {
        builder.line(`let weight_y = ${weight(down, 'v', 'row', height)} * ${factor};`);
        builder.line('if (weight_y == 0.0) { continue; }');
        builder.block(`for (var h = 0u; h < ${ends.across}; h++)`, () => {
          builder.line(`let weight = ${weight(across, 'h', 'column', width)} * weight_y;`);
          builder.line('if (weight == 0.0) { continue; }');
          for (const { sum, channel } of lanes) {
            const from = flatten([box, channel, variable('v', cellsDown), variable('h', cellsAcross)], flow.shape);
            builder.line(`${sum} = fma(weight, ${builder.load(flow, from)}, ${sum});`);
          }
        });
      });
    });
    for (const { sum, channel } of lanes) builder.store([[dx, sum]], flatten([batch, channel, row, column], dx.shape));
    return [builder.finish({ x: dx.size / share }, 2 * count * dx.size)];
  },
});

/**
 * x [batch, channels, height, width] averaged over the cells of boxes [boxes, 5] (batch entry, x1, y1, x2, y2);
 * returns [boxes, channels, ...outputSize]. No gradient reaches the boxes.
 */
export function roiAlign(x: Tensor, boxes: Tensor, options: RoiAlignOptions): Tensor {
  return x.node.graph.one(roiAlignOp, [x, boxes], {
    spatialScale: 1,
    samplingRatio: -1,
    aligned: false,
    ...options,
    inputShape: x.shape,
  });
}
