// Which stretch of an axis each output of a pooling reads, as torch.nn.MaxPool and AvgPool define it.
import { ShapeError } from '../graph/graph';
import { normalAxis, shapeText, type Tensor } from '../graph/tensor';
import { spatialAxes } from './spatialAxes';

/** Settings of a pooling; numbers stand for all pooled axes. Names as in torch.nn.MaxPool2d. */
export interface PoolOptions {
  readonly kernelSize: number | readonly number[];
  /** The kernel's size by default. */
  readonly stride?: number | readonly number[];
  readonly padding?: number | readonly number[];
  /** Windows may reach over the end, as long as they start inside the input or the padding before it. */
  readonly ceilMode?: boolean;
  /** The pooled axes; by default all after the first two ([batch, channels, ...]). */
  readonly axes?: readonly number[];
}

/** Windows along one axis: output o reads from o·stride − padding, `kernel` entries, cut to the `inputs` there are. */
export interface Windows {
  readonly axis: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** One value per axis. Throws ShapeError when the list has another length. */
export function perAxis(name: string, value: number | readonly number[], axes: readonly number[]): readonly number[] {
  if (typeof value === 'number') return axes.map(() => value);
  if (value.length !== axes.length) {
    throw new ShapeError(`${name} ${shapeText(value)} is not one number for each of the axes ${shapeText(axes)}`);
  }
  return value;
}

/** The windows of each pooled axis, in the order of the axes. */
export function windowsOf(x: Tensor, options: PoolOptions): Windows[] {
  const axes = (options.axes ?? spatialAxes(x)).map((axis) => normalAxis(axis, x.shape.length));
  const kernels = perAxis('kernelSize', options.kernelSize, axes);
  const strides = perAxis('stride', options.stride ?? options.kernelSize, axes);
  const paddings = perAxis('padding', options.padding ?? 0, axes);
  const windows = axes.map((axis, k): Windows => {
    const [inputs, kernel, stride, padding] = [x.shape[axis] ?? 0, kernels[k] ?? 1, strides[k] ?? 1, paddings[k] ?? 0];
    if (2 * padding > kernel) throw new ShapeError(`padding ${padding} is more than half of the kernel ${kernel}`);
    const spare = inputs + 2 * padding - kernel;
    if (spare < 0) {
      throw new ShapeError(
        `a window of ${kernel} does not fit axis ${axis} of ${shapeText(x.shape)} padded by ${padding}`,
      );
    }
    let outputs = (options.ceilMode ? Math.ceil(spare / stride) : Math.floor(spare / stride)) + 1;
    if ((outputs - 1) * stride >= inputs + padding) outputs--;
    return { axis, inputs, outputs, kernel, stride, padding };
  });
  return windows.sort((a, b) => a.axis - b.axis);
}
