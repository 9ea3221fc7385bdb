// Frames and texts through their towers in pieces: exact, in the memory of one piece.
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { chunked } from '../../engine/ops/chunked';
import { reshape } from '../../engine/ops/view';
import { gridOf, type FgclipConfig } from './config';
import { frameFeatures, regionFeatures, textFeatures } from './model';
import { boxFeatures } from './regions';
import { anomalyOf, classProbabilities } from './scores';

/** The smallest number of equal pieces of `frames` frames that hold at most `most`; one where `most` is 0. */
export function piecesOf(frames: number, most: number): number {
  if (most === 0) return 1;
  let count = Math.ceil(frames / most);
  while (frames % count !== 0) count++;
  return count;
}

/** What the tower is asked for beside the frames as a whole. */
export interface Asked {
  /** Boxes [frames, A, 4] whose features are wanted. */
  readonly boxes?: Tensor;
  /** Texts of the classes [classes, features], by which each place of a frame is told. */
  readonly places?: {
    readonly texts: Tensor;
    readonly temperature: number;
    readonly projection: 'roi_projection' | 'visual_projection';
  };
}

export interface SeenFrames {
  /** [frames, features] */
  readonly embedding: Tensor;
  /** [frames, A, width] */
  readonly boxes: Tensor | null;
  /** How abnormal each place looks, [frames, patches]. */
  readonly places: Tensor | null;
}

/** frames [N, 3, side, side] through the vision tower, in `count` pieces. */
export function seeFrames(
  p: Parameters,
  frames: Tensor,
  config: FgclipConfig,
  count: number,
  asked: Asked,
): SeenFrames {
  const { boxes, places } = asked;
  const see = (piece: Tensor, at: Tensor | undefined): Tensor[] => {
    const seen = frameFeatures(p, piece, config, { dense: boxes !== undefined || places !== undefined });
    const results = [seen.embedding];
    if (at) results.push(boxFeatures(seen.dense!, at));
    if (places) {
      const found = regionFeatures(p, seen.dense!, config, places.projection);
      results.push(anomalyOf(classProbabilities(found, places.texts, places.temperature)));
    }
    return results;
  };
  const [embedding, ...others] =
    count === 1
      ? see(frames, boxes)
      : chunked(p.graph, boxes ? [frames, boxes] : [frames], count, ([piece, at]) => see(piece!, at));
  return {
    embedding: embedding!,
    boxes: boxes ? others[0]! : null,
    places: places ? reshape(others.at(-1)!, [frames.shape[0]!, gridOf(config.vision) ** 2]) : null,
  };
}

/** tokens u32 [texts, length] → [texts, features] of length 1, in `count` pieces. */
export function readTexts(
  p: Parameters,
  tokens: Tensor,
  config: FgclipConfig,
  kind: 'short' | 'long',
  count: number,
): Tensor {
  const read = (piece: Tensor): Tensor => textFeatures(p, piece, config, kind);
  return count === 1 ? read(tokens) : chunked(p.graph, [tokens], count, ([piece]) => [read(piece!)])[0]!;
}
