// Stage B on a narrow tower: everything inside the detector, its losses and gradients, three optimiser steps.
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import type { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { permute } from '../../../src/engine/ops/view';
import { imageTower } from '../../../src/models/remoteclip-detector/imageTower';
import { detectionLoss } from '../../../src/models/remoteclip-detector/loss';
import { assignTargets, type AssignedTargets } from '../../../src/models/remoteclip-detector/matching';
import { queryDecoder } from '../../../src/models/remoteclip-detector/queryDecoder';
import { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import type { ModelDefinition } from '../../../src/training/trainer/modelDefinition';
import { stageAll } from '../../../src/training/trainer/stageAll';
import { compare, worstOf, type GoldenResult } from '../../helpers/golden';
import type { OpenDevice } from '../group';
import { compareAfterStep, compareGradients, compareKeys, compareToLargest } from '../../helpers/recorded';
import type { Recording } from '../../helpers/recording';
import { startFrom } from '../../helpers/startFrom';
import { traceLoss, type TraceLossOptions } from '../../helpers/traceLoss';
import { readFixture, type DetectorFixture } from './fixture';

type Inputs = Readonly<Record<string, Tensor>>;

/** Recorded names of the losses by ours. */
const lossNames = { l1: 'l1', giou: 'giou', contrast: 'gc', crossEntropy: 'ce' } as const;

function stageB(p: Parameters, inputs: Inputs, { config }: DetectorFixture): Record<string, Tensor> {
  const inside: Record<string, Tensor> = {};
  const tower = imageTower(p.at('visual'), inputs['images'] as Tensor, config.image, { batchStatistics: false });
  const output = queryDecoder(p, tower, inputs['texts'] as Tensor, config, {
    training: true,
    tap: (name, value) => (inside[name] = value),
  });
  const { logits, boxes, globalContext, localFeatures } = output;
  return {
    ...inside,
    logits,
    pred_boxes: boxes,
    global_context: globalContext,
    local_features: localFeatures,
    c3: permute(tower.c3, [0, 3, 1, 2]),
    c4: permute(tower.c4, [0, 3, 1, 2]),
  };
}

function learned(p: Parameters, inputs: Inputs, fixture: DetectorFixture) {
  const tower = imageTower(p.at('visual'), inputs['images'] as Tensor, fixture.config.image, {
    batchStatistics: false,
  });
  const output = queryDecoder(p, tower, inputs['texts'] as Tensor, fixture.config, { training: true });
  return detectionLoss(output, { classes: inputs['classes'] as Tensor, boxes: inputs['boxes'] as Tensor });
}

function inputShapes({ batch, classes, config }: DetectorFixture) {
  const { side, features } = config.image;
  const { queries } = config.decoder;
  return {
    images: [batch, 3, side, side],
    texts: [classes, features],
    classes: { shape: [batch, queries], dtype: 'u32' },
    boxes: [batch, queries, 4],
  } as const;
}

function assigned(fixture: DetectorFixture, logits: ArrayLike<number>, boxes: ArrayLike<number>): AssignedTargets {
  const { queries } = fixture.config.decoder;
  return assignTargets({ logits, boxes, queries, classes: fixture.classes }, fixture.targets);
}

/** Our assignment beside the recorded pairs: class and box of every query. */
function compareAssignment(fixture: DetectorFixture, prefix: string, ours: AssignedTargets): GoldenResult {
  const { queries } = fixture.config.decoder;
  const classes = new Uint32Array(ours.classes.length).fill(fixture.classes);
  const boxes = new Float32Array(ours.boxes.length);
  fixture.targets.forEach((target, picture) => {
    const matched = fixture.recorded.wholes(`output.${prefix}match_query.${picture}`);
    const targets = fixture.recorded.wholes(`output.${prefix}match_target.${picture}`);
    matched.forEach((query, k) => {
      const [at, from] = [picture * queries + query, targets[k]!];
      classes[at] = target.classes[from]!;
      boxes.set(
        Array.from({ length: 4 }, (_, side) => target.boxes[from * 4 + side]!),
        at * 4,
      );
    });
  });
  return worstOf(`${prefix}assignment`, [
    compare('classes', ours.classes, classes, { atol: 0 }),
    compare('boxes', ours.boxes, boxes, { atol: 0 }),
  ]);
}

/** Forward, assignment, losses, gradients; then the same in three steps of the trainer. */
export async function* detectorCases(file: Recording, device: OpenDevice): AsyncIterable<GoldenResult> {
  const fixture = readFixture(file);
  const opened = await device();
  const base = targetOf(opened, isSoftware(opened.adapterInfo));
  const first = await forward(opened, fixture);
  yield worstOf('outputs', first.results);
  yield { ...compareAssignment(fixture, '', first.assigned), name: 'assignment' };
  const ways: Record<string, Partial<TraceLossOptions>> = {
    '': {},
    'recomputed: ': { recompute: 'all' },
    'other variants: ': { target: { ...base, software: !base.software } },
  };
  for (const [way, options] of Object.entries(ways)) yield* losses(opened, fixture, first.assigned, way, options);
  yield* optimizerSteps(opened, fixture);
}

async function forward(
  device: GPUDevice,
  fixture: DetectorFixture,
): Promise<{ results: GoldenResult[]; assigned: AssignedTargets }> {
  const { recorded } = fixture;
  const shapes = inputShapes(fixture);
  const traced = await traceLoss(device, { weight: recorded.weight }, (p, graph) =>
    stageB(p, { images: graph.input('images', shapes.images), texts: graph.input('texts', shapes.texts) }, fixture),
  );
  traced.write({ images: fixture.pictures, texts: recorded.floats('input.text_features') });
  traced.run();
  const results: GoldenResult[] = [
    compareKeys('names', recorded, traced.shapes, /^(positional_embedding|text_proj|logit|transf|token_|ln_final)/),
  ];
  for (const name of recorded.names) {
    const ours = name.slice('output.'.length);
    if (!name.startsWith('output.') || /match|grad_norm/.test(name)) continue;
    results.push(compareToLargest(ours, await traced.read(ours), recorded.floats(name), 1e-4));
  }
  const [logits, boxes] = [await traced.read('logits'), await traced.read('pred_boxes')];
  traced.dispose();
  return { results, assigned: assigned(fixture, logits, boxes) };
}

async function* losses(
  device: GPUDevice,
  fixture: DetectorFixture,
  targets: AssignedTargets,
  way: string,
  options: Partial<TraceLossOptions>,
): AsyncIterable<GoldenResult> {
  const { recorded } = fixture;
  const shapes = inputShapes(fixture);
  const traced = await traceLoss(device, { weight: recorded.weight, ...options }, (p, graph) => {
    const inputs = {
      images: graph.input('images', shapes.images),
      texts: graph.input('texts', shapes.texts),
      classes: graph.input('classes', shapes.classes.shape, 'u32'),
      boxes: graph.input('boxes', shapes.boxes),
    };
    const { total, parts } = learned(p, inputs, fixture);
    return { loss: total, ...Object.fromEntries(parts) };
  });
  traced.write({ images: fixture.pictures, texts: recorded.floats('input.text_features'), ...targets });
  traced.run();
  const results = [compareToLargest('total', await traced.read('loss'), recorded.floats('loss.total'), 1e-4)];
  for (const [ours, theirs] of Object.entries(lossNames))
    results.push(compareToLargest(ours, await traced.read(ours), recorded.floats(`loss.${theirs}`), 1e-4));
  yield worstOf(`${way}losses`, results);
  const gradients = await traced.gradients();
  yield worstOf(`${way}gradients`, compareGradients(recorded, gradients, 1e-3));
  traced.dispose();
}

async function* optimizerSteps(device: GPUDevice, fixture: DetectorFixture): AsyncIterable<GoldenResult> {
  const { recorded } = fixture;
  const definition: ModelDefinition = {
    inputs: inputShapes(fixture),
    loss: (p, inputs) => learned(p, inputs, fixture),
    predict(p, inputs) {
      const { logits, pred_boxes: boxes } = stageB(p, inputs, fixture);
      return { logits: logits as Tensor, boxes: boxes as Tensor };
    },
  };
  const trainer = await EngineTrainer.create(device, definition, {
    batchSize: fixture.batch,
    seed: 0,
    random: Math.random,
    optimizer: { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.1, clipNorm: 0.1 },
  });
  await startFrom(trainer, recorded);
  const shown = { images: fixture.pictures, texts: recorded.floats('input.text_features') };
  const steps: GoldenResult[] = [];
  const after: GoldenResult[] = [];
  for (let step = 1; step <= 3; step++) {
    await trainer.predicts;
    const { logits, boxes } = await trainer.predict(await trainer.stage(shown));
    const targets = assigned(fixture, logits!, boxes!);
    if (step > 1) steps.push(compareAssignment(fixture, `step${step}_`, targets));
    await trainer.train(await stageAll(trainer, [{ ...shown, ...targets }]), step, 1e-3);
    const [record] = await trainer.losses();
    const [loss, norm] = [record?.loss ?? NaN, record?.gradientNorm ?? NaN];
    steps.push(
      compare(`loss ${step}`, [loss], recorded.floats(`loss.step${step}`), { rtol: 1e-4 }),
      compare(`norm ${step}`, [norm], recorded.floats(`output.grad_norm_step${step}`), { rtol: 1e-3 }),
    );
    if (step !== 2) after.push(...compareAfterStep(recorded, step, await trainer.weights(), 2e-5));
  }
  trainer.dispose();
  yield worstOf('steps', steps);
  yield worstOf('after steps', after);
}
