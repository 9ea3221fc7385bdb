// Linear systems of symmetric positive definite matrices, in double precision.

/**
 * Solves A X = B for a symmetric positive definite A ([n, n], of which the lower triangle is read and overwritten
 * by its Cholesky factor) and B [n, columns].
 */
export function choleskySolve(a: Float64Array, n: number, b: Float64Array, columns: number): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!;
    }
  }
  const x = b.slice();
  const subtractRow = (row: number, from: number, factor: number): void => {
    for (let c = 0; c < columns; c++) x[row * columns + c]! -= factor * x[from * columns + c]!;
  };
  const divideRow = (row: number): void => {
    for (let c = 0; c < columns; c++) x[row * columns + c]! /= a[row * n + row]!;
  };
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtractRow(i, k, a[i * n + k]!);
    divideRow(i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtractRow(i, k, a[k * n + i]!);
    divideRow(i);
  }
  return x;
}
