// Walks the lines of a tensor along one axis, whatever that axis is: each line is a row of a row kernel.
import { add, quotient, remainder, scale, type Index } from '../graph/indexing';
import type { Lowering } from '../graph/op';
import { sizeOf, type Tensor } from '../graph/tensor';
import { RowKernel } from './rows';

/** Lines of x along the axis; `at(k)` is the flat position of a line's element k. */
export function linesOf(
  lowering: Lowering,
  name: string,
  x: Tensor,
  axis: number,
): { kernel: RowKernel; at: (k: Index) => Index } {
  const width = x.shape[axis] ?? 1;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const rows = x.size / width;
  const direction = inner === 1 ? (width % 4 === 0 ? 'along' : 'none') : inner % 4 === 0 ? 'across' : 'none';
  const kernel = new RowKernel(lowering.kernel(name), lowering.target, { rows, width, direction });
  const start = add(scale(quotient(kernel.row, inner), inner * width), remainder(kernel.row, inner));
  return { kernel, at: (k) => add(start, scale(k, inner)) };
}
