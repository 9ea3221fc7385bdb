// The recorded video objective in our words: inputs of a micro-batch, features, losses, by either path of regions.
import type { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { multiply } from '../../../src/engine/ops/arithmetic';
import { permute, reshape, slice } from '../../../src/engine/ops/view';
import { videoLoss } from '../../../src/models/fgclip-vad/loss';
import { regionFeatures, textFeatures, videoFeatures } from '../../../src/models/fgclip-vad/model';
import { boxFeatures, overFrames } from '../../../src/models/fgclip-vad/regions';
import type { InputDefinition } from '../../../src/training/trainer/modelDefinition';
import { validSlots, type FgclipFixture } from './fixture';

export type RegionPath = 'roi' | 'clips';
type Inputs = Readonly<Record<string, Tensor>>;

export function inputShapes({ upstream }: FgclipFixture, path: RegionPath): Readonly<Record<string, InputDefinition>> {
  const { B, T, A, Tr, size, long, ctx } = upstream;
  return {
    video: [B, T, 3, size, size],
    frameMask: [B, T],
    longTexts: { shape: [B, long], dtype: 'u32' },
    boxTexts: { shape: [B * A, ctx], dtype: 'u32' },
    regionValid: [B * A],
    ...(path === 'roi' ? { boxes: [B, T, A, 4], boxMask: [B, T, A] } : { clips: [B * A, Tr, 3, size, size] }),
  };
}

/** A micro-batch; boxes beyond a video's own count as absent. */
export function inputsOf({ recorded, upstream }: FgclipFixture, micro: number, path: RegionPath) {
  const { A, T } = upstream;
  const get = (name: string): Float32Array => recorded.floats(`input.m${micro}.${name}`);
  const slots = validSlots(get('box_nums'), A);
  const boxMask = get('bbox_mask').map((one, i) => one * slots[Math.floor(i / (A * T)) * A + (i % A)]!);
  const regionValid = slots.map((_, slot) => {
    const frames = Array.from({ length: T }, (_frame, t) => boxMask[(Math.floor(slot / A) * T + t) * A + (slot % A)]!);
    return Math.max(...frames);
  });
  return {
    video: get('video'),
    frameMask: get('frame_mask'),
    longTexts: recorded.wholes(`input.m${micro}.text_long`),
    boxTexts: recorded.wholes(`input.m${micro}.box_texts`),
    regionValid,
    ...(path === 'roi' ? { boxes: get('boxes'), boxMask } : { clips: get('region_videos') }),
  };
}

/** Everything that is recorded of the inside, by the recordings' names, and the losses. */
export function videoModel(
  p: Parameters,
  inputs: Inputs,
  { config, upstream }: FgclipFixture,
  path: RegionPath,
): { inside: Readonly<Record<string, Tensor>>; total: Tensor; parts: ReadonlyMap<string, Tensor> } {
  const { B, T, A, w_region } = upstream;
  const { seen, frames, weights, video } = videoFeatures(p, inputs['video'] as Tensor, config, {
    mask: inputs['frameMask'] as Tensor,
    training: true,
    dense: path === 'roi',
  });
  const captions = textFeatures(p, inputs['longTexts'] as Tensor, config, 'long');
  const regionCaptions = textFeatures(p, inputs['boxTexts'] as Tensor, config, 'short');
  const inside: Record<string, Tensor> = {
    frame_embeds: seen.embedding,
    temporal: frames,
    attn_weights: weights,
    video_embeds: video,
    text_long_embeds: captions,
    region_text_embeds: regionCaptions,
  };
  let regions: Tensor;
  if (path === 'roi') {
    const { width } = config.vision;
    const dense = seen.dense!;
    const grid = Math.sqrt(dense.shape[1]!);
    const found = reshape(boxFeatures(dense, reshape(inputs['boxes'] as Tensor, [B * T, A, 4])), [B, T, A, width]);
    const pooled = overFrames(found, inputs['boxMask'] as Tensor);
    regions = reshape(regionFeatures(p, pooled, config), [B * A, config.features]);
    inside['roi_frame'] = found;
    inside['dense_frame0'] = permute(reshape(slice(dense, 0, 0, 1), [grid, grid, width]), [2, 0, 1]);
  } else regions = videoFeatures(p, inputs['clips'] as Tensor, config, { training: true, dense: false }).video;
  inside['region_embeds'] = regions;
  const pairs = { regions, captions: regionCaptions, valid: inputs['regionValid'] as Tensor };
  const { total, parts } = videoLoss(p, { videos: video, captions }, pairs, { global: 1, region: w_region });
  // Recorded before it was weighted.
  return { inside, total, parts: new Map([...parts, ['region', multiply(parts.get('region')!, 1 / w_region)]]) };
}
