// FG-CLIP at full size: a frame, a long and a short text, boxes, 256 frames over time; gradients by their norms.
import type { Tensor } from '../../../src/engine/graph/tensor';
import { add, multiply } from '../../../src/engine/ops/arithmetic';
import { sum } from '../../../src/engine/ops/reduce';
import { concat } from '../../../src/engine/ops/concat';
import { reshape, slice } from '../../../src/engine/ops/view';
import { normalize } from '../../../src/layers/normalize';
import { frameFeatures, regionFeatures, textFeatures } from '../../../src/models/fgclip-vad/model';
import { boxFeatures } from '../../../src/models/fgclip-vad/regions';
import { temporal } from '../../../src/models/fgclip-vad/temporal';
import { stretchedPositions } from '../../../src/models/fgclip-vad/weights';
import { compare, worstOf, type GoldenResult } from '../../helpers/golden';
import { openDevice } from '../../helpers/gpu';
import { compareSummaries, compareToLargest, unitRows } from '../../helpers/recorded';
import type { Recording } from '../../helpers/recording';
import { traceLoss } from '../../helpers/traceLoss';
import { readFixture, type FgclipFixture } from './fixture';

const FRAMES = 256;

/** Recorded at the length at which the projection gives them. */
const anyLength = /\.(image_embed|roi_embed|text_long|text_short|video)$/;

/**
 * Of either patch size, backward where gradients are recorded. All parameters lie in one buffer of some 600 MiB, more
 * than WebGPU's default limits allow: the device is asked for what the adapter can do.
 */
export async function* longCases(file: Recording): AsyncIterable<GoldenResult> {
  const fixture = readFixture(file);
  yield stretched(fixture);
  const { device } = await openDevice({ limits: 'adapter' });
  yield* whole(device, fixture);
  device.destroy();
}

/** The first columns of the long texts' table. */
function stretched({ recorded, config }: FgclipFixture): GoldenResult {
  const { width, shortLength } = config.text;
  const table = stretchedPositions(recorded.weight('text_model.embeddings.position_embedding.weight'), shortLength);
  const got = Float32Array.from(
    { length: (table.length / width) * 8 },
    (_, k) => table[Math.floor(k / 8) * width + (k % 8)]!,
  );
  return compare('positions', got, recorded.floats('output.position_stretch_first8cols'), { atol: 1e-7 });
}

async function* whole(device: GPUDevice, fixture: FgclipFixture): AsyncIterable<GoldenResult> {
  const { recorded, config } = fixture;
  const { side } = config.vision;
  const backward = recorded.names.some((one) => one.startsWith('grad.'));
  const traced = await traceLoss(device, { weight: recorded.weight }, (p, graph) => {
    const seen = frameFeatures(p, graph.input('frame', [1, 3, side, side]), config, { dense: true });
    const dense = seen.dense!;
    const roi = reshape(boxFeatures(dense, graph.input('boxes', [1, 4, 4])), [4, config.vision.width]);
    const frames = graph.input('frames', [1, FRAMES, config.features]);
    const over = temporal(p, frames, config.temporal, { training: true });
    const results = {
      cls: seen.whole,
      dense: reshape(dense, dense.shape.slice(1)),
      image_embed: normalize(seen.embedding),
      roi,
      roi_embed: regionFeatures(p, roi, config),
      text_long: textFeatures(p, graph.input('long', [1, config.text.longLength], 'u32'), config, 'long'),
      text_short: textFeatures(p, graph.input('short', [1, config.text.shortLength], 'u32'), config, 'short'),
      video: over.video,
      attn_weights: over.weights,
      temporal_rows0_255: reshape(concat([slice(over.frames, 1, 0, 1), slice(over.frames, 1, FRAMES - 1, 1)], 1), [
        2,
        config.features,
      ]),
    };
    const along = (key: string, features: Tensor): Tensor =>
      sum(multiply(features, graph.constant(recorded.hashed(`ct.${key}`, features.size, 1), features.shape)));
    const total = [
      along('cls', results.image_embed),
      along('roi', results.roi_embed),
      along('long', results.text_long),
      along('short', results.text_short),
      along('video', results.video),
    ].reduce((a, b) => add(a, b));
    return backward ? { ...results, loss: total } : { ...results, total };
  });
  traced.write({
    frame: recorded.hashed('frame', 3 * side * side, 2),
    frames: recorded.hashed('frames', FRAMES * config.features, 1),
    boxes: recorded.floats('input.boxes'),
    long: recorded.wholes('input.text_long'),
    short: recorded.wholes('input.text_short'),
  });
  traced.run();
  const results: GoldenResult[] = [];
  for (const key of recorded.names.filter((one) => one.startsWith('output.') && !/stretch|without/.test(one))) {
    const got = await traced.read(key.slice('output.'.length));
    const want = recorded.floats(key);
    results.push(compareToLargest(key, got, anyLength.test(key) ? unitRows(want, config.features) : want, 1e-3));
  }
  const loss = await traced.read(backward ? 'loss' : 'total');
  results.push(compareToLargest('loss', loss, recorded.floats('loss.total'), 1e-3));
  yield worstOf('outputs', results);
  if (backward) yield worstOf('gradients', compareSummaries(recorded, await traced.gradients(), 1e-2));
  traced.dispose();
}
