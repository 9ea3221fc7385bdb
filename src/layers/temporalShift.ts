// Temporal shift: Lin et al. 2019, arXiv:1811.08383. Some channels look one frame ahead, some one frame back.
import { ShapeError } from '../engine/graph/graph';
import { shapeText, type Tensor } from '../engine/graph/tensor';
import { concat } from '../engine/ops/concat';
import { pad, reshape, slice } from '../engine/ops/view';

export interface TemporalShiftOptions {
  /** Frames of a clip. */
  readonly segments: number;
  /** One channel in so many looks each way; 8 by default. */
  readonly foldDivisor?: number;
  /** Which frame the first of the shifted channels take; the future one in the paper. */
  readonly first?: 'future' | 'past';
  /** What a clip's end frames see beyond it: zeros as in the paper, or themselves. */
  readonly edges?: 'zeros' | 'replicate';
  /** Where x has its channels: [frames, C, …] by default, or [frames, …, C]. */
  readonly channels?: 'first' | 'last';
}

/** Each frame of [clips, segments, …] takes its neighbour's value. */
function shifted(x: Tensor, towards: 'future' | 'past', edges: 'zeros' | 'replicate'): Tensor {
  const segments = x.shape[1] ?? 1;
  const [before, start] = towards === 'future' ? [0, 1] : [1, 0];
  if (edges === 'zeros') return slice(pad(x, 1, before, 1 - before), 1, start, segments);
  if (segments === 1) return x;
  const inside = slice(x, 1, start, segments - 1);
  const end = slice(x, 1, towards === 'future' ? segments - 1 : 0, 1);
  return concat(towards === 'future' ? [inside, end] : [end, inside], 1);
}

/** Shifts x [clips · segments, …] along time; moves no data until a reader wants it. */
export function temporalShift(x: Tensor, options: TemporalShiftOptions): Tensor {
  const { segments, foldDivisor = 8, first = 'future', edges = 'zeros' } = options;
  const last = options.channels === 'last';
  const [frames = 1] = x.shape;
  const channels = (last ? x.shape[x.shape.length - 1] : x.shape[1]) ?? 1;
  if (frames % segments !== 0) {
    throw new ShapeError(`temporalShift: clips of ${segments} frames wanted, ${shapeText(x.shape)} came`);
  }
  const fold = Math.floor(channels / foldDivisor);
  if (fold === 0) return x;
  const clips = reshape(x, [frames / segments, segments, ...(last ? [-1, channels] : [channels, -1])]);
  const axis = last ? 3 : 2;
  const part = (start: number, size: number): Tensor => slice(clips, axis, start, size);
  const parts = [
    shifted(part(0, fold), first, edges),
    shifted(part(fold, fold), first === 'future' ? 'past' : 'future', edges),
    ...(channels > 2 * fold ? [part(2 * fold, channels - 2 * fold)] : []),
  ];
  return reshape(concat(parts, axis), x.shape);
}
