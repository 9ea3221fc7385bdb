// Walks the lines of a tensor along one axis, whatever that axis is: each line is a row of a row kernel.
import { add, code, constant, quotient, remainder, scale, substitute, type Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import { sizeOf, type Tensor } from '../graph/tensor';
import { LANE } from './lanes';
import { RowKernel } from './rows';

export interface Lines {
  readonly kernel: RowKernel;
  /** Flat position of a line's element k. */
  readonly at: (k: Index) => Index;
  /** k itself as WGSL, lane by lane: a `u32` or `vec4<u32>`. */
  readonly place: (k: Index) => string;
}

/** Lines of x along the axis. */
export function linesOf(lowering: Lowering, name: string, x: Tensor, axis: number): Lines {
  const width = x.shape[axis] ?? 1;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const rows = x.size / width;
  const direction = inner === 1 ? (width % 4 === 0 ? 'along' : 'none') : inner % 4 === 0 ? 'across' : 'none';
  const kernel = new RowKernel(lowering, name, { rows, width, direction });
  const start = add(scale(quotient(kernel.row, inner), inner * width), remainder(kernel.row, inner));
  const place = (k: Index): string => {
    const first = code(substitute(k, LANE, constant(0)));
    if (direction === 'none') return first;
    return direction === 'across' ? `vec4<u32>(${first})` : `(vec4<u32>(${first}) + vec4<u32>(0u, 1u, 2u, 3u))`;
  };
  return { kernel, at: (k) => add(start, scale(k, inner)), place };
}
