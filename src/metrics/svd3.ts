// Singular value decomposition of 3x3 matrices, for the alignment of poses.

/** a = u · diag(s) · vᵀ, all row-major; s falls and is not negative. */
export interface Svd3 {
  readonly u: Float64Array;
  readonly s: Float64Array;
  readonly v: Float64Array;
}

/** One-sided Jacobi: exact to rounding for singular matrices too, where u is completed to an orthogonal matrix. */
export function svd3(a: ArrayLike<number>): Svd3 {
  const b = Float64Array.from(a);
  const v = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  for (let sweep = 0; sweep < 30; sweep++) {
    let turned = false;
    for (let p = 0; p < 2; p++) for (let q = p + 1; q < 3; q++) turned = orthogonalise(b, v, p, q) || turned;
    if (!turned) break;
  }
  const norm = (c: number): number => Math.hypot(b[c]!, b[3 + c]!, b[6 + c]!);
  const order = [0, 1, 2].sort((x, y) => norm(y) - norm(x));
  const s = Float64Array.from(order, norm);
  const u = new Float64Array(9);
  const sorted = new Float64Array(9);
  for (let c = 0; c < 3; c++) {
    for (let row = 0; row < 3; row++) {
      u[row * 3 + c] = s[c]! > 0 ? b[row * 3 + order[c]!]! / s[c]! : 0;
      sorted[row * 3 + c] = v[row * 3 + order[c]!]!;
    }
  }
  completeBasis(u, s);
  return { u, s, v: sorted };
}

/** Turns columns p and q of b (and v) until they are orthogonal; false when they already are. */
function orthogonalise(b: Float64Array, v: Float64Array, p: number, q: number): boolean {
  let pp = 0;
  let qq = 0;
  let pq = 0;
  for (let row = 0; row < 9; row += 3) {
    pp += b[row + p]! * b[row + p]!;
    qq += b[row + q]! * b[row + q]!;
    pq += b[row + p]! * b[row + q]!;
  }
  if (Math.abs(pq) <= 1e-16 * Math.sqrt(pp) * Math.sqrt(qq)) return false;
  const zeta = (qq - pp) / (2 * pq);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const cos = 1 / Math.hypot(1, t);
  const sin = cos * t;
  for (const m of [b, v]) {
    for (let row = 0; row < 9; row += 3) {
      const x = m[row + p]!;
      const y = m[row + q]!;
      m[row + p] = cos * x - sin * y;
      m[row + q] = sin * x + cos * y;
    }
  }
  return true;
}

/** Replaces columns whose singular value vanishes by unit vectors orthogonal to the columns before them. */
function completeBasis(u: Float64Array, s: Float64Array): void {
  const tiny = s[0]! * 1e-14;
  for (let c = 0; c < 3; c++) {
    if (s[c]! > tiny) continue;
    let longest = 0;
    for (let axis = 0; axis < 3; axis++) {
      const w = [0, 0, 0];
      w[axis] = 1;
      for (let other = 0; other < c; other++) {
        const dot = u[axis * 3 + other]!;
        for (let row = 0; row < 3; row++) w[row]! -= dot * u[row * 3 + other]!;
      }
      const length = Math.hypot(...w);
      if (length <= longest) continue;
      longest = length;
      for (let row = 0; row < 3; row++) u[row * 3 + c] = w[row]! / length;
    }
  }
}
