// Narrow clip classifiers against PyTorch: outputs, losses, every gradient, and all weights after optimiser steps.
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { Graph, type ParameterAttributes } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { reshape } from '../../../src/engine/ops/view';
import { clipDefinition } from '../../../src/models/mntsm/definition';
import { mntsmModel } from '../../../src/models/mntsm/model';
import { normNames, shiftSites } from '../../../src/models/mntsm/places';
import { upstreamProbability } from '../../../src/models/mntsm/pooling';
import { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import type { ModelDefinition } from '../../../src/training/trainer/planTraining';
import type { NamedTensor } from '../../../src/training/runtime';
import { stageAll } from '../../../src/training/trainer/stageAll';
import { compare, compareLengths, worstOf, type GoldenResult } from '../../helpers/golden';
import { readFixture, type MntsmFixture } from './fixture';
import { traceModel, type TraceOptions } from './trace';
import { restoreWeights } from '../../helpers/restoreWeights';

const tinyFiles = ['tiny', 'tiny_resshift', 'tiny_upstream'];
export const modelFiles = [...tinyFiles, 'full_small', 'full_small_050', 'full_medium'];

const outputTolerance = { rtol: 1e-3, atol: 1e-4 };
const lossTolerance = { rtol: 1e-4, atol: 1e-5 };
const statisticsTolerance = { rtol: 1e-4, atol: 1e-5 };
const gradientTolerance = 2e-3;

/** All narrow models; fusion off, recomputation and the other kernel variants are tried on the first. */
export async function* modelCases(
  folder: string,
  device: () => Promise<GPUDevice>,
  only = '',
): AsyncIterable<GoldenResult> {
  for (const file of tinyFiles) {
    const name = `mntsm/${file}`;
    if (only !== '' && !`${name}/`.includes(only) && !only.startsWith(`${name}/`)) continue;
    const opened = await device();
    const base = targetOf(opened, isSoftware(opened.adapterInfo));
    const fixture = readFixture(folder, file);
    yield* firstStep(opened, fixture, name, {});
    yield* optimizerSteps(opened, fixture, name);
    if (file !== 'tiny') continue;
    yield* firstStep(opened, fixture, `${name} recomputed`, { recompute: 'all' });
    yield* firstStep(opened, fixture, `${name} without fusion`, { target: { ...base, fusion: false } });
    yield* firstStep(opened, fixture, `${name} other variants`, { target: { ...base, software: !base.software } });
  }
}

/** The recorded value after the last step: predictions then do not depend on the noise of parameters without gradient. */
function recordedAfter(fixture: MntsmFixture, name: string, tensor: NamedTensor): NamedTensor {
  const data = tensor.dtype === 'I64' ? null : fixture.array(`after${fixture.recipe.steps}.${name}`);
  return data ? { ...tensor, data } : tensor;
}

/** 0 where two lists are equal, else the number of places where they differ. */
function equalLists(name: string, got: readonly unknown[], want: readonly unknown[]): GoldenResult {
  const differing = want.filter((value, i) => JSON.stringify(got[i]) !== JSON.stringify(value)).length;
  const worst = differing + Math.abs(got.length - want.length);
  return { name, worst, tolerance: 0, ok: worst === 0 };
}

/** Names, shapes and what is trained of the traced model, the places of shifts and frozen normalisations. No GPU. */
export function namesOf(folder: string, file: string): GoldenResult {
  const fixture = readFixture(folder, file);
  const { clips, config, side, upstream, keys } = fixture;
  const graph = new Graph();
  mntsmModel(new Parameters(graph), graph.input('clips', [clips, config.segments, 3, side, side]), config, {
    training: true,
  });
  const parameters = [...graph.parameters.values()].map((one) => {
    const { name, shape, trainable } = one.node.attributes as ParameterAttributes;
    return [name, shape, trainable] as const;
  });
  const counters = [...graph.counters.keys()].map((name) => [name, [], false] as const);
  const byName = (a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]): number =>
    a[0] < b[0] ? -1 : 1;
  const frozen = normNames(config.architecture).slice(0, config.frozenNorms.layers);
  return worstOf(`mntsm/${file}/names`, [
    equalLists('keys', [...parameters, ...counters].sort(byName), [...keys].sort(byName)),
    equalLists('sites', shiftSites(config.architecture, config.shift.placement), upstream.shift_sites),
    equalLists('norms', normNames(config.architecture), upstream.bn_order),
    equalLists('frozen norms', frozen, upstream.bn_frozen ?? frozen),
  ]);
}

/** Two micro-batches' losses and gradients, the outputs and running statistics of the first. */
async function* firstStep(
  device: GPUDevice,
  fixture: MntsmFixture,
  label: string,
  options: Omit<TraceOptions, 'training'>,
): AsyncIterable<GoldenResult> {
  const traced = await traceModel(device, fixture, { ...options, training: true });
  const names = (prefix: string): string[] =>
    fixture.names.filter((name) => name.startsWith(prefix) && !name.endsWith('num_batches_tracked'));
  const gradientNames = names('grad.').map((name) => name.slice('grad.'.length));
  const alive = gradientNames.filter((name) => !fixture.dead.has(name));
  const [outputs, losses, statistics, found]: [GoldenResult[], GoldenResult[], GoldenResult[], GoldenResult[]] = [
    [],
    [],
    [],
    [],
  ];
  const wanted = (name: string): Float32Array => fixture.array(name) ?? new Float32Array(0);
  const sums = new Map<string, Float64Array>();
  for (const batch of [0, 1]) {
    traced.run(batch);
    losses.push(compare(`${batch}`, await traced.read('loss'), wanted(`loss.micro${batch}`), lossTolerance));
    outputs.push(compare(`logit${batch}`, await traced.read('logit'), wanted(`output.logit${batch}`), outputTolerance));
    for (const name of alive) {
      const gradient = await traced.read(`grad ${name}`);
      if (batch === 0)
        found.push(compareLengths(name, gradient, wanted(`output.micrograd.${name}`), gradientTolerance));
      sums.set(
        name,
        Float64Array.from(gradient, (value, i) => (sums.get(name)?.[i] ?? 0) + value / 2),
      );
    }
    if (batch > 0) continue;
    for (const name of ['features', 'alpha'])
      outputs.push(compare(name, await traced.read(name), wanted(`output.${name}0`), outputTolerance));
    for (const name of names('output.stats1.')) {
      const key = name.slice('output.stats1.'.length);
      const update = `update ${key}`;
      const got = traced.names.includes(update) ? await traced.read(update) : fixture.weight(key);
      statistics.push(compare(key, got, wanted(name), statisticsTolerance));
    }
  }
  for (const name of alive)
    found.push(compareLengths(`both ${name}`, sums.get(name) ?? [], wanted(`grad.${name}`), gradientTolerance));
  const ours = traced.names.flatMap((name) => (name.startsWith('grad ') ? [name.slice('grad '.length)] : []));
  found.push(equalLists('which gradients there are', ours.sort(), [...gradientNames].sort()));
  traced.dispose();
  yield worstOf(`${label}/outputs`, outputs);
  yield worstOf(`${label}/losses`, losses);
  yield worstOf(`${label}/running statistics`, statistics);
  yield worstOf(`${label}/gradients`, found);
}

/** The trainer's model of the fixture; beside what it predicts anyway, what is recorded of its inside. */
function definitionOf({ clips, config, side, gamma }: MntsmFixture): ModelDefinition {
  const definition = clipDefinition(config, { batch: clips, side, gamma, upstreamScores: false });
  return {
    ...definition,
    predict(p, inputs) {
      const { logit, frameLogits } = mntsmModel(p, inputs['clips'] as Tensor, config, { training: false });
      return {
        eval_logit: reshape(logit, [clips]),
        eval_prob_upstream: reshape(upstreamProbability(frameLogits, 'logit'), [clips]),
        eval_frame_logit: frameLogits,
        ...definition.predict!(p, inputs),
      };
    },
  };
}

async function* optimizerSteps(device: GPUDevice, fixture: MntsmFixture, label: string): AsyncIterable<GoldenResult> {
  const { recipe } = fixture;
  const { accum = 1, lr = 0, steps = 1 } = recipe;
  const trainer = await EngineTrainer.create(device, definitionOf(fixture), {
    batchSize: fixture.clips,
    accumulation: accum,
    seed: 0,
    random: Math.random,
    optimizer: { name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: recipe.wd ?? 0, clipNorm: 0 },
  });
  const initial = new Map<string, NamedTensor>();
  for (const [name, tensor] of await trainer.weights())
    initial.set(name, tensor.dtype === 'I64' ? tensor : { ...tensor, data: fixture.weight(name) });
  await restoreWeights(trainer, initial);
  const batchOf = (batch: number) => ({
    clips: fixture.input(batch),
    label: fixture.labels(batch),
    weight: fixture.lossWeights(batch),
  });
  const losses: GoldenResult[] = [];
  const after: GoldenResult[] = [];
  for (let step = 1; step <= steps; step++) {
    const numbers = Array.from({ length: accum }, (_, k) => (step - 1) * accum + k);
    trainer.train(await stageAll(trainer, numbers.map(batchOf)), step, lr);
    const [record] = await trainer.losses();
    const recorded = numbers.map((k) => fixture.array(`loss.micro${k}`)?.[0] ?? NaN);
    const mean = recorded.reduce((sum, one) => sum + one, 0) / accum;
    losses.push(compare(`step ${step}`, [record?.loss ?? NaN], [mean], lossTolerance));
    const weights = await trainer.weights();
    for (const name of fixture.names.filter((one) => one.startsWith(`after${step}.`)))
      after.push(
        ...afterStep(
          fixture,
          name,
          Array.from(weights.get(name.slice(name.indexOf('.') + 1))?.data ?? [], Number),
          lr * step,
        ),
      );
  }
  const trained = new Map(
    [...(await trainer.weights())].map(([name, tensor]) => [name, recordedAfter(fixture, name, tensor)]),
  );
  await restoreWeights(trainer, trained);
  const predicted = await trainer.predict(await trainer.stage(batchOf(0)));
  trainer.dispose();
  const frames = fixture.config.segments;
  const { attention, frameScores: said } = predicted;
  const sums = Array.from({ length: fixture.clips }, (_, clip) =>
    attention!.slice(clip * frames, (clip + 1) * frames).reduce((sum, one) => sum + one, 0),
  );
  const frameScores = (fixture.array('output.eval_frame_logit') ?? []).map((one) => 1 / (1 + Math.exp(-one)));
  yield worstOf(`${label}/step losses`, losses);
  yield worstOf(`${label}/after steps`, after);
  yield worstOf(`${label}/evaluation`, [
    ...Object.entries({ ...predicted, eval_prob: predicted['score']! })
      .filter(([name]) => name.startsWith('eval_'))
      .map(([name, values]) => compare(name, values, fixture.array(`output.${name}`) ?? [], outputTolerance)),
    compare('frame scores', said!, frameScores, outputTolerance),
    compare('sum of attention', sums, new Float32Array(fixture.clips).fill(1), outputTolerance),
  ]);
}

/**
 * Whether a running statistic is of what directly follows a bias without gradient. Adam turns that bias's rounding into
 * steps, which a normalisation by the batch takes out again, but its running mean sees.
 */
function readsDeadBias({ config, dead }: MntsmFixture, key: string): boolean {
  const norms = normNames(config.architecture);
  const before = norms[norms.findIndex((name) => key.startsWith(`${name}.`)) - 1];
  return dead.has(`${before}.bias`);
}

/** A weight or buffer after steps whose rates add up to `travel`: how far Adam may go, and how alike the ways are. */
function afterStep(fixture: MntsmFixture, name: string, got: readonly number[], travel: number): GoldenResult[] {
  const key = name.slice(name.indexOf('.') + 1);
  const want = fixture.array(name) ?? new Float32Array(0);
  if (key.endsWith('num_batches_tracked')) return [compare(name, got, want, { atol: 0 })];
  if (/running_(mean|var)$/.test(key))
    return [compareLengths(name, got, want, readsDeadBias(fixture, key) ? 5e-3 : 1e-3)];
  const far = compare(`${name} at most`, got, want, { atol: 2.2 * travel });
  if (fixture.dead.has(key) || fixture.noisyAfter.has(name)) return [far];
  const start = fixture.weight(key);
  const change = (values: ArrayLike<number>) => Array.from(start, (value, i) => (values[i] ?? NaN) - value);
  const still = change(want).every((value) => value === 0);
  return [
    far,
    compareLengths(name, got, want, 1e-4),
    still
      ? compare(`${name} frozen`, got, want, { atol: 0 })
      : compareLengths(`${name} change`, change(got), change(want), 5e-2),
  ];
}
