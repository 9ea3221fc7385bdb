// A recorded model from its first forward pass to its last optimiser step, held against what its file has of them.
import { isSoftware, targetOf } from '../../src/engine/device/adapter';
import { Graph, type ParameterAttributes } from '../../src/engine/graph/graph';
import { Parameters } from '../../src/engine/graph/parameters';
import type { Tensor } from '../../src/engine/graph/tensor';
import { EngineTrainer, type TrainerOptions } from '../../src/training/trainer/engineTrainer';
import { restoreWeights } from '../helpers/restoreWeights';
import { stageAll } from '../../src/training/trainer/stageAll';
import type { NamedTensors } from '../../src/training/runtime';
import { compare, equalLists, type GoldenResult } from '../helpers/golden';
import type { KeyEntry } from '../helpers/hashedWeights';
import { Headings, type OpenDevice } from './group';
import { firstStep, judged } from './firstStep';
import { inputOf, traceEvaluation, traceTraining, type GoldenModel, type TraceChoices } from './model';

/**
 * All that a file can hold of a small model: every output, loss, gradient and running statistic of the first step, as
 * is and where blocks are computed again, kernels stay unfused or other variants run; then all optimiser steps.
 */
export async function* smallModel(
  model: GoldenModel,
  open: OpenDevice,
  { variants }: { readonly variants: boolean },
): AsyncIterable<GoldenResult> {
  const device = await open();
  const base = targetOf(device, isSoftware(device.adapterInfo));
  yield keysOf(model);
  yield* firstStep(device, model);
  yield* trainedSteps(device, model);
  if (!variants) return;
  yield* firstStep(device, model, 'recomputed: ', { recompute: 'all' });
  yield* firstStep(device, model, 'without fusion: ', { target: { ...base, fusion: false } });
  yield* firstStep(device, model, 'other variants: ', { target: { ...base, software: !base.software } });
}

/** A trainer of the product's own definition with the recorded optimiser and weights. */
export async function trainerOf(
  device: GPUDevice,
  { recording, definition, run }: GoldenModel,
  options: Partial<TrainerOptions> = {},
): Promise<EngineTrainer> {
  const { optimizer, accumulation, batchSize } = run;
  const trainer = await EngineTrainer.create(device, definition, {
    batchSize,
    accumulation,
    optimizer,
    seed: 0,
    random: () => 0.5,
    ...options,
  });
  const start = [...(await trainer.weights())].map(([name, tensor]) => {
    const data = tensor.dtype === 'I64' ? null : recording.weight(name, tensor.shape);
    return [name, data ? { ...tensor, data } : tensor] as const;
  });
  await restoreWeights(trainer, new Map(start));
  return trainer;
}

/** Losses of every step, outputs of its batches, weights and evaluations where the file has them. */
async function* trainedSteps(device: GPUDevice, model: GoldenModel): AsyncIterable<GoldenResult> {
  const { recording, run } = model;
  const headings = new Headings();
  const trainer = await trainerOf(device, model);
  const [training, evaluation] = [await traceTraining(device, model), await traceEvaluation(device, model)];
  const others = [...training.shapes.keys()].filter((name) => !/^(gradient|update) /.test(name));

  async function evaluate(step: number): Promise<void> {
    const wanted = [...evaluation.shapes.keys()].filter((name) => recording.has(model.evaluatedName(name, step)));
    if (wanted.length === 0) return;
    const weights = await trainer.weights();
    const recorded = model.evaluateRecorded ? recordedAfter(model, weights, step) : weights;
    evaluation.write(recorded);
    evaluation.run(model.batch(0));
    for (const { found } of await judged(model, evaluation, wanted, (name) => model.evaluatedName(name, step)))
      headings.add('evaluation', ...found);
    await restoreWeights(trainer, recorded);
    const [staged] = await stageAll(trainer, [model.batch(0)]);
    await trainer.predicts;
    headings.add('evaluation', ...model.judgePrediction(await trainer.predict(staged!), step));
  }

  await evaluate(0);
  for (let step = 1; step <= run.steps; step++) {
    const numbers = Array.from({ length: run.accumulation }, (_, k) => (step - 1) * run.accumulation + k);
    // The first step's batches have been judged with their gradients.
    if (step > 1) training.write(await trainer.weights());
    for (const batch of step > 1 ? numbers : []) {
      training.run(model.batch(batch));
      const nameOf = (result: string) => model.trainedName(result, { step, batch });
      for (const { kind, found } of await judged(model, training, others, nameOf))
        headings.add(`${kind} of steps`, ...found);
    }
    await trainer.train(
      await stageAll(
        trainer,
        numbers.map((number) => model.batch(number)),
      ),
      step,
      run.rate,
    );
    const [record] = await trainer.losses();
    headings.add('step losses', ...stepLoss(model, step, numbers, record?.loss ?? NaN));
    const weights = await trainer.weights();
    for (const key of recording.after(`after${step}.`)) {
      const got = Float32Array.from((weights.get(key)?.data ?? []) as ArrayLike<number | bigint>, Number);
      headings.add('after steps', ...model.judgeAfter(`after${step}.${key}`, key, got, run.rate * step));
    }
  }
  // Only now: restoring the recorded weights makes the optimiser as new.
  if (run.steps > 0) await evaluate(run.steps);
  for (const one of [trainer, training, evaluation]) one.dispose();
  yield* headings.lines();
}

function recordedAfter({ recording }: GoldenModel, weights: NamedTensors, step: number): NamedTensors {
  return new Map(
    [...weights].map(([name, tensor]) => {
      const data = tensor.dtype === 'I64' ? null : recording.given(`after${step}.${name}`);
      return [name, data ? { ...tensor, data } : tensor];
    }),
  );
}

/** The trainer's loss of a step against the mean of those recorded of its batches. */
function stepLoss(model: GoldenModel, step: number, batches: readonly number[], got: number): GoldenResult[] {
  const names = batches.map((batch) => model.trainedName('loss', { step, batch }));
  if (!names.every((name) => model.recording.has(name))) return [];
  const values = names.map((name) => model.recording.want(name)[0]!);
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  return [compare(`step ${step}`, [got], [mean], model.lossTolerance)];
}

/** A published model at full size: an evaluation and one training step, of which the file holds sizes and first values. */
export async function* fullModel(
  model: GoldenModel,
  open: OpenDevice,
  choices: TraceChoices = {},
): AsyncIterable<GoldenResult> {
  const device = await open();
  yield keysOf(model);
  const traced = await traceEvaluation(device, model);
  traced.run(model.batch(0));
  const headings = new Headings();
  for (const { found } of await judged(model, traced, traced.shapes.keys(), (name) => model.evaluatedName(name, 0)))
    headings.add('evaluation', ...found);
  traced.dispose();
  yield* headings.lines();
  yield* firstStep(device, model, '', choices);
}

/** Names and shapes of the state_dict, and what is trained; no GPU. */
function keysOf({ recording, definition }: GoldenModel): GoldenResult {
  const graph = new Graph();
  const inputs = Object.entries(definition.inputs).map(([name, one]) => [name, inputOf(graph, name, one)]);
  definition.loss(new Parameters(graph), Object.fromEntries(inputs) as Record<string, Tensor>);
  const parameters = [...graph.parameters.values()].map((one) => one.node.attributes as ParameterAttributes);
  const ours = [
    ...parameters.map(({ name, shape, trainable }) => [name, shape, trainable] as const),
    ...[...graph.counters.keys()].map((name) => [name, [], false] as const),
  ];
  const byName = (a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]): number =>
    a[0] < b[0] ? -1 : 1;
  return equalLists('keys', ours.sort(byName), recording.json<KeyEntry[]>('keys').sort(byName));
}
