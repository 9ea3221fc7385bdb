// A recorded FG-CLIP: its configuration and its micro-batches as our model takes them.
import type { FgclipConfig } from '../../../src/models/fgclip-vad/config';
import { recordedOf, type Recorded } from '../../helpers/recorded';
import type { Recording } from '../../helpers/recording';

interface UpstreamConfig {
  readonly vhidden: number;
  readonly vlayers: number;
  readonly vheads: number;
  readonly vmlp: number;
  readonly patch: number;
  readonly size: number;
  readonly thidden: number;
  readonly tlayers: number;
  readonly theads: number;
  readonly tmlp: number;
  readonly vocab: number;
  readonly ctx: number;
  readonly keep: number;
  readonly long: number;
  readonly proj: number;
  readonly tempheads: number;
  /** Videos, frames, boxes of a video, frames of a region's clip. */
  readonly B: number;
  readonly T: number;
  readonly A: number;
  readonly Tr: number;
  readonly w_region: number;
  /** Images, and texts of a box with its hard negatives. */
  readonly iB: number;
  readonly K: number;
}

export interface FgclipFixture {
  readonly recorded: Recorded;
  readonly upstream: UpstreamConfig;
  readonly config: FgclipConfig;
}

export function readFixture(file: Recording): FgclipFixture {
  const recorded = recordedOf(file);
  const upstream = recorded.json('config') as UpstreamConfig;
  return {
    recorded,
    upstream,
    config: {
      vision: {
        width: upstream.vhidden,
        layers: upstream.vlayers,
        heads: upstream.vheads,
        inner: upstream.vmlp,
        patch: upstream.patch,
        side: upstream.size,
      },
      text: {
        width: upstream.thidden,
        layers: upstream.tlayers,
        heads: upstream.theads,
        inner: upstream.tmlp,
        vocabulary: upstream.vocab,
        shortLength: upstream.ctx,
        longLength: upstream.long,
        kept: upstream.keep,
      },
      temporal: {
        layers: 2,
        heads: upstream.tempheads,
        inner: 4 * upstream.proj,
        attentionInner: upstream.proj / 2,
        dropout: 0,
      },
      features: upstream.proj,
    },
  };
}

/** 1 for the first `counts[k]` of `size` places of each entry. */
export function validSlots(counts: ArrayLike<number>, size: number): Float32Array {
  return Float32Array.from({ length: counts.length * size }, (_, i) =>
    i % size < counts[Math.floor(i / size)]! ? 1 : 0,
  );
}

/** The rows of [rows, width] that count, one after the other. */
export function selectRows(values: Float32Array, rows: ArrayLike<number>, width: number): Float32Array {
  const out = new Float32Array(rows.length * width);
  Array.from(rows).forEach((row, k) => out.set(values.subarray(row * width, (row + 1) * width), k * width));
  return out;
}
