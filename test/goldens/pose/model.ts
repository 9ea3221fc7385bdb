// A recorded pose model for the harness: its configuration and recipe, its inputs, what its results are called.
import type { Tensor } from '../../../src/engine/graph/tensor';
import type { PoseConfig } from '../../../src/models/pose/config';
import { poseLoss, type PoseLossWeights } from '../../../src/models/pose/loss';
import { poseModel } from '../../../src/models/pose/model';
import type { ModelDefinition } from '../../../src/training/trainer/planTraining';
import { compare, largest, type GoldenResult } from '../../helpers/golden';
import { toleranceOf, type Recording } from '../../helpers/recording';
import { compareSummary } from '../../helpers/summaries';
import { isLong } from '../group';
import type { GoldenModel, GoldenRun } from '../model';

interface UpstreamConfig {
  readonly n_layers: number;
  readonly dim_in: number;
  readonly dim_feat: number;
  readonly dim_rep: number;
  readonly dim_out: number;
  readonly num_heads: number;
  readonly neighbour_num: number;
  readonly n_frames: number;
  readonly use_mamba_gcn: boolean;
  readonly mamba_gcn_use_attention: boolean;
  readonly batch: number;
}

interface Recipe {
  readonly loss_weights?: Readonly<Record<string, number>>;
  readonly optimizer?: {
    readonly name: 'Adam' | 'AdamW';
    readonly lr: number;
    readonly wd: number;
    readonly betas: readonly [number, number];
    readonly eps: number;
  };
  readonly steps?: number;
}

interface Tolerances {
  readonly output?: { readonly p99_abs?: number; readonly max_abs?: number };
  readonly loss?: object;
  readonly grad?: { readonly norm_rtol?: number; readonly first8_rel_to_norm?: string };
  readonly after?: { readonly atol: number; readonly note: string };
}

const JOINTS = 17;

function configOf(upstream: UpstreamConfig): PoseConfig {
  return {
    layers: upstream.n_layers,
    dimIn: upstream.dim_in,
    dimFeat: upstream.dim_feat,
    dimRep: upstream.dim_rep,
    dimOut: upstream.dim_out,
    mlpRatio: 4,
    heads: upstream.num_heads,
    neighbours: upstream.neighbour_num,
    frames: upstream.n_frames,
    branch: !upstream.use_mamba_gcn ? 'none' : upstream.mamba_gcn_use_attention ? 'full' : 'mamba-gcn',
    dropout: 0,
    layerScale: 1e-5,
    inputGain: 1,
  };
}

function lossWeightsOf({ loss_weights: recorded = { mpjpe: 1 } }: Recipe): PoseLossWeights {
  const weight = (key: string): number => recorded[key] ?? 0;
  return {
    mpjpe: weight('mpjpe'),
    nMpjpe: weight('n'),
    velocity: weight('v'),
    limbVariance: weight('lv'),
    limbLength: weight('lg'),
    angle: weight('a'),
    angleVelocity: weight('av'),
  };
}

/** Where the recipe is one of a training curve its optimiser is told in words, and the run is the curve's own. */
function runOf({ optimizer, steps = 0 }: Recipe, batchSize: number): GoldenRun {
  return {
    optimizer: {
      name: optimizer?.name ?? 'AdamW',
      betas: optimizer?.betas ?? [0.9, 0.999],
      epsilon: optimizer?.eps ?? 1e-8,
      weightDecay: optimizer?.wd ?? 0,
      clipNorm: 0,
    },
    rate: optimizer?.lr ?? 1e-4,
    accumulation: 1,
    steps,
    batchSize,
  };
}

/** The inputs that a file does not store, as its notes make them from hash values. */
function inputsOf(recording: Recording, { batch, n_frames: frames, dim_in: dimIn }: UpstreamConfig) {
  const tokens = batch * frames * JOINTS;
  const { notes } = recording;
  const pose2d = recording.input('pose2d', tokens * dimIn);
  const pose3d = recording.input('pose3d', tokens * 3);
  if (!recording.has('input.pose2d') && notes.includes('channel 2 mapped to (u+1)/2'))
    for (let at = 2; at < pose2d.length; at += dimIn) pose2d[at] = (pose2d[at]! + 1) / 2;
  if (recording.has('input.pose3d')) return { pose2d, pose3d };
  const scale = Number(/pose3d ?= ?([\d.]+)\*u/.exec(notes)?.[1] ?? 1);
  const scaled = pose3d.map((value) => scale * value);
  if (!notes.includes('minus joint 0')) return { pose2d, pose3d: scaled };
  return { pose2d, pose3d: scaled.map((value, i) => value - scaled[i - (i % (JOINTS * 3)) + (i % 3)]!) };
}

/** The fixture's model with its recipe; `run` replaces the recipe where the file tells it in words. */
export function recordedPose(recording: Recording, run?: GoldenRun): GoldenModel {
  const upstream = recording.json<UpstreamConfig>('config');
  const recipe = recording.json<Recipe>('recipe');
  const config = configOf(upstream);
  const lossWeights = lossWeightsOf(recipe);
  const { batch } = upstream;
  const definition: ModelDefinition = {
    inputs: { pose2d: [batch, config.frames, JOINTS, config.dimIn], pose3d: [batch, config.frames, JOINTS, 3] },
    loss: (p, inputs) =>
      poseLoss(
        poseModel(p, inputs['pose2d'] as Tensor, config, { training: true }),
        inputs['pose3d'] as Tensor,
        lossWeights,
      ),
    predict: (p, inputs) => ({ pose3d: poseModel(p, inputs['pose2d'] as Tensor, config, { training: false }) }),
  };
  const judge = judgeOf(recording);
  const recordedRun = run ?? runOf(recipe, batch);
  return {
    recording,
    definition,
    run: recordedRun,
    train(p, inputs, { recompute }) {
      const results = new Map<string, Tensor>();
      const output = poseModel(p, inputs['pose2d'] as Tensor, config, {
        training: true,
        tap(name, value) {
          // What lies inside a block that is computed again does not outlive it.
          if (recompute === 'none' || /^layers\.\d+$/.test(name)) results.set(`output.train.${name}`, value);
        },
      });
      results.set('output.train', output);
      const { total, parts } = poseLoss(output, inputs['pose3d'] as Tensor, lossWeights);
      for (const [name, part] of parts) results.set(`loss.${name}`, part);
      return { total, results };
    },
    evaluate(p, inputs) {
      const x = inputs['pose2d'] as Tensor;
      return new Map([['output', poseModel(p, x, config, { training: false })]]);
    },
    batch: () => inputsOf(recording, upstream),
    trainedName(result, { step }) {
      if (result === 'loss') return step === 1 ? 'loss.total' : `loss.step${step}.total`;
      if (step > 1) return '';
      if (result.startsWith('update ')) return `after_forward.${result.slice('update '.length)}`;
      return recording.has(`${result}.head`) ? `${result}.head` : result;
    },
    evaluatedName: (_result, step) => (step === 0 ? 'output.eval' : `output.eval.after${step}`),
    judge,
    lossTolerance: toleranceOf(recording.json<Tolerances>('tolerance').loss ?? { rtol: 0 }),
    judgeAfter(name, key, got, travel) {
      const { atol, note } = recording.json<Tolerances>('tolerance').after!;
      const noisy = recording.json<string[]>('noise_driven_after_keys', []);
      // Adam moves such a weight by up to its rate a step, either way.
      if (noisy.includes(key) || noisy.includes(name)) return [recording.compare(name, got, { atol: 2 * travel })];
      const exempt = Number(/allow ([\d.]+)% of the entries/.exec(note)?.[1] ?? 0) / 100;
      return [recording.compare(name, got, { atol, exempt })];
    },
    judgePrediction({ pose3d }, step) {
      const name = step === 0 ? 'output.eval' : `output.eval.after${step}`;
      return judge(name, pose3d!);
    },
  };
}

/** By what the file says of the kind of value. */
function judgeOf(recording: Recording) {
  const tolerance = recording.json<Tolerances>('tolerance');
  const ofOutput = (name: string, got: Float32Array): GoldenResult[] => {
    const { p99_abs: most99, max_abs: most } = tolerance.output ?? {};
    if (most99 === undefined || most === undefined)
      return [recording.compare(name, got, toleranceOf(tolerance.output))];
    return [
      { ...recording.compare(name, got, { atol: most99, exempt: 0.01 }), name: `99 % of ${name}` },
      recording.compare(name, got, { atol: most }),
    ];
  };
  const ofGradient = (name: string, got: Float32Array): GoldenResult[] => {
    if (!isLong(recording)) return [recording.compare(name, got, toleranceOf(tolerance.grad))];
    const { norm_rtol: rtol = 0, first8_rel_to_norm: text = '' } = tolerance.grad ?? {};
    const [ofFirst = 0, ofNorm = 0] = [...text.matchAll(/\d[\d.]*e-\d+/g)].map(Number);
    return compareSummary(name, got, {
      recorded: recording.want(name),
      sizeTolerance: { rtol },
      firstTolerance: (norm, first) => ({ atol: ofFirst * largest(first) + ofNorm * norm }),
    });
  };
  return (name: string, got: Float32Array): readonly GoldenResult[] => {
    if (name.startsWith('grad.')) return ofGradient(name, got);
    if (name.startsWith('loss.')) return [recording.compare(name, got, toleranceOf(tolerance.loss))];
    if (name.startsWith('after_forward.')) {
      const want = recording.want(name);
      return [compare(name, got.subarray(0, want.length), want, statisticsTolerance)];
    }
    if (!name.endsWith('.head')) return ofOutput(name, got);
    return compareSummary(name, got, {
      recorded: recording.want(name),
      size: 'rms',
      sizeTolerance: { rtol: 1e-4 },
      firstTolerance: () => ({ atol: tolerance.output?.p99_abs ?? 0, exempt: 0.1 }),
    });
  };
}

const statisticsTolerance = { rtol: 1e-4, atol: 1e-5 };
