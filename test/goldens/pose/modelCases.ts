// The pose model against PyTorch: every block's output, losses, every gradient, and the weights after optimiser steps.
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { compile, plan } from '../../../src/engine/device/compile';
import { Graph, type ParameterAttributes } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import type { Target } from '../../../src/engine/kernels/target';
import { gradients, trainable } from '../../../src/engine/passes/gradient';
import { poseLoss } from '../../../src/models/pose/loss';
import { poseModel } from '../../../src/models/pose/model';
import { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import type { ModelDefinition } from '../../../src/training/trainer/planTraining';
import { compare, worstOf, type GoldenResult } from '../../helpers/golden';
import { initializeTo, readFixture, type PoseFixture } from './fixture';
import { hashedWeight } from '../../helpers/hashedWeights';
import { restoreWeights } from '../../helpers/restoreWeights';

const tinyFiles = ['tiny_seed', 'tiny_seed_adam', 'tiny_full3', 'tiny_baseline', 'tiny_init', 'tiny_init_adam'];

/** All tiny models; fusion off and the other kernel variants are tried on the first. */
export async function* modelCases(
  folder: string,
  device: () => Promise<GPUDevice>,
  only = '',
): AsyncIterable<GoldenResult> {
  for (const file of tinyFiles) {
    const names = [`pose/${file}/forward`, `pose/${file}/steps`];
    if (only !== '' && !names.some((name) => name.includes(only))) continue;
    const opened = await device();
    const base = targetOf(opened, isSoftware(opened.adapterInfo));
    const fixture = readFixture(folder, file);
    yield* forwardAndGradients(opened, fixture, file, base, false);
    yield* optimizerSteps(opened, fixture, file, base);
    if (file !== 'tiny_seed') continue;
    yield* forwardAndGradients(opened, fixture, `${file} recomputed`, base, true);
    yield* forwardAndGradients(opened, fixture, `${file} without fusion`, { ...base, fusion: false }, false);
    yield* forwardAndGradients(opened, fixture, `${file} other variants`, { ...base, software: !base.software }, false);
  }
}

/** Largest difference relative to the largest value of the recorded tensor. */
function relativeToLargest(name: string, got: Float32Array, want: Float32Array, tolerance: number): GoldenResult {
  const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const { worst } = compare(name, got, want, { atol: 1 });
  const relative = largest === 0 ? worst : worst / largest;
  return { name, worst: relative, tolerance, ok: relative <= tolerance };
}

async function* forwardAndGradients(
  device: GPUDevice,
  fixture: PoseFixture,
  label: string,
  target: Target,
  recompute: boolean,
): AsyncIterable<GoldenResult> {
  const graph = new Graph(recompute ? 'all' : 'none');
  const p = new Parameters(graph);
  const { config, batch } = fixture;
  const pose2d = graph.input('pose2d', [batch, config.frames, 17, config.dimIn]);
  const pose3d = graph.input('pose3d', [batch, config.frames, 17, 3]);
  const results = new Map<string, Tensor>();
  const output = poseModel(p, pose2d, config, {
    training: true,
    tap: (name, value) => {
      if (!recompute) results.set(`output.train.${name}`, value);
    },
  });
  results.set('output.train', output);
  const { total, parts } = poseLoss(output, pose3d, fixture.lossWeights);
  for (const [name, part] of parts) results.set(`loss.${name}`, part);
  results.set('loss.total', total);
  for (const [tensor, gradient] of gradients(graph, total, trainable(graph))) {
    results.set(`grad.${(tensor.node.attributes as ParameterAttributes).name}`, gradient);
  }
  const planned = plan([{ name: 'golden', graph, results }], target);
  const { programs, parameters, buffers } = await compile(device, planned);
  initializeTo(parameters, fixture);
  const [program] = programs;
  if (!program) return;
  program.write('pose2d', fixture.pose2d);
  program.write('pose3d', fixture.pose3d);
  program.run(0, 1);
  const outputs: GoldenResult[] = [];
  const losses: GoldenResult[] = [];
  const found: GoldenResult[] = [];
  const { tolerance } = fixture;
  for (const name of results.keys()) {
    const want = fixture.array(name);
    if (!want) continue;
    const got = await program.read(name);
    if (name.startsWith('grad.'))
      found.push(relativeToLargest(name, got, want, tolerance['grad']?.['rel_to_tensor_max'] ?? 0));
    else if (name.startsWith('loss.')) losses.push(compare(name, got, want, tolerance['loss'] ?? {}));
    else outputs.push(compare(name, got, want, tolerance['output'] ?? {}));
  }
  buffers.dispose();
  const missing = fixture.names.filter((name) => /^grad\./.test(name) && !results.has(name));
  for (const name of missing) found.push({ name: `${name} is missing`, worst: Infinity, tolerance: 0, ok: false });
  for (const name of fixture.withoutGradient) {
    if (results.has(`grad.${name}`))
      found.push({ name: `${name} has a gradient`, worst: Infinity, tolerance: 0, ok: false });
  }
  yield worstOf(`pose/${label}/outputs`, outputs);
  yield worstOf(`pose/${label}/losses`, losses);
  yield worstOf(`pose/${label}/gradients`, found);
}

/** The fixture's model for the trainer. */
export function definitionOf(fixture: PoseFixture): ModelDefinition {
  const { config, batch, lossWeights } = fixture;
  return {
    inputs: { pose2d: [batch, config.frames, 17, config.dimIn], pose3d: [batch, config.frames, 17, 3] },
    loss: (p, inputs) =>
      poseLoss(
        poseModel(p, inputs['pose2d'] as Tensor, config, { training: true }),
        inputs['pose3d'] as Tensor,
        lossWeights,
      ),
    predict: (p, inputs) => ({ pose3d: poseModel(p, inputs['pose2d'] as Tensor, config, { training: false }) }),
  };
}

interface TrainerChoices {
  readonly target?: Target;
  readonly recompute?: 'none' | 'all';
  /** False leaves out the program for predictions. */
  readonly predictions?: boolean;
}

/** A trainer with the fixture's optimiser and weights. */
export async function trainerOf(
  device: GPUDevice,
  fixture: PoseFixture,
  { target, recompute = 'none', predictions = true }: TrainerChoices = {},
): Promise<EngineTrainer> {
  const { optimizer } = fixture.recipe;
  const whole = definitionOf(fixture);
  const definition = predictions ? whole : { inputs: whole.inputs, loss: whole.loss.bind(whole) };
  const trainer = await EngineTrainer.create(device, definition, {
    batchSize: fixture.batch,
    recompute,
    seed: 0,
    random: Math.random,
    optimizer: {
      name: optimizer?.name === 'Adam' ? 'Adam' : 'AdamW',
      betas: optimizer?.betas ?? [0.9, 0.999],
      epsilon: optimizer?.eps ?? 1e-8,
      weightDecay: optimizer?.wd ?? 1e-5,
      clipNorm: 0,
    },
    ...(target && { target }),
  });
  const initial = new Map(await trainer.weights());
  for (const [name, { dtype, shape }] of initial) {
    if (dtype === 'I64') continue;
    const stored = fixture.weights.get(name);
    const data = stored?.data ?? hashedWeight('w:', name, shape);
    if (data instanceof Float32Array) initial.set(name, { dtype, shape, data });
  }
  await restoreWeights(trainer, initial);
  return trainer;
}

async function* optimizerSteps(
  device: GPUDevice,
  fixture: PoseFixture,
  label: string,
  target: Target,
): AsyncIterable<GoldenResult> {
  const trainer = await trainerOf(device, fixture, { target });
  const batch = { pose2d: fixture.pose2d, pose3d: fixture.pose3d };
  const { tolerance, recipe } = fixture;
  const rate = recipe.optimizer?.lr ?? 1e-4;
  const evaluations = [
    compare(
      'output.eval',
      (await trainer.predict(await trainer.stage(batch)))['pose3d']!,
      fixture.array('output.eval') ?? [],
      tolerance['output'] ?? {},
    ),
  ];
  const losses: GoldenResult[] = [];
  const after: GoldenResult[] = [];
  for (let step = 1; step <= (recipe.steps ?? 3); step++) {
    trainer.train([await trainer.stage(batch)], step, rate);
    const [record] = await trainer.losses();
    const want = fixture.array(step === 1 ? 'loss.total' : `loss.step${step}.total`);
    if (want) losses.push(compare(`step ${step}`, [record?.loss ?? NaN], want, tolerance['loss'] ?? {}));
    const weights = await trainer.weights();
    for (const name of fixture.names.filter((one) => one.startsWith(`after${step}.`))) {
      const got = weights.get(name.slice(name.indexOf('.') + 1));
      after.push(
        almostAll(
          name,
          Array.from(got?.data ?? [], Number),
          fixture.array(name) as Float32Array,
          tolerance['after']?.['atol'] ?? 0,
        ),
      );
    }
  }
  const lastEvaluation = fixture.array('output.eval.after3');
  if (lastEvaluation)
    evaluations.push(
      compare(
        'output.eval.after3',
        (await trainer.predict(await trainer.stage(batch)))['pose3d']!,
        lastEvaluation,
        tolerance['output'] ?? {},
      ),
    );
  trainer.dispose();
  yield worstOf(`pose/${label}/evaluation`, evaluations);
  yield worstOf(`pose/${label}/step losses`, losses);
  yield worstOf(`pose/${label}/after steps`, after);
}

/** Adam may move an entry with a gradient near zero either way: 0.1 % of a tensor's entries may differ by more. */
function almostAll(name: string, got: readonly number[], want: Float32Array, atol: number): GoldenResult {
  const differences = Array.from(want, (value, i) => Math.abs((got[i] ?? Infinity) - value)).sort((a, b) => b - a);
  const worst = differences[Math.floor(want.length * 0.001)] ?? Infinity;
  return { name, worst, tolerance: atol, ok: worst <= atol };
}
