// Windows of a pooling by plain loops: which flat positions each output covers.
import { sizeOf, type Shape } from '../../src/engine/graph/tensor';
import type { PoolOptions } from '../../src/engine/ops/poolWindows';

interface Axis {
  readonly axis: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly outputs: number;
}

function axesOf(shape: Shape, { kernelSize, stride, padding, ceilMode, axes }: PoolOptions): Axis[] {
  const pick = (value: number | readonly number[], k: number): number =>
    typeof value === 'number' ? value : value[k]!;
  return (axes ?? shape.map((_, axis) => axis).slice(2)).map((axis, k) => {
    const kernel = pick(kernelSize, k);
    const step = pick(stride ?? kernelSize, k);
    const border = pick(padding ?? 0, k);
    let outputs = 0;
    // A window counts while it fits, or (ceilMode) while it starts before the end of input and front padding.
    for (let start = -border; ; start += step, outputs++) {
      const end = start + kernel;
      const previousReachesEnd = start - step + kernel >= shape[axis]! + border;
      if (ceilMode ? start >= shape[axis]! || (outputs > 0 && previousReachesEnd) : end > shape[axis]! + border) break;
    }
    return { axis, kernel, stride: step, padding: border, outputs };
  });
}

/** Shape of the pooled tensor. */
export function pooledShape(shape: Shape, options: PoolOptions): Shape {
  const sizes = new Map(axesOf(shape, options).map(({ axis, outputs }) => [axis, outputs]));
  return shape.map((size, axis) => sizes.get(axis) ?? size);
}

function strides(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** For each output, the input positions that its window covers, row by row. */
export function boxes(shape: Shape, options: PoolOptions): number[][] {
  const pooled = pooledShape(shape, options);
  const windows = new Map(axesOf(shape, options).map((one) => [one.axis, one]));
  const [inSteps, outSteps] = [strides(shape), strides(pooled)];
  return Array.from({ length: sizeOf(pooled) }, (_, flat) => {
    let found = [0];
    pooled.forEach((size, axis) => {
      const at = Math.floor(flat / outSteps[axis]!) % size;
      const window = windows.get(axis);
      const start = window ? at * window.stride - window.padding : at;
      const positions = Array.from({ length: window?.kernel ?? 1 }, (_one, k) => start + k);
      const inside = positions.filter((position) => position >= 0 && position < shape[axis]!);
      found = found.flatMap((base) => inside.map((position) => base + position * inSteps[axis]!));
    });
    return found;
  });
}
