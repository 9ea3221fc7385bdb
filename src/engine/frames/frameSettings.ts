// Lays out what the frame kernels read besides samples: the struct `Settings` of frameKernels.ts, and the tables.
import { encodeJitter } from './colourJitter';
import type { FrameRecipe, FrameTensor } from './framePass';
import type { FrameShape, StagedPlane } from './frameSamples';
import type { FrameTables } from './placement';
import type { ResampleTable } from './resampleTable';
import { yuvToRgb } from './yuv';

const planeWords = 12;
const settingsWords = 3 * planeWords + 44;
export const SETTINGS_BYTES = settingsWords * 4;

/** Where one plane's tables lie among all. */
export interface TablePlace {
  readonly downStarts: number;
  readonly downWeights: number;
  readonly downTaps: number;
  readonly acrossStarts: number;
  readonly acrossWeights: number;
  readonly acrossTaps: number;
}

export interface JoinedTables {
  readonly starts: Uint32Array<ArrayBuffer>;
  readonly weights: Float32Array<ArrayBuffer>;
  readonly places: readonly TablePlace[];
}

/** The tables of all planes in one array of starts and one of weights. */
export function joinTables(tables: readonly FrameTables[]): JoinedTables {
  const all = tables.flatMap(({ down, across }) => [down, across]);
  const starts = new Uint32Array(all.reduce((sum, table) => sum + table.starts.length, 0));
  const weights = new Float32Array(all.reduce((sum, table) => sum + table.weights.length, 0));
  let startAt = 0;
  let weightAt = 0;
  const add = (table: ResampleTable) => {
    const place = [startAt, weightAt, table.taps] as const;
    starts.set(table.starts, startAt);
    weights.set(table.weights, weightAt);
    startAt += table.starts.length;
    weightAt += table.weights.length;
    return place;
  };
  const places = tables.map(({ down, across }) => {
    const [downStarts, downWeights, downTaps] = add(down);
    const [acrossStarts, acrossWeights, acrossTaps] = add(across);
    return { downStarts, downWeights, downTaps, acrossStarts, acrossWeights, acrossTaps };
  });
  return { starts, weights, places };
}

/** Groups of four samples in a row of a plane. */
export function rowGroups({ rowWords }: StagedPlane, { bits }: FrameShape): number {
  return bits > 8 ? rowWords / 2 : rowWords;
}

/** The settings of a dispatch that begins at frame `firstFrame`. */
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
  let scratchWord = 0;
  shape.planes.forEach((plane, i) => {
    const place = places[i]!;
    const groups = rowGroups(plane, shape);
    words.set([plane.firstWord, plane.rowWords, groups, scratchWord], i * planeWords);
    words.set([place.downStarts, place.downWeights, place.downTaps, place.acrossStarts], i * planeWords + 4);
    words.set([place.acrossWeights, place.acrossTaps], i * planeWords + 8);
    scratchWord += groups * down;
  });
  const { codes, factors } = encodeJitter(recipe.jitter);
  const beforeContrast = Math.max(
    0,
    recipe.jitter.findIndex(({ op }) => op === 'contrast'),
  );
  const at = 3 * planeWords;
  words.set([tables.across.length, down, tables.transposed ? 1 : 0, shape.frameWords], at);
  words.set([scratchWord, shape.planes.length, tensor.firstElement, beforeContrast], at + 4);
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
