// From a curve of scores to incidents: where it rises above one threshold, as far as it stays above a lower one.

export interface IncidentOptions {
  /** Samples over which the curve is averaged, an odd number. */
  readonly smooth: number;
  /** An incident reaches this somewhere and stays above `low` throughout. */
  readonly high: number;
  readonly low: number;
  /** Incidents with at most so many samples between them are one. */
  readonly gap: number;
  /** Shorter ones are left out. */
  readonly shortest: number;
}

export interface Incident {
  /** Samples, the end not included. */
  readonly start: number;
  readonly end: number;
  /** Largest score of the smoothed curve, and where it is. */
  readonly score: number;
  readonly peak: number;
}

/** Means over windows around each sample, which are shorter at the ends. */
export function smoothed(curve: ArrayLike<number>, width: number): Float64Array {
  const reach = (width - 1) / 2;
  return Float64Array.from({ length: curve.length }, (_, k) => {
    const [from, to] = [Math.max(0, k - reach), Math.min(curve.length, k + reach + 1)];
    let sum = 0;
    for (let one = from; one < to; one++) sum += curve[one]!;
    return sum / (to - from);
  });
}

/** In the order of time. */
export function incidentsOf(curve: ArrayLike<number>, options: IncidentOptions): Incident[] {
  const { smooth, high, low, gap, shortest } = options;
  const values = smoothed(curve, smooth);
  const joined: { start: number; end: number }[] = [];
  for (let start = 0; start < values.length; start++) {
    if (values[start]! < low) continue;
    let [end, top] = [start, -Infinity];
    for (; end < values.length && values[end]! >= low; end++) top = Math.max(top, values[end]!);
    const last = joined.at(-1);
    if (top >= high) {
      if (last && start - last.end <= gap) last.end = end;
      else joined.push({ start, end });
    }
    start = end;
  }
  return joined
    .filter(({ start, end }) => end - start >= shortest)
    .map(({ start, end }) => {
      let peak = start;
      for (let k = start; k < end; k++) if (values[k]! > values[peak]!) peak = k;
      return { start, end, score: values[peak]!, peak };
    });
}
