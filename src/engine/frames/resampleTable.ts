// Which source pixels make each output pixel along one axis, and how much each counts: bilinear, antialiased or not.

/** Output i is the sum over k < taps of weights[i · taps + k] · source[starts[i] + k]. */
export interface ResampleTable {
  readonly length: number;
  readonly taps: number;
  readonly starts: Uint32Array;
  readonly weights: Float32Array;
}

export interface AxisRule {
  /** Number of source pixels. */
  readonly source: number;
  /** The part that is resized, in source pixels; pixels outside it do not count. May be fractional. */
  readonly from: number;
  readonly to: number;
  /** What that part is resized to, and which of those pixels are made. */
  readonly resized: number;
  readonly first: number;
  readonly length: number;
  readonly antialias: boolean;
}

/**
 * Half-pixel centres throughout (align_corners false). With `antialias` as torchvision's and Pillow's bilinear: a
 * triangle as wide as a pixel of the output. Without, as torch's interpolate: two pixels whatever the scale.
 */
export function resampleTable(rule: AxisRule): ResampleTable {
  const low = Math.max(0, Math.floor(rule.from));
  const high = Math.min(rule.source, Math.max(low + 1, Math.ceil(rule.to)));
  const scale = (rule.to - rule.from) / rule.resized;
  const rows = Array.from({ length: rule.length }, (_, i) => {
    const centre = rule.from + (rule.first + i + 0.5) * scale;
    return rule.antialias ? triangle(centre, Math.max(scale, 1), low, high) : pair(centre, low, high);
  });
  return tableOf(rows, rule.source);
}

/** One table for two resizes in turn: `second` reads what `first` makes of `source` pixels. */
export function chained(first: ResampleTable, second: ResampleTable, source: number): ResampleTable {
  const rows = Array.from({ length: second.length }, (_, i) => {
    const sums = new Map<number, number>();
    for (let k = 0; k < second.taps; k++) {
      const outer = second.weights[i * second.taps + k]!;
      if (outer === 0) continue;
      const middle = second.starts[i]! + k;
      for (let m = 0; m < first.taps; m++) {
        const weight = outer * first.weights[middle * first.taps + m]!;
        const pixel = first.starts[middle]! + m;
        if (weight !== 0) sums.set(pixel, (sums.get(pixel) ?? 0) + weight);
      }
    }
    const start = Math.min(...sums.keys());
    const length = Math.max(...sums.keys()) - start + 1;
    return { start, weights: Array.from({ length }, (_, k) => sums.get(start + k) ?? 0) };
  });
  return tableOf(rows, source);
}

function tableOf(rows: readonly Row[], source: number): ResampleTable {
  const taps = Math.max(...rows.map(({ weights }) => weights.length));
  const starts = new Uint32Array(rows.length);
  const weights = new Float32Array(rows.length * taps);
  rows.forEach((row, i) => {
    // All rows have as many taps as the longest; the others begin earlier where they would leave the source.
    const start = Math.min(row.start, source - taps);
    starts[i] = start;
    weights.set(row.weights, i * taps + row.start - start);
  });
  return { length: rows.length, taps, starts, weights };
}

/** The same table read from the other end of the source. */
export function mirrorSource(table: ResampleTable, source: number): ResampleTable {
  const { length, taps } = table;
  const starts = table.starts.map((start) => source - taps - start);
  const weights = new Float32Array(length * taps);
  for (let i = 0; i < length; i++) weights.set(table.weights.slice(i * taps, (i + 1) * taps).reverse(), i * taps);
  return { length, taps, starts, weights };
}

/** The same table with its outputs in the opposite order. */
export function mirrorOutput({ length, taps, starts, weights }: ResampleTable): ResampleTable {
  const turned = new Float32Array(length * taps);
  for (let i = 0; i < length; i++) turned.set(weights.subarray(i * taps, (i + 1) * taps), (length - 1 - i) * taps);
  return { length, taps, starts: starts.slice().reverse(), weights: turned };
}

interface Row {
  readonly start: number;
  readonly weights: readonly number[];
}

function triangle(centre: number, support: number, low: number, high: number): Row {
  const start = clamp(Math.trunc(centre - support + 0.5), low, high - 1);
  const end = clamp(Math.trunc(centre + support + 0.5), start + 1, high);
  const raw = Array.from({ length: end - start }, (_, k) =>
    Math.max(0, 1 - Math.abs(start + k + 0.5 - centre) / support),
  );
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return { start, weights: sum > 0 ? raw.map((weight) => weight / sum) : [1] };
}

function pair(centre: number, low: number, high: number): Row {
  const position = clamp(centre - 0.5, low, high - 1);
  const start = Math.min(Math.floor(position), high - 1);
  if (start + 1 >= high) return { start, weights: [1] };
  return { start, weights: [1 - (position - start), position - start] };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
