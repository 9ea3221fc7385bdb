// Stage A on a narrow tower: pictures against frozen class texts, by the batch's own statistics.
import type { Tensor } from '../../../src/engine/graph/tensor';
import type { Parameters } from '../../../src/engine/graph/parameters';
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { normalize } from '../../../src/layers/normalize';
import { crossEntropy } from '../../../src/losses/crossEntropy';
import { imageTower } from '../../../src/models/remoteclip-detector/imageTower';
import { classLogits } from '../../../src/models/remoteclip-detector/loss';
import { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import type { ModelDefinition } from '../../../src/training/trainer/modelDefinition';
import { stageAll } from '../../../src/training/trainer/stageAll';
import { compare, worstOf, type GoldenResult } from '../../helpers/golden';
import type { OpenDevice } from '../group';
import { compareAfterStep, compareGradients, compareKeys, compareToLargest, unitRows } from '../../helpers/recorded';
import type { Recording } from '../../helpers/recording';
import { traceLoss, type TraceLossOptions } from '../../helpers/traceLoss';
import { readFixture, type DetectorFixture } from './fixture';
import { textFeatures } from './textFeatures';
import { startFrom } from '../../helpers/startFrom';

function stageA(
  p: Parameters,
  inputs: Readonly<Record<string, Tensor>>,
  { config }: DetectorFixture,
): { features: Tensor; logits: Tensor; loss: Tensor } {
  const { features } = imageTower(p.at('visual'), inputs['images'] as Tensor, config.image, { batchStatistics: true });
  const logits = classLogits(features, inputs['texts'] as Tensor, config.temperature);
  return { features: normalize(features), logits, loss: crossEntropy(logits, inputs['labels'] as Tensor) };
}

/** Features, logits, loss, gradients and running statistics of one batch, then three optimiser steps. */
export async function* simpleCases(file: Recording, device: OpenDevice): AsyncIterable<GoldenResult> {
  const fixture = readFixture(file);
  const { recorded } = fixture;
  const opened = await device();
  const width = fixture.config.image.features;
  const texts = unitRows(await textFeatures(opened, fixture, 'quick_gelu'), width);
  yield worstOf('text features', [
    compareToLargest('quick_gelu', texts, recorded.floats('output.text_features'), 1e-4),
    compareToLargest(
      'gelu',
      unitRows(await textFeatures(opened, fixture, 'gelu'), width),
      recorded.floats('output.text_features_gelu'),
      1e-4,
    ),
  ]);
  yield* evaluation(opened, fixture);
  const base = targetOf(opened, isSoftware(opened.adapterInfo));
  const ways: Record<string, Partial<TraceLossOptions>> = {
    '': {},
    'recomputed: ': { recompute: 'all' },
    'without fusion: ': { target: { ...base, fusion: false } },
    'other variants: ': { target: { ...base, software: !base.software } },
  };
  for (const [way, options] of Object.entries(ways)) yield* firstStep(opened, fixture, texts, way, options);
  yield* optimizerSteps(opened, fixture, texts);
}

async function* evaluation(device: GPUDevice, fixture: DetectorFixture): AsyncIterable<GoldenResult> {
  const { recorded, config, batch } = fixture;
  const { side } = config.image;
  const traced = await traceLoss(device, { weight: recorded.weight }, (p, graph) => ({
    features: normalize(
      imageTower(p.at('visual'), graph.input('images', [batch, 3, side, side]), config.image, {
        batchStatistics: false,
      }).features,
    ),
  }));
  traced.write({ images: fixture.pictures });
  traced.run();
  const want = recorded.floats('output.image_features_eval');
  yield compareToLargest('evaluation', await traced.read('features'), want, 1e-4);
  yield compareKeys('names', recorded, traced.shapes, /^(?!visual\.)/);
  traced.dispose();
}

async function* firstStep(
  device: GPUDevice,
  fixture: DetectorFixture,
  texts: Float32Array,
  way: string,
  options: Partial<TraceLossOptions>,
): AsyncIterable<GoldenResult> {
  const { recorded, config, batch, classes } = fixture;
  const { side, features } = config.image;
  const traced = await traceLoss(device, { weight: recorded.weight, ...options }, (p, graph) =>
    stageA(
      p,
      {
        images: graph.input('images', [batch, 3, side, side]),
        texts: graph.input('texts', [classes, features]),
        labels: graph.input('labels', [batch], 'u32'),
      },
      fixture,
    ),
  );
  traced.write({ images: fixture.pictures, texts, labels: recorded.wholes('input.labels') });
  traced.run();
  yield worstOf(`${way}outputs and loss`, [
    compareToLargest('features', await traced.read('features'), recorded.floats('output.image_features'), 1e-4),
    compareToLargest('logits', await traced.read('logits'), recorded.floats('output.logits'), 1e-4),
    compareToLargest('loss', await traced.read('loss'), recorded.floats('loss.total'), 1e-4),
  ]);
  yield worstOf(`${way}gradients`, compareGradients(recorded, await traced.gradients(), 1e-3));
  const updates = [...(await traced.updates())].map(([key, value]) =>
    compareToLargest(key, value, recorded.floats(`after1.${key}`), 1e-4),
  );
  yield worstOf(`${way}running statistics`, updates);
  traced.dispose();
}

async function* optimizerSteps(
  device: GPUDevice,
  fixture: DetectorFixture,
  texts: Float32Array,
): AsyncIterable<GoldenResult> {
  const { recorded, config, batch, classes } = fixture;
  const { side, features } = config.image;
  const definition: ModelDefinition = {
    inputs: {
      images: [batch, 3, side, side],
      texts: [classes, features],
      labels: { shape: [batch], dtype: 'u32' },
    },
    loss: (p, inputs) => ({ total: stageA(p, inputs, fixture).loss, parts: new Map() }),
  };
  const trainer = await EngineTrainer.create(device, definition, {
    batchSize: batch,
    seed: 0,
    random: Math.random,
    optimizer: { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.1, clipNorm: 0 },
  });
  await startFrom(trainer, recorded);
  const losses: GoldenResult[] = [];
  const after: GoldenResult[] = [];
  for (let step = 1; step <= 3; step++) {
    const inputs = { images: fixture.pictures, texts, labels: recorded.wholes('input.labels') };
    await trainer.train(await stageAll(trainer, [inputs]), step, 1e-3);
    const [record] = await trainer.losses();
    losses.push(compare(`step ${step}`, [record?.loss ?? NaN], recorded.floats(`loss.step${step}`), { rtol: 1e-4 }));
    if (step !== 2) after.push(...compareAfterStep(recorded, step, await trainer.weights(), 2e-5));
  }
  trainer.dispose();
  yield worstOf('step losses', losses);
  yield worstOf('after steps', after);
}
