// Thins a long curve to what a screen can show: of each bin only its lowest and highest point, in their order.

/**
 * Indices to draw, at most `limit`, ascending; first and last are always among them.
 * All curves of a plot share the indices that the first curve decides.
 */
export function binIndices(values: ArrayLike<number>, limit: number): Uint32Array {
  const count = values.length;
  if (count <= limit || limit < 4) return Uint32Array.from({ length: count }, (_, i) => i);
  const bins = Math.floor((limit - 2) / 2);
  const kept = new Uint32Array(2 * bins + 2);
  let size = 1;
  for (let bin = 0; bin < bins; bin++) {
    const from = 1 + Math.floor((bin * (count - 2)) / bins);
    const to = 1 + Math.floor(((bin + 1) * (count - 2)) / bins);
    let lowest = from;
    let highest = from;
    let least = values[from]!;
    let most = least;
    for (let i = from + 1; i < to; i++) {
      const value = values[i]!;
      if (value < least) {
        least = value;
        lowest = i;
      }
      if (value > most) {
        most = value;
        highest = i;
      }
    }
    kept[size++] = Math.min(lowest, highest);
    if (lowest !== highest) kept[size++] = Math.max(lowest, highest);
  }
  kept[size++] = count - 1;
  return kept.subarray(0, size);
}

export function take(values: ArrayLike<number>, indices: Uint32Array): (number | null)[] {
  const taken = new Array<number | null>(indices.length);
  for (let at = 0; at < indices.length; at++) {
    const value = values[indices[at]!]!;
    taken[at] = Number.isFinite(value) ? value : null;
  }
  return taken;
}
