// Convolutions as products over taps and channels (implicit GEMM): patches are never stored.
//
// Images are [N, …positions, channels], kernels [...taps, channels of a group, outputs]; groups are a product's batch.
import { add, constant, coordinates, flatten, scale, type Guard, type Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import { sizeOf, type Tensor } from '../graph/tensor';
import type { Call } from './call';
import {
  inputsOf,
  phaseInputs,
  phaseOutputs,
  phasesOf,
  phaseTaps,
  type Bound,
  type Channels,
  type Geometry,
} from './convolutionGeometry';
import { lowerDepthwise, lowerDepthwiseInputGradient, lowerDepthwiseWeightGradient } from './depthwise';
import type { Inner, Operand, Position } from './operand';
import { lowerProduct } from './product';

interface Image {
  readonly tensor: Tensor;
  /** Flat position of a channel. */
  readonly at: (n: Index, positions: readonly Index[], channel: Index) => Index;
}

function image(tensor: Tensor): Image {
  return { tensor, at: (n, positions, channel) => flatten([n, ...positions, channel], tensor.shape) };
}

/** Whether every group has one input channel: then there is nothing to share between outputs. */
function isDepthwise({ inputs, groups }: Channels): boolean {
  return inputs === groups;
}

/** y from x and the kernel. */
export function lowerConvolution(
  lowering: Lowering,
  geometry: Geometry,
  channels: Channels,
  [x, weight]: readonly [Tensor, Tensor],
  y: Tensor,
): Call[] {
  const { inputs, outputs, groups } = channels;
  const [perGroup, own] = [inputs / groups, outputs / groups];
  const from = image(x);
  const to = image(y);
  const axes = geometry.kernel.length;
  const last = axes - 1;
  if (isDepthwise(channels)) return lowerDepthwise(lowering, geometry, channels, [x, weight], y);
  // Without padding a window's last axis and its channels lie side by side: one long tap.
  const merged = groups === 1 && geometry.padding[last] === 0 && geometry.dilation[last] === 1;
  const inner: Inner = merged
    ? { taps: geometry.kernel.slice(0, -1), length: (geometry.kernel[last] ?? 1) * inputs }
    : { taps: geometry.kernel, length: perGroup };
  const rowShape = y.shape.slice(0, -1);
  return lowerProduct(lowering, 'convolution', {
    batch: groups,
    rows: sizeOf(rowShape),
    columns: own,
    inner,
    left: {
      tensor: x,
      place({ batch, own: row, taps, offset, bound }) {
        const [n, ...at] = coordinates(row, rowShape) as [Index, ...Index[]];
        const found = inputsOf(geometry, at, merged ? [...taps, constant(0)] : taps, bound);
        const first = merged ? constant(0) : scale(batch, perGroup);
        return {
          index: add(from.at(n, found.at, first), offset),
          guards: merged ? found.guards.slice(0, -1) : found.guards,
        };
      },
    },
    right: {
      tensor: weight,
      place: ({ batch, own: column, taps, offset }) => ({
        index: add(
          scale(add(scale(flatten(taps, inner.taps), inner.length), offset), outputs),
          inGroup(batch, column, own),
        ),
        guards: [],
      }),
    },
    output: y,
    place(batch, row, column) {
      const [n, ...at] = coordinates(row, rowShape) as [Index, ...Index[]];
      return { index: to.at(n, at, inGroup(batch, column, own)), guards: [] };
    },
  });
}

/** Channel number `c` of a group of `size` channels. */
function inGroup(group: Index, c: Index, size: number): Index {
  return add(scale(group, size), c);
}

/** dx from dy and the kernel: phase by phase of the stride. */
export function lowerInputGradient(
  lowering: Lowering,
  geometry: Geometry,
  channels: Channels,
  [dy, weight]: readonly [Tensor, Tensor],
  dx: Tensor,
): Call[] {
  if (isDepthwise(channels)) return lowerDepthwiseInputGradient(lowering, geometry, channels, [dy, weight], dx);
  const { inputs, outputs, groups } = channels;
  const [perGroup, own] = [inputs / groups, outputs / groups];
  const phases = phasesOf(geometry);
  const batchSize = dx.shape[0] ?? 1;
  const rowShape = [batchSize, ...phases.positions];
  const flow = image(dy);
  const result = image(dx);
  const inner: Inner = { taps: phases.taps, length: own };
  interface Cell {
    readonly group: Index;
    readonly phase: readonly Index[];
    readonly n: Index;
    readonly at: readonly Index[];
    /** Channel within its group. */
    readonly c: Index;
  }
  const flowPlace = (
    { group, n, at }: Cell,
    taps: readonly Index[],
    offset: Index,
    bound: Bound | undefined,
  ): ReturnType<Operand['place']> => {
    const found = phaseOutputs(geometry, at, taps, bound);
    return { index: flow.at(n, found.at, inGroup(group, offset, own)), guards: found.guards };
  };
  const weightPlace = (
    { group, phase, c }: Cell,
    taps: readonly Index[],
    offset: Index,
  ): ReturnType<Operand['place']> => {
    const found = phaseTaps(geometry, phase, taps);
    return {
      index: flatten([...found.at, c, inGroup(group, offset, own)], weight.shape),
      guards: found.guards,
    };
  };
  const resultPlace = ({ group, phase, n, at, c }: Cell): { index: Index; guards: readonly Guard[] } => {
    const found = phaseInputs(geometry, phase, at);
    const needed = found.guards.filter((guard) => guard.at.minimum < guard.low || guard.at.maximum >= guard.high);
    return { index: result.at(n, found.at, inGroup(group, c, perGroup)), guards: needed };
  };
  const blocks = [groups, ...phases.count];
  const cell = (batch: Index, row: Index, c: Index): Cell => {
    const [group, ...phase] = coordinates(batch, blocks) as [Index, ...Index[]];
    const [n, ...at] = coordinates(row, rowShape) as [Index, ...Index[]];
    return { group, phase, n, at, c };
  };
  return lowerProduct(lowering, 'convolution_input_gradient', {
    batch: sizeOf(blocks),
    rows: sizeOf(rowShape),
    columns: perGroup,
    inner,
    left: {
      tensor: dy,
      place: ({ batch, own: row, taps, offset, bound }) =>
        flowPlace(cell(batch, row, constant(0)), taps, offset, bound),
    },
    right: {
      tensor: weight,
      place: ({ batch, own: column, taps, offset }) => weightPlace(cell(batch, constant(0), column), taps, offset),
    },
    output: dx,
    place: (batch, row, column) => resultPlace(cell(batch, row, column)),
  });
}

/** The kernel's gradient from x and dy: a sum over all outputs. */
export function lowerWeightGradient(
  lowering: Lowering,
  geometry: Geometry,
  channels: Channels,
  [x, dy]: readonly [Tensor, Tensor],
  dw: Tensor,
): Call[] {
  if (isDepthwise(channels)) return lowerDepthwiseWeightGradient(lowering, geometry, channels, [x, dy], dw);
  const { inputs, outputs, groups } = channels;
  const [perGroup, own] = [inputs / groups, outputs / groups];
  const from = image(x);
  const flow = image(dy);
  const pixels = dy.shape.slice(0, -1);
  // The last axis of positions is walked inside a tap of this sum.
  const inner: Inner = { taps: pixels.slice(0, -1), length: pixels[pixels.length - 1] ?? 1 };
  const xPlace = (
    window: readonly Index[],
    c: Index,
    { taps, offset, bound }: Position,
  ): ReturnType<Operand['place']> => {
    const [n, ...at] = [...taps, offset];
    const found = inputsOf(geometry, at, window, bound);
    return { index: from.at(n, found.at, c), guards: found.guards };
  };
  const flowPlace = (channel: Index, taps: readonly Index[], offset: Index): ReturnType<Operand['place']> => {
    const [n, ...at] = [...taps, offset];
    return { index: flow.at(n, at, channel), guards: [] };
  };
  return lowerProduct(lowering, 'convolution_weight_gradient', {
    batch: groups,
    rows: sizeOf(geometry.kernel) * perGroup,
    columns: own,
    inner,
    left: {
      tensor: x,
      place(position) {
        const all = coordinates(position.own, [...geometry.kernel, perGroup]);
        const c = all[all.length - 1] as Index;
        return xPlace(all.slice(0, -1), inGroup(position.batch, c, perGroup), position);
      },
    },
    right: {
      tensor: dy,
      place: ({ batch, own: column, taps, offset }) => flowPlace(inGroup(batch, column, own), taps, offset),
    },
    output: dw,
    operandSum: lowering.operandSum,
    place: (batch, row, column) => ({
      index: add(scale(row, outputs), inGroup(batch, column, own)),
      guards: [],
    }),
  });
}
