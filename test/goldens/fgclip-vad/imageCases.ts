// FG-CLIP's own objective on images: long and short texts, regions, hard negatives.
import { permute, reshape } from '../../../src/engine/ops/view';
import { normalize } from '../../../src/layers/normalize';
import { imageLoss } from '../../../src/models/fgclip-vad/loss';
import { frameFeatures, intoCommonSpace, textFeatures } from '../../../src/models/fgclip-vad/model';
import { boxFeatures } from '../../../src/models/fgclip-vad/regions';
import { worstOf, type GoldenResult } from '../../helpers/golden';
import type { OpenDevice } from '../group';
import { compareGradients, compareToLargest, compareUntouched } from '../../helpers/recorded';
import type { Recording } from '../../helpers/recording';
import { traceLoss } from '../../helpers/traceLoss';
import { readFixture, selectRows, validSlots } from './fixture';

export async function* imageCases(file: Recording, device: OpenDevice): AsyncIterable<GoldenResult> {
  const { recorded, config, upstream } = readFixture(file);
  const { iB: images, A, K, size, long, ctx, proj } = upstream;
  const slots = images * A;
  const traced = await traceLoss(await device(), { weight: recorded.weight }, (p, graph) => {
    const seen = frameFeatures(p, graph.input('image', [images, 3, size, size]), config, { dense: true });
    // Upstream brings patches into the common space before it pools them.
    const dense = intoCommonSpace(p, 'visual_projection', seen.dense!, proj);
    const regions = normalize(reshape(boxFeatures(dense, graph.input('boxes', [images, A, 4])), [slots, proj]));
    const tokens = (key: string, count: number, length: number) => graph.input(key, [count, length], 'u32');
    const pairs = {
      images: normalize(seen.embedding),
      longTexts: textFeatures(p, tokens('longTexts', images, long), config, 'long'),
      shortTexts: textFeatures(p, tokens('shortTexts', images, ctx), config, 'short'),
      regions,
      regionTexts: textFeatures(p, tokens('boxTexts', slots, ctx), config, 'short'),
      regionValid: graph.input('valid', [slots]),
      hardTexts: reshape(textFeatures(p, tokens('hardTexts', slots * K, ctx), config, 'short'), [slots, K, proj]),
    };
    const { total, parts, hardLogits } = imageLoss(p, pairs);
    const grid = Math.sqrt(dense.shape[1]!);
    return {
      image_embeds: pairs.images,
      text_long_embeds: pairs.longTexts,
      text_short_embeds: pairs.shortTexts,
      dense: permute(reshape(dense, [images, grid, grid, proj]), [0, 3, 1, 2]),
      roi: regions,
      hard_logits: hardLogits,
      ...Object.fromEntries(parts),
      loss: total,
    };
  });
  const valid = validSlots(recorded.floats('input.box_nums'), A);
  const counted = [...valid.keys()].filter((slot) => valid[slot] === 1);
  const hardTexts = new Uint32Array(slots * K * ctx);
  const recordedTexts = recorded.wholes('input.hard_texts');
  counted.forEach((slot, k) => hardTexts.set(recordedTexts.subarray(k * K * ctx, (k + 1) * K * ctx), slot * K * ctx));
  traced.write({
    image: recorded.floats('input.image'),
    boxes: recorded.floats('input.boxes'),
    longTexts: recorded.wholes('input.text_long'),
    shortTexts: recorded.wholes('input.text_short'),
    boxTexts: recorded.wholes('input.box_texts'),
    hardTexts,
    valid,
  });
  traced.run();
  const results: GoldenResult[] = [];
  for (const key of recorded.names.filter((one) => one.startsWith('output.') && one !== 'output.params_without_grad')) {
    const ours = key.slice('output.'.length);
    const got = await traced.read(ours);
    const kept = ours === 'hard_logits' ? selectRows(got, counted, K) : got;
    results.push(compareToLargest(key, kept, recorded.floats(key), 1e-4));
  }
  for (const key of ['long', 'short', 'region', 'hard'])
    results.push(compareToLargest(key, await traced.read(key), recorded.floats(`loss.${key}`), 1e-4));
  results.push(compareToLargest('total', await traced.read('loss'), recorded.floats('loss.total'), 1e-4));
  yield worstOf('outputs and losses', results);
  const gradients = await traced.gradients();
  yield worstOf('gradients', compareGradients(recorded, gradients, 1e-3));
  if (recorded.has('output.params_without_grad')) yield compareUntouched(recorded, gradients);
  traced.dispose();
}
