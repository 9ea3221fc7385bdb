// Procrustes alignment of one pose onto another: the best scale, rotation and shift, without mirroring.
import { svd3 } from './svd3';

/**
 * Aligns `pose` onto `target` (both [joints, 3], from `offset` of their arrays on) and writes it to `out`
 * ([joints, 3]): pose spec, section 11.4, P2. A pose whose joints all coincide becomes the target's mean.
 */
export function alignPose(
  pose: ArrayLike<number>,
  target: ArrayLike<number>,
  offset: number,
  joints: number,
  out: Float64Array,
): void {
  const meanP = [0, 0, 0];
  const meanY = [0, 0, 0];
  for (let i = 0; i < joints * 3; i++) {
    meanP[i % 3]! += pose[offset + i]! / joints;
    meanY[i % 3]! += target[offset + i]! / joints;
  }
  let squaresP = 0;
  const h = new Float64Array(9);
  for (let j = offset; j < offset + joints * 3; j += 3) {
    for (let r = 0; r < 3; r++) {
      const y = target[j + r]! - meanY[r]!;
      squaresP += (pose[j + r]! - meanP[r]!) ** 2;
      for (let c = 0; c < 3; c++) h[r * 3 + c]! += y * (pose[j + c]! - meanP[c]!);
    }
  }
  const { rotation, trace } = bestRotation(h);
  // The spec's tr(S) belongs to unit-norm poses: its scale ‖Y‖/‖P‖ · tr(S)/(‖Y‖ ‖P‖) is this.
  const scale = squaresP > 0 ? trace / squaresP : 0;
  for (let j = 0; j < joints * 3; j += 3) {
    for (let c = 0; c < 3; c++) {
      let sum = 0;
      for (let r = 0; r < 3; r++) sum += (pose[offset + j + r]! - meanP[r]!) * rotation[r * 3 + c]!;
      out[j + c] = scale * sum + meanY[c]!;
    }
  }
}

/** R = V Uᵀ of h = U S Vᵀ without reflection, and the trace of S with the sign that this needs. */
function bestRotation(h: Float64Array): { rotation: Float64Array; trace: number } {
  const { u, s, v } = svd3(h);
  const rotation = productWithTransposed(v, u);
  if (determinant(rotation) >= 0) return { rotation, trace: s[0]! + s[1]! + s[2]! };
  for (let row = 0; row < 9; row += 3) v[row + 2]! *= -1;
  return { rotation: productWithTransposed(v, u), trace: s[0]! + s[1]! - s[2]! };
}

function productWithTransposed(a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.from({ length: 9 }, (_, i) => {
    const row = i - (i % 3);
    const column = (i % 3) * 3;
    return a[row]! * b[column]! + a[row + 1]! * b[column + 1]! + a[row + 2]! * b[column + 2]!;
  });
}

function determinant(m: Float64Array): number {
  const minor = (a: number, b: number, c: number, d: number): number => m[a]! * m[d]! - m[b]! * m[c]!;
  return m[0]! * minor(4, 5, 7, 8) - m[1]! * minor(3, 5, 6, 8) + m[2]! * minor(3, 4, 6, 7);
}
