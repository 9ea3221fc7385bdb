// A recorded clip classifier for the harness: its configuration and recipe, its inputs, what its results are called.
import { sizeOf, type Tensor } from '../../../src/engine/graph/tensor';
import { permute } from '../../../src/engine/ops/view';
import {
  architectures,
  type Architecture,
  type ArchitectureName,
  type Block,
} from '../../../src/models/mntsm/architecture';
import type { MntsmConfig } from '../../../src/models/mntsm/config';
import { clipDefinition } from '../../../src/models/mntsm/definition';
import { clipLoss } from '../../../src/models/mntsm/loss';
import { mntsmModel } from '../../../src/models/mntsm/model';
import { layersInShare, normNames, shiftSites } from '../../../src/models/mntsm/places';
import { upstreamProbability } from '../../../src/models/mntsm/pooling';
import { compare, equalLists, worstOf, type GoldenResult } from '../../helpers/golden';
import type { Recording } from '../../helpers/recording';
import { isLong } from '../group';
import type { GoldenModel } from '../model';
import { afterOf, judgeOf, tolerancesOf } from './verdicts';

interface UpstreamConfig {
  readonly model?: ArchitectureName;
  readonly arch?: readonly (readonly string[])[];
  readonly stem?: number;
  readonly head?: number;
  readonly clips: number;
  readonly size: number;
  readonly n_segment: number;
  readonly fold_div: number;
  readonly shift_mode: 'none' | 'dw' | 'residual';
  readonly shift_edge: 'replicate' | 'zero';
  readonly first_fold: 'past' | 'future';
  readonly aggregate: 'learned' | 'logit' | 'mean' | 'max';
  readonly bn_freeze: number;
  readonly shift_sites: readonly string[];
  readonly bn_order: readonly string[];
  /** Absent in some files. */
  readonly bn_frozen?: readonly string[];
}

interface Recipe {
  readonly loss: string;
  readonly labels: readonly (readonly number[] | number)[];
  readonly lr?: number;
  readonly wd?: number;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly accum?: number;
  readonly steps?: number;
}

/** `uir_r1_a5_k0_s2_e3_c24`, as timm writes blocks, for `inputs` channels. Expansions here always give multiples of 8. */
function parseBlock(text: string, inputs: number): Block {
  const [kind, ...parts] = text.split('_');
  const values = new Map(parts.map((part) => [part.charAt(0), Number(part.slice(1))]));
  const value = (letter: string): number => values.get(letter) ?? 0;
  const common = { stride: value('s'), outputs: value('c') };
  const middle = inputs * value('e');
  if (kind === 'cn') return { kind: 'plain', kernel: value('k'), ...common };
  if (kind === 'er') return { kind: 'fused', kernel: value('k'), middle, ...common };
  return { kind: 'inverted', startKernel: value('a'), middleKernel: value('k'), middle, ...common };
}

/** timm lets only a stage's first block stride, whatever the others say. */
function architectureOf({ model, arch = [], stem = 32, head = 1280 }: UpstreamConfig): Architecture {
  if (model) return architectures[model];
  let inputs = stem;
  const stages = arch.map((stage) =>
    stage.map((text, k) => {
      const block = { ...parseBlock(text, inputs), ...(k > 0 && { stride: 1 }) };
      inputs = block.outputs;
      return block;
    }),
  );
  return { stem, stages, head };
}

const placements = { none: 'none', dw: 'depthwise', residual: 'residual' } as const;
const edges = { replicate: 'replicate', zero: 'zeros' } as const;

function configOf(upstream: UpstreamConfig): MntsmConfig {
  const architecture = architectureOf(upstream);
  return {
    architecture,
    segments: upstream.n_segment,
    shift: {
      placement: placements[upstream.shift_mode],
      foldDivisor: upstream.fold_div,
      first: upstream.first_fold,
      edges: edges[upstream.shift_edge],
    },
    pooling: upstream.aggregate,
    dropout: 0,
    frozenNorms: { layers: layersInShare(architecture, upstream.bn_freeze), what: 'both' },
    headStart: 'linear',
  };
}

/** "focal BCE gamma 2, pos_weight 0.4472136, mean": the focal loss's gamma, 0 for plain cross-entropy, and the weight. */
function lossOf({ loss }: Recipe): { gamma: number; positiveWeight: number } {
  const number = (name: string): string | undefined => new RegExp(`(?<!no )${name} ([\\d.]*\\d)`).exec(loss)?.[1];
  return {
    gamma: loss.startsWith('focal') ? Number(number('gamma') ?? 2) : 0,
    positiveWeight: Number(number('pos_weight') ?? 1),
  };
}

/** The places of shifts and of frozen normalisations. No GPU. */
export function placesOf(recording: Recording): GoldenResult {
  const upstream = recording.json<UpstreamConfig>('config');
  const { architecture, shift, frozenNorms } = configOf(upstream);
  const norms = normNames(architecture);
  const frozen = norms.slice(0, frozenNorms.layers);
  return worstOf('places', [
    equalLists('sites of shifts', shiftSites(architecture, shift.placement), upstream.shift_sites),
    equalLists('normalisations', norms, upstream.bn_order),
    equalLists('frozen normalisations', frozen, upstream.bn_frozen ?? frozen),
  ]);
}

export function recordedMntsm(recording: Recording): GoldenModel {
  const upstream = recording.json<UpstreamConfig>('config');
  const recipe = recording.json<Recipe>('recipe');
  const config = configOf(upstream);
  const { clips, size: side } = upstream;
  const { gamma, positiveWeight } = lossOf(recipe);
  const { accum: accumulation = 1, steps = 0, lr = 0 } = recipe;
  const full = isLong(recording);
  const judge = judgeOf(recording);
  return {
    recording,
    definition: clipDefinition(config, { batch: clips, side, gamma, upstreamScores: false }),
    run: {
      optimizer: {
        name: 'AdamW',
        betas: recipe.betas ?? [0.9, 0.999],
        epsilon: recipe.eps ?? 1e-8,
        weightDecay: recipe.wd ?? 0,
        clipNorm: 0,
      },
      rate: lr,
      accumulation,
      steps,
      batchSize: clips,
    },
    train(p, inputs, { recompute }) {
      const results = new Map<string, Tensor>();
      const { logit, alpha, features } = mntsmModel(p, inputs['clips'] as Tensor, config, {
        training: true,
        ...(full && recompute === 'none' && { tap: tapInto(results) }),
      });
      for (const [name, tensor] of Object.entries({ logit, alpha, features })) results.set(name, tensor);
      const weight = inputs['weight'] as Tensor;
      return { total: clipLoss(logit, inputs['label'] as Tensor, { gamma, weight }), results };
    },
    evaluate(p, inputs) {
      const results = new Map<string, Tensor>();
      const { logit, alpha, features, frameLogits } = mntsmModel(p, inputs['clips'] as Tensor, config, {
        training: false,
        ...(full && { tap: tapInto(results) }),
      });
      const upstreamScore = config.pooling === 'learned' ? 'logit' : config.pooling;
      const prob_upstream = upstreamProbability(frameLogits, upstreamScore);
      const all = { logit, alpha, features, frame_logit: frameLogits, prob_upstream };
      for (const [name, tensor] of Object.entries(all)) results.set(name, tensor);
      return results;
    },
    batch(number) {
      const clip = recording.input(`clip${number}`, sizeOf([clips, config.segments, 3, side, side]));
      const label =
        recording.given(`input.label${number}`) ??
        Float32Array.from(full ? recipe.labels.flat() : [recipe.labels[number]!].flat());
      return { clips: clip, label, weight: label.map((one) => (one === 1 ? positiveWeight : 1)) };
    },
    trainedName(result, { step, batch }) {
      const [kind, key = ''] = result.split(' ');
      if (kind === 'gradient') return step === 1 && batch === 0 ? `output.micrograd.${key}` : '';
      if (kind === 'update') return step === 1 && batch === 0 ? `output.stats1.${key}` : '';
      if (result === 'loss') return full ? 'loss.train' : `loss.micro${batch}`;
      return full ? `output.train.${result}` : `output.${result}${batch}`;
    },
    evaluatedName: (result, step) => (full ? `output.eval.${result}` : step === steps ? `output.eval_${result}` : ''),
    judge,
    lossTolerance: tolerancesOf(recording).loss,
    judgeAfter: afterOf(recording, config),
    // What the product shows: the score of a clip, how much its frames count, the score of each frame.
    judgePrediction({ score, attention, frameScores }, step) {
      if (step !== steps) return [];
      const frames = config.segments;
      const sums = Array.from({ length: clips }, (_, clip) =>
        attention!.slice(clip * frames, (clip + 1) * frames).reduce((sum, one) => sum + one, 0),
      );
      const wanted = recording.want('output.eval_frame_logit').map((one) => 1 / (1 + Math.exp(-one)));
      const { output } = tolerancesOf(recording);
      return [
        recording.compare('output.eval_prob', score!, output),
        compare('scores of frames', frameScores!, wanted, output),
        compare('sums of attention', sums, new Float32Array(clips).fill(1), output),
      ];
    },
    // A normalisation's running mean sees the noise in biases whose gradient is zero (spec section 5).
    evaluateRecorded: true,
  };
}

/** Collects blocks, [frames, height, width, channels], as the file has them: channels before height. */
function tapInto(results: Map<string, Tensor>): (name: string, value: Tensor) => void {
  return (name, value) => results.set(name.replace(/^blocks/, 'block'), permute(value, [0, 3, 1, 2]));
}
