// What the text tower says of a fixture's class names.
import type { ClipActivation } from '../../../src/layers/residualAttentionBlock';
import { textTower } from '../../../src/models/remoteclip-detector/textTower';
import { traceLoss } from '../../helpers/traceLoss';
import type { DetectorFixture } from './fixture';

/** [classes, features] of any length; the tower stays as it is. */
export async function textFeatures(
  device: GPUDevice,
  { recorded, text, config, classes }: DetectorFixture,
  activation: ClipActivation,
): Promise<Float32Array> {
  const traced = await traceLoss(device, { weight: recorded.weight }, (p, graph) => ({
    features: textTower(
      p,
      graph.input('tokens', [classes, text.length], 'u32'),
      { ...text, activation },
      config.image.features,
    ),
  }));
  traced.write({ tokens: recorded.wholes('input.tokens') });
  traced.run();
  const features = await traced.read('features');
  traced.dispose();
  return features;
}
