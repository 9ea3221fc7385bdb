// A narrow action detector against PyTorch: outputs, targets, losses, every gradient, weights after optimiser steps.
import { restoreWeights } from '../../helpers/restoreWeights';
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { Graph, type ParameterAttributes } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import { sizeOf, type Tensor } from '../../../src/engine/graph/tensor';
import { sigmoid } from '../../../src/engine/ops/activation';
import type { AdatadConfig } from '../../../src/models/adatad/config';
import { parameterGroup, type ParameterGroup } from '../../../src/models/adatad/groups';
import { pointLevels } from '../../../src/models/adatad/points';
import type { LabelledSegment } from '../../../src/samples/segments';
import { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import type { NamedTensor } from '../../../src/training/runtime';
import { stageAll } from '../../../src/training/trainer/stageAll';
import { compare, worstOf, type GoldenResult } from '../../helpers/golden';
import type { Recording } from '../../helpers/recording';
import type { OpenDevice } from '../group';
import {
  channelsLast,
  compareLengths,
  chunksOf,
  hashedFrames,
  maskOf,
  readRecorded,
  still,
  targetsOf,
  type Recorded,
} from './fixture';
import { inputShapes, lossOf, modelOf, trace, type TraceOptions } from './trace';

interface Upstream {
  readonly img_size: number;
  readonly frame_hw: readonly [number, number];
  readonly embed: number;
  readonly depth: number;
  readonly heads: number;
  readonly window: number;
  readonly proj: number;
  readonly det_heads: number;
  readonly arch: readonly [number, number, number];
  readonly classes: number;
  readonly valid: readonly number[];
  readonly gt: readonly { readonly segments: readonly (readonly [number, number])[]; readonly labels: number[] }[];
  readonly lr: number;
  readonly wd: number;
  readonly steps: number;
}

const lossTolerance = { rtol: 1e-5 };
/** Shares of a tensor's length; gradients that are zero but for rounding have none, only a largest value. */
const single = { outputs: 2e-5, losses: 1e-5, gradients: 1e-4, dead: 1e-6 };
/** With activations and their gradients as f16, which the specification allows 5e-3 in features. */
const halves = { outputs: 5e-3, losses: 1e-3, gradients: 5e-2, dead: 1e-3 };

interface Tiny {
  readonly recorded: Recorded;
  readonly upstream: Upstream;
  readonly config: AdatadConfig;
  readonly samples: number;
  /** What all steps are given. */
  readonly batch: Readonly<Record<string, Float32Array>>;
}

function readTiny(file: Recording): Tiny {
  const recorded = readRecorded(file);
  const upstream = recorded.json('config') as Upstream;
  const {
    window: frames,
    frame_hw: [side],
    embed: width,
    depth,
    heads,
    img_size: size,
  } = upstream;
  const [embedLayers, stemLayers, branches] = upstream.arch;
  const samples = upstream.valid.length;
  const config: AdatadConfig = {
    frames,
    side,
    backbone: { ...still.backbone, width, depth, heads, tableSide: size / 16 },
    detector: {
      ...still.detector,
      channels: upstream.proj,
      heads: upstream.det_heads,
      embedLayers,
      stemLayers,
      levels: branches + 1,
      classes: upstream.classes,
    },
  };
  const bytes = hashedFrames('in:frames', samples * 3 * frames * side * side);
  const chunks = chunksOf(bytes, samples, frames, side);
  const windows = upstream.gt.map(({ segments, labels }) =>
    segments.map((segment, i): LabelledSegment => ({ segment, label: labels[i]! })),
  );
  const targets = targetsOf(windows, config);
  return { recorded, upstream, config, samples, batch: { chunks, mask: maskOf(upstream.valid, frames), ...targets } };
}

/** All of the narrow model; fusion off, recomputation, other kernels and other pieces must not change it. */
export async function* tinyCases(file: Recording, device: OpenDevice): AsyncIterable<GoldenResult> {
  file.leave(/^ema3\./, 'moving averages are compared where the trainer keeps them');
  const tiny = readTiny(file);
  yield nameCase(tiny.recorded, tiny.config);
  yield groupCase(tiny.recorded);
  yield targetCase(tiny);
  const opened = await device();
  const base = targetOf(opened, isSoftware(opened.adapterInfo));
  const variants: Record<string, { tolerances?: typeof single } & TraceOptions> = {
    '': {},
    ' in pieces': { pieces: 4 },
    ' in pieces, recomputed': { pieces: 2, recompute: 'all' },
    ' recomputed': { recompute: 'all' },
    ' without fusion': { target: { ...base, fusion: false } },
    ' other variants': { target: { ...base, software: !base.software } },
    ...(opened.features.has('shader-f16') && {
      ' in halves': { target: { ...base, half: true }, tolerances: halves },
    }),
  };
  for (const [name, { tolerances = single, ...options }] of Object.entries(variants))
    yield* firstStep(opened, tiny, name.trimStart(), { tolerances, ...options });
  yield* optimizerSteps(opened, tiny);
}

/** Classes and distances that the points of the narrow model shall give, and the points themselves. No GPU. */
function targetCase({ recorded, config, batch }: Tiny): GoldenResult {
  const { classes, distances } = batch;
  const count = config.detector.classes;
  const levels = pointLevels(config.frames, config.detector.levels);
  const points = levels.flatMap(({ stride, points: length, range }) =>
    Array.from({ length }, (_, i) => [i * stride, ...range, stride]),
  );
  // Where there is no action, upstream has values that nobody reads.
  const positive = (point: number): boolean => classes!.subarray(point * count, (point + 1) * count).includes(1);
  const found = (values: Float32Array): Float32Array => values.filter((_, i) => positive(Math.floor(i / 2)));
  return worstOf('targets', [
    compare('classes', classes!, recorded.array('output.target_cls'), { atol: 1e-9 }),
    compare('distances', found(distances!), found(recorded.array('output.target_reg')), { atol: 1e-6 }),
    compare('points', points.flat(), recorded.array('output.points'), { atol: 1e-9 }),
  ]);
}

async function* firstStep(
  device: GPUDevice,
  tiny: Tiny,
  label: string,
  { tolerances, ...options }: { tolerances: typeof single } & TraceOptions,
): AsyncIterable<GoldenResult> {
  const { recorded, config, samples } = tiny;
  const { pieces = 1 } = options;
  const shapes = inputShapes(config, samples);
  const inputs = Object.fromEntries(
    Object.entries(tiny.batch).map(([name, data]) => [name, { shape: shapes[name]!, data }]),
  );
  const traced = await trace(
    device,
    recorded,
    inputs,
    (p, given) => {
      const results = new Map<string, Tensor>();
      const tap = (name: string, value: Tensor): void => void results.set(name, value);
      const output = modelOf(p, given, config, { training: true, pieces, tap });
      const { total, parts } = lossOf(p, output, given);
      for (const [name, value] of parts) results.set(name, value);
      return { results: results.set('total', total).set('mask', output.mask), loss: total };
    },
    options,
  );
  const wanted = (name: string): Float32Array => channelsLast(recorded.array(name), recorded.shape(name));
  const outputs: GoldenResult[] = [];
  if (pieces === 1) {
    const tokens = await traced.read(`block ${config.backbone.depth - 1}`);
    outputs.push(compareLengths('backbone', tokens, wanted('output.backbone_map'), tolerances.outputs));
  }
  outputs.push(compareLengths('features', await traced.read('features'), wanted('output.feat'), tolerances.outputs));
  for (const name of recorded.names.filter((one) => /^output\.(neck|cls|reg)\./.test(one)))
    outputs.push(compareLengths(name, await traced.read(name.slice(7)), wanted(name), tolerances.outputs));
  const masks = recorded.names.filter((one) => one.startsWith('output.mask.')).map((one) => recorded.array(one));
  outputs.push(compare('masks', await traced.read('mask'), interleaved(masks, samples), { atol: 1e-9 }));
  yield worstOf(`${label === '' ? '' : `${label}/`}outputs`, outputs);
  yield worstOf(`${label === '' ? '' : `${label}/`}losses`, [
    compare('class', await traced.read('class'), recorded.array('loss.cls_loss'), { rtol: tolerances.losses }),
    compare('segment', await traced.read('segment'), recorded.array('loss.reg_loss'), { rtol: tolerances.losses }),
    compare('total', await traced.read('total'), recorded.array('loss.cost'), { rtol: tolerances.losses }),
    compare(
      'normalizer',
      (await traced.read('update.rpn_head.loss_normalizer')).slice(0, 1),
      recorded.array('loss.steps').slice(3, 4),
      { rtol: tolerances.losses },
    ),
  ]);
  const ours = new Set(traced.names.filter((name) => name.startsWith('grad.')));
  const theirs = recorded.names.filter((name) => name.startsWith('grad.'));
  const found = [compare('number', [ours.size], [theirs.length], { atol: 0.5 })];
  for (const name of theirs) {
    const got = await traced.read(name);
    const want = recorded.array(name);
    if (recorded.dead.has(name.slice(5))) found.push(compare(name, got, want, { atol: tolerances.dead }));
    else found.push(compareLengths(name, got.slice(0, want.length), want, tolerances.gradients));
  }
  traced.dispose();
  yield worstOf(`${label === '' ? '' : `${label}/`}gradients`, found);
}

/** Rows [samples, n] of several levels as one row per sample. */
function interleaved(levels: readonly Float32Array[], samples: number): Float32Array {
  const rows = Array.from({ length: samples }, (_, k) =>
    levels.flatMap((one) => [...one.subarray((k * one.length) / samples, ((k + 1) * one.length) / samples)]),
  );
  return Float32Array.from(rows.flat());
}

/** Upstream's three groups: rates as factors of the detector's, and whether they lose weight. */
const groups: readonly { readonly name: ParameterGroup; readonly rate: number; readonly decays: boolean }[] = [
  { name: 'decayed', rate: 1, decays: true },
  { name: 'plain', rate: 1, decays: false },
  { name: 'adapter', rate: 2, decays: true },
];

async function* optimizerSteps(device: GPUDevice, tiny: Tiny): AsyncIterable<GoldenResult> {
  const { recorded, config, samples, upstream } = tiny;
  const trainer = await EngineTrainer.create(
    device,
    {
      inputs: inputShapes(config, samples),
      loss: (p, inputs) => lossOf(p, modelOf(p, inputs, config, { training: true }), inputs),
      predict(p, inputs) {
        const { logits, distances } = modelOf(p, inputs, config, { training: false });
        return { scores: sigmoid(logits), distances };
      },
    },
    {
      batchSize: samples,
      seed: 0,
      random: Math.random,
      optimizer: {
        ...{ name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: upstream.wd, clipNorm: 1 },
        groupOf: (name) => groups.findIndex((group) => group.name === parameterGroup(name)),
        groups: groups.map(({ decays }) => ({ weightDecay: decays ? upstream.wd : 0 })),
      },
    },
  );
  const initial = new Map<string, NamedTensor>();
  for (const [name, tensor] of await trainer.weights())
    initial.set(name, { ...tensor, dtype: 'F32', data: recorded.weight(name) });
  await restoreWeights(trainer, initial);
  const [losses, norms, after]: [GoldenResult[], GoldenResult[], GoldenResult[]] = [[], [], []];
  const wantedLosses = recorded.array('loss.steps');
  for (let step = 1; step <= upstream.steps; step++) {
    const rates = groups.map(({ rate }) => upstream.lr * rate);
    await trainer.train(await stageAll(trainer, [tiny.batch]), step, rates);
    const [record] = await trainer.losses();
    const { loss = NaN, parts = {}, gradientNorm = NaN } = record ?? {};
    const want = wantedLosses.slice((step - 1) * 4, step * 4);
    losses.push(
      compare(`step ${step}`, [parts['class'] ?? NaN, parts['segment'] ?? NaN, loss], want.slice(0, 3), lossTolerance),
    );
    norms.push(
      compare(`${step}`, [gradientNorm], recorded.array('loss.grad_norms_before_clip').slice(step - 1, step), {
        rtol: 1e-4,
      }),
    );
  }
  const weights = await trainer.weights();
  const normalizer = weights.get('rpn_head.loss_normalizer')?.data ?? [];
  losses.push(compare('normalizer', Array.from(normalizer, Number), wantedLosses.slice(-1), lossTolerance));
  for (const name of recorded.names.filter((one) => one.startsWith('after3.'))) {
    const key = name.slice(7);
    const got = Float32Array.from(weights.get(key)?.data ?? [], Number);
    const want = recorded.array(name);
    after.push(compare(`${name} at most`, got, want, { atol: 1e-4 }));
    if (!recorded.dead.has(key)) after.push(compareLengths(name, got, want, 2e-5));
  }
  const frozen = [...initial].filter(
    ([name]) => !recorded.names.includes(`after3.${name}`) && !name.endsWith('normalizer'),
  );
  for (const [name, { data }] of frozen)
    after.push(
      compare(`${name} frozen`, weights.get(name)?.data as Float32Array, data as Float32Array, { atol: 1e-12 }),
    );
  await trainer.predicts;
  const predicted = await trainer.predict(await trainer.stage(tiny.batch));
  trainer.dispose();
  yield worstOf('steps/losses', losses);
  yield worstOf('steps/gradient norms', norms);
  yield worstOf('steps/weights', after);
  yield worstOf('steps/evaluation', evaluation(tiny, predicted));
}

/** Scores and decoded segments of the valid points of each window. */
function evaluation({ recorded, config, upstream }: Tiny, predicted: Record<string, Float32Array>): GoldenResult[] {
  const levels = pointLevels(config.frames, config.detector.levels);
  const places = levels.flatMap(({ stride, points }) =>
    Array.from({ length: points }, (_, i) => [i * stride, stride] as const),
  );
  const { classes } = config.detector;
  return upstream.valid.flatMap((valid, sample) => {
    const [segments, scores]: [number[], number[]] = [[], []];
    places.forEach(([at, stride], point) => {
      if (at >= valid) return;
      const row = sample * places.length + point;
      const [left = NaN, right = NaN] = predicted['distances']!.slice(row * 2, row * 2 + 2);
      segments.push(at - left * stride, at + right * stride);
      scores.push(...predicted['scores']!.slice(row * classes, (row + 1) * classes));
    });
    return [
      compareLengths(`segments ${sample}`, segments, recorded.array(`output.test_segments.${sample}`), 1e-4),
      compareLengths(`scores ${sample}`, scores, recorded.array(`output.test_scores.${sample}`), 1e-4),
    ];
  });
}

/** Which of upstream's optimiser groups each parameter is in. No GPU. */
function groupCase(recorded: Recorded): GoldenResult {
  const wanted = recorded.json('optimizer_groups') as readonly (readonly string[])[];
  const names: readonly ParameterGroup[] = ['adapter', 'decayed', 'plain'];
  const odd = wanted.flatMap((group, k) => group.filter((name) => parameterGroup(name) !== names[k]));
  return compare(`groups of ${wanted.flat().length} (${odd.length} others)`, [odd.length], [0], {
    atol: 0.5,
  });
}

/** Names, shapes and what is trained of the traced model. No GPU. */
export function nameCase(recorded: Recorded, config: AdatadConfig): GoldenResult {
  const graph = new Graph();
  const p = new Parameters(graph);
  const shapes = inputShapes(config, 1);
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, shape)]));
  lossOf(p, modelOf(p, inputs, config, { training: true }), inputs);
  const ours = [...graph.parameters.values()].map((one) => {
    const { name, shape, trainable } = one.node.attributes as ParameterAttributes;
    return JSON.stringify([name, shape, trainable]);
  });
  const theirs = new Set(recorded.keys.map((key) => JSON.stringify(key)));
  const odd = [...theirs].filter((key) => !ours.includes(key)).length + ours.filter((key) => !theirs.has(key)).length;
  const count = (keys: readonly string[]): number =>
    keys.reduce((sum, key) => sum + sizeOf((JSON.parse(key) as [string, number[], boolean])[1]), 0);
  return worstOf(`names (${count(ours)} parameters)`, [
    compare('differing', [odd], [0], { atol: 0.5 }),
    compare('parameters', [count(ours)], [count([...theirs])], { atol: 0.5 }),
  ]);
}
