// Verdicts on a clip classifier's recorded values, by the tolerances that its file states.
import type { MntsmConfig } from '../../../src/models/mntsm/config';
import { normNames } from '../../../src/models/mntsm/places';
import { compare, largest, type GoldenResult } from '../../helpers/golden';
import type { KeyEntry } from '../../helpers/hashedWeights';
import { toleranceOf, type Recording } from '../../helpers/recording';
import { compareSummary } from '../../helpers/summaries';
import { isLong } from '../group';
import type { GoldenModel } from '../model';

type Written = Readonly<Record<'output' | 'features' | 'logit' | 'loss' | 'grad' | 'grad_norm' | 'stats', string>>;

/** What the file suggests, by what it is for. */
export function tolerancesOf(recording: Recording) {
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

/** Verdicts on results by what the file says of their kind. */
export function judgeOf(recording: Recording): GoldenModel['judge'] {
  const full = isLong(recording);
  const dead = new Set(recording.json<string[]>('dead_grad_keys', []));
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

/** Verdicts on weights after steps: how far Adam may go, and how alike the ways are. */
export function afterOf(recording: Recording, config: MntsmConfig): GoldenModel['judgeAfter'] {
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
