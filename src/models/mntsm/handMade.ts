// Six numbers that a person would look at first: how sharp a face is and how much it flickers, inside and around it.

/** Grey pictures of one video, each [side, side] in 0..255: pairs of neighbouring frames. */
export interface GreyPairs {
  readonly side: number;
  readonly pairs: readonly (readonly [Float32Array, Float32Array])[];
}

export const FEATURES = 6;

/** Half axes of the inner ellipse, and of the one around it, as shares of the side. */
const inner = { across: 0.18, down: 0.24 };
const outer = { across: 0.3, down: 0.4 };

/**
 * Natural logarithms of mean absolute Laplacian and of mean absolute change to the next frame, each in an ellipse in
 * the middle, in the ring around it, and in the rest: [6].
 */
export function handMadeFeatures({ side, pairs }: GreyPairs): Float64Array {
  const regions = regionsOf(side);
  const sums = new Float64Array(FEATURES);
  const counts = new Float64Array(3);
  for (const [a, b] of pairs) {
    for (let y = 1; y < side - 1; y++) {
      for (let x = 1; x < side - 1; x++) {
        const i = y * side + x;
        const region = regions[i]!;
        const laplacian = 4 * a[i]! - a[i - 1]! - a[i + 1]! - a[i - side]! - a[i + side]!;
        sums[region]! += Math.abs(laplacian);
        sums[3 + region]! += Math.abs(b[i]! - a[i]!);
        counts[region]! += 1;
      }
    }
  }
  return sums.map((sum, i) => Math.log(sum / Math.max(1, counts[i % 3]!) + 0.1));
}

/** 0 in the inner ellipse, 1 in the ring, 2 elsewhere; [side, side]. */
function regionsOf(side: number): Uint8Array {
  const within = (x: number, y: number, { across, down }: typeof inner): boolean =>
    ((x + 0.5) / side - 0.5) ** 2 / across ** 2 + ((y + 0.5) / side - 0.5) ** 2 / down ** 2 <= 1;
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    return within(x, y, inner) ? 0 : within(x, y, outer) ? 1 : 2;
  });
}
