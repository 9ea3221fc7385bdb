// Which frames make a clip: windows in a recording, short ones stretched, and other frame rates.

/** First frames of the training clips of a recording; what is left over at its end is dropped (spec section 9). */
export function trainingStarts(length: number, frames: number, stride: number): number[] {
  const starts: number[] = [];
  for (let start = 0; start + frames <= length; start += stride) starts.push(start);
  return length > 0 && length < frames ? [0] : starts;
}

/** First frames of clips that cover every frame: one after the other, the last one ends with the recording. */
export function coveringStarts(length: number, frames: number): number[] {
  const starts = trainingStarts(length, frames, frames);
  if (length > frames && length % frames !== 0) starts.push(length - frames);
  return starts;
}

/** Frame indices of a clip; a recording shorter than the clip is stretched by floor(i · n / T). */
export function clipFrames(start: number, length: number, frames: number): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: frames }, (_, i) =>
    length < frames ? Math.floor((i * length) / frames) : start + i,
  );
}

/**
 * Source frame of each frame at another rate: round(i · ratio) (spec section 12), the ratio snapped to a whole number
 * where a rounded frame time (0.0083333) misses it.
 */
export function resampledFrames(length: number, sourceRate: number, targetRate: number): Int32Array<ArrayBuffer> {
  const exact = sourceRate / targetRate;
  const whole = Math.round(exact);
  const ratio = whole > 0 && Math.abs(exact - whole) < 1e-3 * whole ? whole : exact;
  const count = length > 0 ? Math.floor((length - 1) / ratio) + 1 : 0;
  return Int32Array.from({ length: count }, (_, i) => Math.min(length - 1, Math.round(i * ratio)));
}
