// Lays out what the frame kernels read besides samples: the struct `Settings` of frameKernels.ts, and the tables.
import { encodeJitter } from './colourJitter';
import type { FrameRecipe, FrameTensor } from './frameRecipe';
import type { FrameShape, StagedPlane } from './frameSamples';
import type { FrameTables } from './placement';
import type { ResampleTable } from './resampleTable';
import { yuvToRgb } from './yuv';

const planeWords = 12;
const settingsWords = 3 * planeWords + 44;
export const SETTINGS_BYTES = settingsWords * 4;

/** Where one plane's tables lie among all; groups are of four taps. */
export interface TablePlace {
  readonly downStarts: number;
  readonly downWeights: number;
  readonly downGroups: number;
  readonly acrossStarts: number;
  readonly acrossWeights: number;
  readonly acrossGroups: number;
}

export interface JoinedTables {
  readonly starts: Uint32Array<ArrayBuffer>;
  readonly weights: Float32Array<ArrayBuffer>;
  readonly places: readonly TablePlace[];
}

/** The same table with taps in groups of four. `aligned`: groups begin at multiples of four of the source. */
function inFours({ length, taps, starts, weights }: ResampleTable, aligned: boolean) {
  const offsets = starts.map((start) => (aligned ? start % 4 : 0));
  const groups = Math.ceil((taps + Math.max(...offsets)) / 4);
  const grouped = new Float32Array(length * groups * 4);
  for (let i = 0; i < length; i++)
    grouped.set(weights.subarray(i * taps, (i + 1) * taps), i * groups * 4 + offsets[i]!);
  return { starts: starts.map((start, i) => start - offsets[i]!), weights: grouped, groups };
}

/** The tables of all planes in one array of starts and one of weights. */
export function joinTables(tables: readonly FrameTables[], { samples }: FrameShape): JoinedTables {
  const all = tables.flatMap(({ down, across }) => [inFours(down, false), inFours(across, samples === 'planes')]);
  const starts = new Uint32Array(all.reduce((sum, table) => sum + table.starts.length, 0));
  const weights = new Float32Array(all.reduce((sum, table) => sum + table.weights.length, 0));
  let startAt = 0;
  let weightAt = 0;
  const placed = all.map((table) => {
    const place = [startAt, weightAt / 4, table.groups] as const;
    starts.set(table.starts, startAt);
    weights.set(table.weights, weightAt);
    startAt += table.starts.length;
    weightAt += table.weights.length;
    return place;
  });
  const places = tables.map((_, i) => {
    const [downStarts, downWeights, downGroups] = placed[2 * i]!;
    const [acrossStarts, acrossWeights, acrossGroups] = placed[2 * i + 1]!;
    return { downStarts, downWeights, downGroups, acrossStarts, acrossWeights, acrossGroups };
  });
  return { starts, weights, places };
}

/** Groups of four samples in a row of a plane; of pixels a group is one. */
export function rowGroups({ rowWords }: StagedPlane, { bits }: FrameShape): number {
  return bits > 8 ? rowWords / 2 : rowWords;
}

/** The settings of the dispatches for frame `firstFrame`. */
export function frameSettings(
  shape: FrameShape,
  tables: FrameTables,
  places: readonly TablePlace[],
  recipe: FrameRecipe,
  tensor: FrameTensor,
  firstFrame: number,
): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(settingsWords);
  const floats = new Float32Array(words.buffer);
  const down = tables.down.length;
  let scratchGroup = 0;
  shape.planes.forEach((plane, i) => {
    const place = places[i]!;
    const groups = rowGroups(plane, shape);
    words.set([plane.firstWord, plane.rowWords, groups, scratchGroup], i * planeWords);
    words.set([place.downStarts, place.downWeights, place.downGroups, place.acrossStarts], i * planeWords + 4);
    words.set([place.acrossWeights, place.acrossGroups], i * planeWords + 8);
    scratchGroup += groups * down;
  });
  const { codes, factors } = encodeJitter(recipe.jitter);
  const beforeContrast = Math.max(
    0,
    recipe.jitter.findIndex(({ op }) => op === 'contrast'),
  );
  const at = 3 * planeWords;
  words.set([tables.across.length, down, tables.transposed ? 1 : 0, shape.frameWords], at);
  words.set([0, 0, tensor.firstElement, beforeContrast], at + 4);
  words.set([tensor.frameStride, tensor.channelStride, tensor.rowStride, tensor.columnStride], at + 8);
  words.set([firstFrame], at + 12);
  words.set(codes, at + 16);
  floats.set(factors, at + 20);
  const { mean, std } = recipe;
  floats.set(
    std.map((one) => 1 / one),
    at + 24,
  );
  floats.set(
    mean.map((one, i) => -one / std[i]!),
    at + 28,
  );
  yuvToRgb(recipe.colour).forEach((row, i) => floats.set(row, at + 32 + 4 * i));
  return words;
}
