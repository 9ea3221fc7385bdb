// Matrix products as the product kernel sees them: operands with strides, one tap.
import { add, scale, type Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import type { Tensor } from '../graph/tensor';
import type { Call } from './call';
import { lowerProduct } from './product';

interface Options {
  /** Overrides the number of rows when leading axes are rows too (linear). */
  readonly rows?: number;
  /** b is [columns, inner]. */
  readonly transposed?: boolean;
}

/** y [batch…, rows, columns] = a [batch…, rows, inner] × b [batch…, inner, columns]. */
export function lowerMatmul(lowering: Lowering, a: Tensor, b: Tensor, y: Tensor, options: Options = {}): Call[] {
  const rows = options.rows ?? y.shape[y.shape.length - 2] ?? 1;
  const columns = y.shape[y.shape.length - 1] ?? 1;
  const inner = a.shape[a.shape.length - 1] ?? 1;
  const batch = y.size / (rows * columns);
  const matrix = (at: Index, size: number, row: Index, column: Index, width: number): Index =>
    add(add(scale(at, size), scale(row, width)), column);
  return lowerProduct(lowering, 'matmul', {
    batch,
    rows,
    columns,
    inner: { taps: [], length: inner },
    left: {
      tensor: a,
      place: ({ batch: at, own, offset }) => ({ index: matrix(at, rows * inner, own, offset, inner), guards: [] }),
    },
    right: {
      tensor: b,
      place: ({ batch: at, own, offset }) => ({
        index: options.transposed
          ? matrix(at, 0, own, offset, inner)
          : matrix(at, inner * columns, offset, own, columns),
        guards: [],
      }),
    },
    output: y,
    operandSum: lowering.operandSum,
    place: (at, row, column) => ({ index: matrix(at, rows * columns, row, column, columns), guards: [] }),
  });
}
