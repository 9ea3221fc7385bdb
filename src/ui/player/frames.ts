// Finds frames by time and times by frame; positions always come from the frames' own timestamps.

/** Timestamps in seconds of `count` frames at a constant rate. */
export function evenTimestamps(count: number, framesPerSecond: number): Float64Array {
  return Float64Array.from({ length: count }, (_, frame) => frame / framesPerSecond);
}

/** The frame on show at `seconds`: the last one that has begun. */
export function frameAt(timestamps: Float64Array, seconds: number): number {
  let low = 0;
  let high = timestamps.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    // Half a microsecond of tolerance: a timestamp that went through arithmetic still finds its own frame.
    if (timestamps[middle]! <= seconds + 5e-7) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** End of the clip: the last frame lasts as long as the one before it. */
export function clipSeconds(timestamps: Float64Array): number {
  const last = timestamps.length - 1;
  if (last < 1) return 0;
  return 2 * timestamps[last]! - timestamps[last - 1]!;
}
