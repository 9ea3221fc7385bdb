// AdaTAD: VideoMAE with temporal adapters under an ActionFormer detector, frames of a window to what its points say.
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { copy } from '../../engine/ops/arithmetic';
import { concat } from '../../engine/ops/concat';
import { reshape } from '../../engine/ops/view';
import { backbone, perFrame, type Tap } from './backbone';
import type { AdatadConfig, DetectorConfig } from './config';
import { head, neck, type LevelOutput } from './head';
import { pyramid } from './pyramid';

export interface DetectorOutput extends LevelOutput {
  /** 1 for points of frames that are there, all levels one after the other: [B, points]. */
  readonly mask: Tensor;
}

export interface AdatadOptions {
  readonly training: boolean;
  readonly tap?: Tap;
  /** In which the chunks go through the backbone; one where nothing is said. */
  readonly pieces?: number;
}

/** Where the video transformer lies in the state_dict. */
export const BACKBONE_PATH = 'backbone.model.backbone';

/**
 * @param chunks [chunks, 16, 3, side, side], normalised as VideoMAE wants them, one window's after the other's.
 * @param mask [B, frames], 1 for frames that are no repeats of the last one.
 * @returns of all points of all levels: logits [B, points, classes], distances [B, points, 2] in strides.
 */
export function adatad(
  p: Parameters,
  chunks: Tensor,
  mask: Tensor,
  config: AdatadConfig,
  options: AdatadOptions,
): DetectorOutput {
  const samples = mask.shape[0] ?? 1;
  const place = BACKBONE_PATH.split('.').reduce((at, name) => at.at(name), p);
  const overTime = backbone(place, chunks, config.backbone, { pieces: 1, samples, ...options });
  const features = perFrame(overTime, config.frames);
  options.tap?.('features', features);
  return detector(p, features, mask, config.detector, options);
}

/** Features [B, T, width] and their mask [B, T] → what the points of all levels say. */
export function detector(
  p: Parameters,
  features: Tensor,
  mask: Tensor,
  config: DetectorConfig,
  { training, tap = () => undefined }: AdatadOptions,
): DetectorOutput {
  const input = { x: features, mask: reshape(mask, [...mask.shape, 1]) };
  const levels = neck(p.at('neck'), pyramid(p.at('projection'), input, config, training));
  levels.forEach(({ x }, k) => tap(`neck.${k}`, x));
  const outputs = head(p.at('rpn_head'), levels, config);
  outputs.forEach(({ logits, distances }, k) => {
    tap(`cls.${k}`, logits);
    tap(`reg.${k}`, distances);
  });
  const { graph } = p;
  // The loss reads each of them in several places: one array instead of one a level keeps its kernels small.
  const whole = (parts: readonly Tensor[]): Tensor => copy(concat(parts, 1));
  const masks = whole(levels.map((level) => level.mask));
  return graph.fullPrecision(() => ({
    logits: whole(outputs.map(({ logits }) => logits)),
    distances: whole(outputs.map(({ distances }) => distances)),
    mask: reshape(masks, [mask.shape[0] ?? 1, -1]),
  }));
}
