// What a training step of the full-size picture tower is planned to need.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { crossEntropy } from '../../../src/losses/crossEntropy';
import { rn50, TEMPERATURE } from '../../../src/models/remoteclip-detector/config';
import { imageTower } from '../../../src/models/remoteclip-detector/imageTower';
import { classLogits } from '../../../src/models/remoteclip-detector/loss';
import { planTraining } from '../../../src/training/trainer/planTraining';
import type { ModelDefinition } from '../../../src/training/trainer/modelDefinition';
import { openDevice } from '../../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

const stageA: ModelDefinition = {
  inputs: { images: [8, 3, 224, 224], texts: [20, 1024], labels: { shape: [8], dtype: 'u32' } },
  loss(p, { images, texts, labels }) {
    const { features } = imageTower(p.at('visual'), images!, rn50, { batchStatistics: true });
    return { total: crossEntropy(classLogits(features, texts!, TEMPERATURE), labels!), parts: new Map() };
  },
};

it.each([
  ['none', 1.6],
  ['all', 0.8],
] as const)('RN50 on 8 pictures of 224 px in f32 with %s recomputed stays under %d GiB', (recompute, most) => {
  const optimizer = { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 0 } as const;
  const target = targetOf(device, isSoftware(device.adapterInfo));
  const { bytes } = planTraining(stageA, target, optimizer, { recompute, accumulation: 1 });
  expect(bytes / 2 ** 30).toBeLessThan(most);
});
