// Resizing along any number of axes, as torch.nn.functional.interpolate: a resize is one small matrix per axis.
//
// Source position of output o: (o + ½)·in/out − ½, or o·(in − 1)/(out − 1) with corners aligned.
import { ShapeError } from '../graph/graph';
import { normalAxis, shapeText, type Tensor } from '../graph/tensor';
import type { AxisMatrix } from './axisMatrix';
import { resample } from './resample';
import { spatialAxes } from './spatialAxes';

interface InterpolateOptions {
  /** Wanted size of each resized axis. */
  readonly size: readonly number[];
  /** `linear` is torch's linear, bilinear or trilinear, by the number of axes; `cubic` its bicubic (a = −0.75). */
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly alignCorners?: boolean;
  /** Where an axis shrinks, a linear resize averages all that an output covers. */
  readonly antialias?: boolean;
  /** The resized axes; by default all after the first two ([batch, channels, ...]). */
  readonly axes?: readonly number[];
}

/** [column, weight] pairs of one row. */
type Taps = readonly (readonly [number, number])[];

function matrixOf(columns: number, rows: number, tapsOf: (row: number) => Taps): AxisMatrix {
  const entries = Array.from({ length: rows }, (_, row) =>
    tapsOf(row).map(([column, weight]) => ({ row, column: Math.min(Math.max(column, 0), columns - 1), weight })),
  ).flat();
  return { rows, columns, entries };
}

function sourcePosition(inputs: number, outputs: number, alignCorners: boolean): (row: number) => number {
  if (alignCorners) return (row) => (outputs > 1 ? (row * (inputs - 1)) / (outputs - 1) : 0);
  return (row) => ((row + 0.5) * inputs) / outputs - 0.5;
}

function linearMatrix(inputs: number, outputs: number, alignCorners: boolean): AxisMatrix {
  const position = sourcePosition(inputs, outputs, alignCorners);
  return matrixOf(inputs, outputs, (row) => {
    const at = Math.max(position(row), 0);
    const low = Math.floor(at);
    return [
      [low, 1 - (at - low)],
      [low + 1, at - low],
    ];
  });
}

/** Keys 1981, "Cubic convolution interpolation for digital image processing", with a = −0.75 as torch has it. */
function cubicMatrix(inputs: number, outputs: number, alignCorners: boolean): AxisMatrix {
  const a = -0.75;
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  const position = sourcePosition(inputs, outputs, alignCorners);
  return matrixOf(inputs, outputs, (row) => {
    const low = Math.floor(position(row));
    const off = position(row) - low;
    return [
      [low - 1, far(1 + off)],
      [low, near(off)],
      [low + 1, near(1 - off)],
      [low + 2, far(2 - off)],
    ];
  });
}

/** A triangle as wide as an output is in the input, cut at the ends and scaled to sum 1. */
function triangleMatrix(inputs: number, outputs: number): AxisMatrix {
  const reach = inputs / outputs;
  return matrixOf(inputs, outputs, (row) => {
    const centre = (row + 0.5) * reach;
    const from = Math.max(Math.trunc(centre - reach + 0.5), 0);
    const to = Math.min(Math.trunc(centre + reach + 0.5), inputs);
    const taps = Array.from({ length: to - from }, (_, k): [number, number] => [
      from + k,
      Math.max(0, 1 - Math.abs(from + k + 0.5 - centre) / reach),
    ]);
    const total = taps.reduce((sum, [, weight]) => sum + weight, 0);
    return taps.map(([column, weight]): [number, number] => [column, weight / total]);
  });
}

function resizeMatrix(inputs: number, outputs: number, options: InterpolateOptions): AxisMatrix {
  const { mode, alignCorners = false, antialias = false } = options;
  if (mode === 'nearest') return matrixOf(inputs, outputs, (row) => [[Math.floor((row * inputs) / outputs), 1]]);
  if (mode === 'cubic') return cubicMatrix(inputs, outputs, alignCorners);
  if (antialias && outputs < inputs) return triangleMatrix(inputs, outputs);
  return linearMatrix(inputs, outputs, alignCorners);
}

/** x [batch, channels, ...] resized to `size` along its spatial axes, as torch.nn.functional.interpolate. */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const { size, axes = spatialAxes(x) } = options;
  if (size.length !== axes.length) {
    throw new ShapeError(
      `interpolate wants one size for each of the axes ${shapeText(axes)} of ${shapeText(x.shape)}, got ${shapeText(size)}`,
    );
  }
  const matrices = axes.flatMap((axis, k): [number, AxisMatrix][] => {
    const normal = normalAxis(axis, x.shape.length);
    const [inputs, outputs] = [x.shape[normal] ?? 1, size[k] ?? 1];
    return inputs === outputs ? [] : [[normal, resizeMatrix(inputs, outputs, options)]];
  });
  return resample(x, new Map(matrices));
}
