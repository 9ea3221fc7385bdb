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
import { compare, equalLists, largest, worstOf, type GoldenResult } from '../../helpers/golden';
import type { KeyEntry } from '../../helpers/hashedWeights';
import { toleranceOf, type Recording } from '../../helpers/recording';
import { compareSummary } from '../../helpers/summaries';
import { isLong } from '../group';
import type { GoldenModel } from '../model';

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
  const judge = judgeOf(recording, new Set(recording.json<string[]>('dead_grad_keys', [])));
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
    judgePrediction(prediction, step) {
      if (step !== steps) return [];
      const frames = config.segments;
      const width = 1 + 2 * frames;
      const column = (from: number, to: number) => prediction.filter((_, i) => i % width >= from && i % width < to);
      const attention = column(1, 1 + frames);
      const sums = Array.from({ length: clips }, (_, clip) =>
        attention.slice(clip * frames, (clip + 1) * frames).reduce((sum, one) => sum + one, 0),
      );
      const frameScores = recording.want('output.eval_frame_logit').map((one) => 1 / (1 + Math.exp(-one)));
      const { output } = tolerancesOf(recording);
      return [
        recording.compare('output.eval_prob', column(0, 1), output),
        compare('scores of frames', column(1 + frames, width), frameScores, output),
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

type Written = Readonly<Record<'output' | 'features' | 'logit' | 'loss' | 'grad' | 'grad_norm' | 'stats', string>>;

function tolerancesOf(recording: Recording) {
  const { suggest } = recording.json<{ suggest: Partial<Written> }>('tolerance');
  const read = (text: string | undefined) => toleranceOf(text ?? 'atol 0');
  return {
    output: read(suggest.output),
    features: read(suggest.features),
    logit: read(suggest.logit),
    loss: read(suggest.loss),
    gradient: read(suggest.grad),
    gradientNorm: read(suggest.grad_norm),
    // The full-size files state none for running statistics: the small ones' is theirs too.
    statistics: read(suggest.stats ?? 'rtol 1e-4 atol 1e-5'),
  };
}

/** A gradient that is zero in exact arithmetic is rounding: small beside the others. */
const DEAD = 1e-4;

function judgeOf(recording: Recording, dead: ReadonlySet<string>) {
  const full = isLong(recording);
  const allowed = tolerancesOf(recording);
  const gradients = recording.after('grad.').map((key) => largest(recording.given(`grad.${key}`)!));
  const ofDead = { atol: DEAD * Math.max(...gradients) };
  return (name: string, got: Float32Array): readonly GoldenResult[] => {
    const key = name.replace(/^(grad|output\.(micrograd|stats1))\./, '');
    if (/^(grad|output\.micrograd)\./.test(name)) {
      if (dead.has(key)) {
        recording.want(name);
        return [compare(`${name}, which is zero`, got, new Float32Array(got.length), ofDead)];
      }
      if (!full) return [recording.compare(name, got, allowed.gradient)];
      // "abs 0.1 * norm/sqrt(numel)"
      const firstTolerance = (norm: number) => ({ atol: (0.1 * norm) / Math.sqrt(got.length) });
      // The same in float64 lies beside most of them.
      return [name, `grad64.${key}`].flatMap((one) =>
        recording.has(one)
          ? compareSummary(one, got, {
              recorded: recording.want(one),
              sizeTolerance: allowed.gradientNorm,
              firstTolerance,
            })
          : [],
      );
    }
    if (name.startsWith('output.stats1.')) {
      if (!full) return [recording.compare(name, got, allowed.statistics)];
      const recorded = recording.want(name);
      return compareSummary(name, got, {
        recorded,
        sizeTolerance: allowed.statistics,
        firstTolerance: () => allowed.statistics,
      });
    }
    if (name.startsWith('loss.')) return [recording.compare(name, got, allowed.loss)];
    if (!full) return [recording.compare(name, got, allowed.output)];
    if (name.endsWith('.logit')) return [recording.compare(name, got, allowed.logit)];
    if (/\.(features|alpha)$/.test(name)) return [recording.compare(name, got, allowed.features)];
    // Blocks lead to the features: what holds for these holds for them, of their own spread.
    const share = allowed.features.ofLength ?? 0;
    return compareSummary(name, got, {
      recorded: recording.want(name),
      sizeTolerance: { rtol: share },
      firstTolerance: (norm) => ({ rtol: share, atol: (share * norm) / Math.sqrt(got.length) }),
    });
  };
}

/** How far Adam may go, and how alike the ways are. */
function afterOf(recording: Recording, config: MntsmConfig): GoldenModel['judgeAfter'] {
  const dead = new Set(recording.json<string[]>('dead_grad_keys', []));
  const noisy = recording.json<Record<string, number>>('noisy_after', {});
  const trained = new Set(recording.json<KeyEntry[]>('keys').flatMap(([key, , trainable]) => (trainable ? [key] : [])));
  const { suggest } = recording.json<{ suggest: { after?: string } }>('tolerance');
  const text = suggest.after ?? '';
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1]);
  const most = number(/max abs ([\d.]+)\*lr\*steps/);
  const ofChange = number(/of the change \([^)]*\) ([\d.e-]+)/);
  const ofValue = number(/of the value ([\d.e-]+)/);
  const norms = normNames(config.architecture);
  /**
   * Adam turns the rounding in a bias without gradient into steps, which the normalisation after it takes out again;
   * the running mean between them sees them. PyTorch's own f32 is then 1.5e-3 from its f64, ours up to 2.4e-3.
   */
  const readsNoise = (key: string, step: string): boolean => {
    const at = norms.findIndex((name) => key.startsWith(`${name}.`));
    const [before, layer] = [`${norms[at - 1]}.bias`, norms[at]!.replace(/\.?[^.]*$/, '.')];
    const ownNoise = Object.keys(noisy).some((name) => layer !== '.' && name.startsWith(`${step}.${layer}`));
    return ownNoise || (key.endsWith('running_mean') && (dead.has(before) || `${step}.${before}` in noisy));
  };
  return (name, key, got, travel) => {
    const want = recording.want(name);
    if (key.endsWith('num_batches_tracked')) return [compare(name, got, want, { atol: 0 })];
    if (/running_(mean|var)$/.test(key))
      return [compare(name, got, want, { ofLength: readsNoise(key, name.split('.')[0]!) ? 5e-3 : ofValue })];
    const far = compare(`${name} at most`, got, want, { atol: most * travel });
    if (dead.has(key) || name in noisy) return [far];
    const start = recording.weight(key, recording.shape(name))!;
    const change = (values: ArrayLike<number>) => Float64Array.from(start, (value, i) => (values[i] ?? NaN) - value);
    return [
      far,
      compare(name, got, want, { ofLength: ofValue }),
      trained.has(key)
        ? compare(`${name} change`, change(got), change(want), { ofLength: ofChange })
        : compare(`${name}, which is frozen,`, got, start, { atol: 0 }),
    ];
  };
}
