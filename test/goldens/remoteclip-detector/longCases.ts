// CLIP RN50 at full size, one picture of 224 × 224 against 20 names: outputs, and gradients by their norms.
import { permute } from '../../../src/engine/ops/view';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { normalize } from '../../../src/layers/normalize';
import { crossEntropy } from '../../../src/losses/crossEntropy';
import { imageTower } from '../../../src/models/remoteclip-detector/imageTower';
import { classLogits } from '../../../src/models/remoteclip-detector/loss';
import { worstOf, type GoldenResult } from '../../helpers/golden';
import type { OpenDevice } from '../group';
import { compareNorms, compareSummaries, compareKeys, compareToLargest } from '../../helpers/recorded';
import type { Recording } from '../../helpers/recording';
import { traceLoss } from '../../helpers/traceLoss';
import { readFixture } from './fixture';
import { textFeatures } from './textFeatures';

const stages = ['stem', 'layer1', 'layer2', 'layer3', 'layer4'];

/** Both towers forward, the picture's tower backward. */
export async function* longCases(file: Recording, device: OpenDevice): AsyncIterable<GoldenResult> {
  const fixture = readFixture(file);
  const { recorded, config, classes } = fixture;
  const { side, features } = config.image;
  const opened = await device();
  const texts = await textFeatures(opened, fixture, 'quick_gelu');
  yield worstOf('text features', [
    compareToLargest('quick_gelu', texts, recorded.floats('output.text_features_raw'), 1e-3),
    compareToLargest(
      'gelu',
      await textFeatures(opened, fixture, 'gelu'),
      recorded.floats('output.text_features_raw_gelu'),
      1e-3,
    ),
  ]);
  const traced = await traceLoss(opened, { weight: recorded.weight }, (p, graph) => {
    const inside: Record<string, Tensor> = {};
    const tower = imageTower(p.at('visual'), graph.input('images', [1, 3, side, side]), config.image, {
      batchStatistics: false,
      tap: (stage, value) => (inside[stage] = permute(value, [0, 3, 1, 2])),
    });
    const logits = classLogits(tower.features, graph.input('texts', [classes, features]), config.temperature);
    const loss = crossEntropy(logits, graph.input('labels', [1], 'u32'));
    return { ...inside, raw: tower.features, unit: normalize(tower.features), logits, loss };
  });
  traced.write({ images: fixture.pictures, texts, labels: recorded.wholes('input.labels') });
  traced.run();
  const results = [
    compareKeys('names', recorded, traced.shapes, /^(?!visual\.)/),
    compareToLargest('layer4', await traced.read('layer4'), recorded.floats('output.layer4_image0'), 1e-3),
    compareToLargest('raw', await traced.read('raw'), recorded.floats('output.image_features_raw'), 1e-3),
    compareToLargest('unit', await traced.read('unit'), recorded.floats('output.image_features'), 1e-3),
    compareToLargest('logits', await traced.read('logits'), recorded.floats('output.logits'), 1e-3),
    compareToLargest('loss', await traced.read('loss'), recorded.floats('loss.total'), 1e-3),
  ];
  for (const stage of stages)
    results.push(...compareNorms(stage, await traced.read(stage), recorded.floats(`output.${stage}_l2_first8`), 1e-3));
  yield worstOf('picture', results);
  yield worstOf('gradients', compareSummaries(recorded, await traced.gradients(), 1e-2));
  traced.dispose();
}
