// Thins a long curve to what a screen can show: of each bin only its lowest and highest point, in their order.

/**
 * Indices to draw, at most `limit`, ascending; first and last are always among them.
 * All curves of a plot share the indices that the first curve decides.
 */
export function binIndices(values: ArrayLike<number>, limit: number): Uint32Array {
  const count = values.length;
  if (count <= limit || limit < 4) return Uint32Array.from({ length: count }, (_, i) => i);
  const bins = Math.floor((limit - 2) / 2);
  const kept = new Set<number>([0, count - 1]);
  for (let bin = 0; bin < bins; bin++) {
    const from = 1 + Math.floor((bin * (count - 2)) / bins);
    const to = 1 + Math.floor(((bin + 1) * (count - 2)) / bins);
    let lowest = from;
    let highest = from;
    for (let i = from; i < to; i++) {
      if (values[i]! < values[lowest]!) lowest = i;
      if (values[i]! > values[highest]!) highest = i;
    }
    kept.add(lowest).add(highest);
  }
  return Uint32Array.from(kept).sort();
}

export function take(values: ArrayLike<number>, indices: Uint32Array): (number | null)[] {
  return Array.from(indices, (index) => {
    const value = values[index]!;
    return Number.isFinite(value) ? value : null;
  });
}
