// A video of any length in pieces that the model reads at once, and their values put together again.

export interface Windows {
  /** Samples of a window. */
  readonly length: number;
  /** From one start to the next. */
  readonly stride: number;
}

export const windows: Windows = { length: 256, stride: 128 };

/** First samples of the windows over `samples`; the last one ends with the video. One window where all fits into it. */
export function windowStarts(samples: number, { length, stride }: Windows = windows): number[] {
  const starts: number[] = [];
  for (let start = 0; start + length < samples; start += stride) starts.push(start);
  return [...starts, Math.max(0, samples - length)];
}

/** Values of each window, [length, width] of its own samples and, past the video's end, anything. */
export interface WindowValues {
  readonly start: number;
  readonly values: ArrayLike<number>;
}

/** [samples, width]: where windows overlap, their mean. Every sample must be in a window. */
export function overWindows(parts: readonly WindowValues[], samples: number, width = 1): Float32Array {
  const sums = new Float64Array(samples * width);
  const counts = new Uint32Array(samples);
  for (const { start, values } of parts)
    for (let k = 0; k < values.length / width && start + k < samples; k++) {
      counts[start + k]!++;
      for (let c = 0; c < width; c++) sums[(start + k) * width + c]! += values[k * width + c]!;
    }
  return Float32Array.from(sums, (sum, i) => sum / counts[Math.floor(i / width)]!);
}
