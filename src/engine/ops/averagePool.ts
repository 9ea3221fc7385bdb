// Mean over windows. A window is a box, so averaging is one small matrix per axis; its gradient is the transpose.
import { normalAxis, type Tensor } from '../graph/tensor';
import type { AxisMatrix } from './axisMatrix';
import { perAxis, windowsOf, type PoolOptions, type Windows } from './poolWindows';
import { mean } from './mean';
import { resample } from './resample';
import { spatialAxes } from './spatialAxes';

interface AveragePoolOptions extends PoolOptions {
  /** Zeros of the padding count in the mean; true by default, as in torch. */
  readonly countIncludePad?: boolean;
}

/** Rows that each average the columns `from` … `to − 1`, with 1 / `divisor` as weight. */
function averaging(
  columns: number,
  windows: readonly { readonly from: number; readonly to: number; readonly divisor: number }[],
): AxisMatrix {
  const entries = windows.flatMap(({ from, to, divisor }, row) =>
    Array.from({ length: to - from }, (_, k) => ({ row, column: from + k, weight: 1 / divisor })),
  );
  return { rows: windows.length, columns, entries };
}

function windowMatrix({ inputs, outputs, kernel, stride, padding }: Windows, countIncludePad: boolean): AxisMatrix {
  const windows = Array.from({ length: outputs }, (_, row) => {
    const start = row * stride - padding;
    const [from, to] = [Math.max(start, 0), Math.min(start + kernel, inputs)];
    return { from, to, divisor: countIncludePad ? Math.min(start + kernel, inputs + padding) - start : to - from };
  });
  return averaging(inputs, windows);
}

/** x [batch, channels, ...] averaged over windows of any number of axes, as torch.nn.functional.avg_pool1d, 2d and 3d. */
export function avgPool(x: Tensor, options: AveragePoolOptions): Tensor {
  const { countIncludePad = true } = options;
  const windows = windowsOf(x, options);
  return resample(x, new Map(windows.map((one) => [one.axis, windowMatrix(one, countIncludePad)])));
}

/**
 * x [batch, channels, ...] averaged to `outputSize` along each axis, as torch.nn.functional.adaptive_avg_pool1d, 2d
 * and 3d: output o covers the entries from ⌊o·n/out⌋ to ⌈(o + 1)·n/out⌉.
 */
export function adaptiveAvgPool(
  x: Tensor,
  outputSize: number | readonly number[],
  axes: readonly number[] = spatialAxes(x),
): Tensor {
  const normal = axes.map((axis) => normalAxis(axis, x.shape.length));
  const sizes = perAxis('outputSize', outputSize, normal);
  const whole = normal.filter((_, k) => sizes[k] === 1);
  const matrices = normal.flatMap((axis, k): [number, AxisMatrix][] => {
    const [inputs, outputs] = [x.shape[axis] ?? 1, sizes[k] ?? 1];
    if (outputs === 1 || outputs === inputs) return [];
    const windows = Array.from({ length: outputs }, (_, row) => {
      const from = Math.floor((row * inputs) / outputs);
      const to = Math.ceil(((row + 1) * inputs) / outputs);
      return { from, to, divisor: to - from };
    });
    return [[axis, averaging(inputs, windows)]];
  });
  return resample(whole.length > 0 ? mean(x, whole, true) : x, new Map(matrices));
}
