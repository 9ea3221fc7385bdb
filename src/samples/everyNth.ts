// Every n-th frame, and the clips that MNTSM's upstream cuts from those.
import { Bug } from '../errors';

/** 0, n, 2n, … below `total`. */
export function everyNth(total: number, n: number): number[] {
  if (!(n >= 1)) throw new Bug(`every ${n}-th frame is no sampling`);
  return Array.from({ length: Math.ceil(total / n) }, (_, i) => i * n);
}

/** Frames from one kept frame to the next for about four a second; an unknown rate counts as 25. */
export function fourPerSecond(framesPerSecond: number): number {
  return Math.max(1, Math.floor((framesPerSecond > 0 ? framesPerSecond : 25) / 4));
}

/** All windows of `length` kept frames, `hop` apart; a shorter tail is dropped. */
export function windowsOf(kept: readonly number[], length: number, hop: number): number[][] {
  const windows: number[][] = [];
  for (let start = 0; start + length <= kept.length; start += hop) windows.push(kept.slice(start, start + length));
  return windows;
}

/**
 * Where too few frames remain for windows: positions of `count` frames at which the picture changes most, ascending.
 * In each of four equal parts the largest change, then the largest of the rest; ties go to the lower position.
 * @param features one vector per frame, flattened, [n, size].
 */
export function keyFrames(features: ArrayLike<number>, size: number, count = 8): number[] {
  const total = features.length / size;
  if (total <= count) return Array.from({ length: total }, (_, i) => i);
  const change = Array.from({ length: total }, (_, i) => (i === 0 ? 0 : distance(features, size, i - 1, i)));
  const parts = 4;
  const length = Math.floor(total / parts);
  const chosen = new Set<number>();
  for (let part = 0; part < parts; part++) {
    const end = part === parts - 1 ? total : (part + 1) * length;
    let best = part * length;
    for (let i = best + 1; i < end; i++) if (change[i]! > change[best]!) best = i;
    chosen.add(best);
  }
  const rest = change.map((_, i) => i).filter((i) => !chosen.has(i));
  rest.sort((a, b) => change[b]! - change[a]! || a - b);
  return [...chosen, ...rest.slice(0, count - chosen.size)].sort((a, b) => a - b);
}

function distance(features: ArrayLike<number>, size: number, a: number, b: number): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += (features[a * size + k]! - features[b * size + k]!) ** 2;
  return Math.sqrt(sum);
}
