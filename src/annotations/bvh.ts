// Reads one BVH motion capture file: the skeleton and the channel values of each frame.
import { splitLines } from '../formats/lines';
import { bvhError, decimalComma, isDecimalComma, readHierarchy, type BvhNode } from './bvhHierarchy';

export interface BvhMotion {
  readonly nodes: readonly BvhNode[];
  readonly frames: number;
  readonly secondsPerFrame: number;
  readonly channels: number;
  /** [frames, channels], as written. */
  readonly values: Float64Array;
}

/** A channel value beyond this is a damaged file, and would overflow on the way to millimetres. */
const largestValue = 1e6;

/**
 * Parses a whole BVH file: tabs or blanks, any channel order, End Sites, `Frames:` with or without a tab, blank lines.
 * @param path only named in errors.
 * @throws UserError with a code that starts with `bvh-`, naming file and line.
 */
export function parseBvh(text: string, path: string): BvhMotion {
  const lines = splitLines(text);
  const { nodes, channels, endLine } = readHierarchy(lines, path);
  let at = endLine;
  const nextLine = (): string => {
    while (at < lines.length && lines[at]!.trim() === '') at++;
    return lines[at++]?.trim() ?? '';
  };

  if (!/^MOTION\b/i.test(nextLine()))
    throw bvhError('bvh-motion', 'After the skeleton the word MOTION must follow; export the file again', path, at);
  const frames = Number(/^Frames\s*:\s*(\d+)$/i.exec(nextLine())?.[1] ?? NaN);
  if (!Number.isSafeInteger(frames))
    throw bvhError('bvh-frame-count', 'Here must stand "Frames:" and a whole number; export the file again', path, at);
  if (frames === 0) throw bvhError('bvh-no-frames', 'The file holds no frames; record or export it again', path, at);
  const frameTime = /^Frame\s+Time\s*:\s*(\S+)$/i.exec(nextLine())?.[1] ?? '';
  if (isDecimalComma(frameTime)) throw decimalComma(frameTime, path, at);
  const secondsPerFrame = Number(frameTime === '' ? NaN : frameTime);
  if (!(secondsPerFrame >= 1e-4 && secondsPerFrame <= 1))
    throw bvhError(
      'bvh-frame-time',
      'Here must stand "Frame Time:" and the seconds per frame, between 0.0001 and 1',
      path,
      at,
    );
  return { nodes, frames, secondsPerFrame, channels, values: readValues(lines, at, frames, channels, path) };
}

function readValues(
  lines: readonly string[],
  start: number,
  frames: number,
  channels: number,
  path: string,
): Float64Array {
  const end = lines.findLastIndex((line) => line.trim() !== '') + 1;
  let blank = 0;
  for (let i = start; i < end; i++) if (lines[i]!.trim() === '') blank++;
  const found = Math.max(0, end - start) - blank;
  if (found < frames)
    throw bvhError(
      'bvh-truncated',
      `The file should hold ${frames} frames, but ends after ${found}; it is cut off: copy or export it again`,
      path,
      Math.max(start, end),
    );
  if (found > frames)
    throw bvhError(
      'bvh-extra-lines',
      `The file says it has ${frames} frames, but more lines follow; correct "Frames:" or export it again`,
      path,
      start + frames + 1,
    );
  const values = new Float64Array(frames * channels);
  let at = start;
  for (let frame = 0; frame < frames; frame++, at++) {
    while (lines[at]!.trim() === '') at++;
    const tokens = lines[at]!.trim().split(/\s+/);
    if (tokens.length !== channels)
      throw bvhError(
        'bvh-value-count',
        `The skeleton has ${channels} channels, but this line has ${tokens.length} values; export the file again`,
        path,
        at + 1,
      );
    for (let i = 0; i < channels; i++) {
      const value = Number(tokens[i]);
      if (isDecimalComma(tokens[i]!)) throw decimalComma(tokens[i]!, path, at + 1);
      if (!(Math.abs(value) <= largestValue))
        throw bvhError(
          'bvh-bad-number',
          `Value ${i + 1} of this line, "${tokens[i]!.slice(0, 20)}", is not a usable number; remove the frame or export again`,
          path,
          at + 1,
        );
      values[frame * channels + i] = value;
    }
  }
  return values;
}
