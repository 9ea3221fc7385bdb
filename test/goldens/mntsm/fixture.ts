// A recorded clip classifier: its configuration, weights and recipe as our model takes them.
import type { ParameterStore } from '../../../src/engine/device/parameterStore';
import { sizeOf } from '../../../src/engine/graph/tensor';
import {
  architectures,
  type Architecture,
  type ArchitectureName,
  type Block,
} from '../../../src/models/mntsm/architecture';
import type { MntsmConfig } from '../../../src/models/mntsm/config';
import { layersInShare } from '../../../src/models/mntsm/places';
import { readGolden } from '../../helpers/golden';
import { hashValues } from '../../helpers/hashValues';
import { hashedWeight, type KeyEntry } from '../../helpers/hashedWeights';

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
  readonly aggregate: 'learned' | 'logit';
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
  readonly accum?: number;
  readonly steps?: number;
}

export interface MntsmFixture {
  readonly config: MntsmConfig;
  readonly upstream: UpstreamConfig;
  readonly clips: number;
  readonly side: number;
  readonly recipe: Recipe;
  readonly gamma: number;
  readonly keys: readonly KeyEntry[];
  /** Parameters whose gradient is zero but for rounding. */
  readonly dead: ReadonlySet<string>;
  readonly noisyAfter: ReadonlySet<string>;
  readonly totalGradientNorm: number;
  readonly names: readonly string[];
  /** A stored array, or null. */
  array(name: string): Float32Array | null;
  /** Start value of a parameter or buffer. */
  weight(name: string): Float32Array;
  /** Clips of one micro-batch, [clips, segments, 3, side, side]. */
  input(batch: number): Float32Array;
  labels(batch: number): Float32Array;
  /** Factors on the losses of a micro-batch's clips. */
  lossWeights(batch: number): Float32Array;
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

/** Reads one file of fixtures/mntsm; weights and inputs that it does not store come from the formula. */
export function readFixture(folder: string, file: string): MntsmFixture {
  const { tensors, metadata } = readGolden(folder, file);
  const json = <T>(key: string, otherwise: T): T =>
    metadata[key] === undefined ? otherwise : (JSON.parse(metadata[key]) as T);
  const upstream = json<UpstreamConfig>('config', {} as UpstreamConfig);
  const recipe = json<Recipe>('recipe', {} as Recipe);
  const keys = json<KeyEntry[]>('keys', []);
  const shapes = new Map(keys.map(([name, shape]) => [name, shape]));
  const array = (name: string): Float32Array | null => {
    const found = tensors.get(name);
    return found ? Float32Array.from(found.data as Float32Array, Number) : null;
  };
  const architecture = architectureOf(upstream);
  const positiveWeight = Number(/pos_weight (0\.\d+)/.exec(recipe.loss)?.[1] ?? 1);
  const labels = (batch: number): Float32Array =>
    array(`input.label${batch}`) ?? Float32Array.from([recipe.labels[batch] ?? []].flat());
  return {
    config: {
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
    },
    upstream,
    clips: upstream.clips,
    side: upstream.size,
    recipe,
    gamma: recipe.loss.startsWith('focal') ? 2 : 0,
    keys,
    dead: new Set(json<string[]>('dead_grad_keys', [])),
    noisyAfter: new Set(Object.keys(json<Record<string, number>>('noisy_after', {}))),
    totalGradientNorm: Number(metadata['total_grad_norm']),
    names: [...tensors.keys()],
    array,
    weight(name) {
      const value = array(`param.${name}`) ?? hashedWeight('w:', name, shapes.get(name) ?? []);
      if (!value) throw new Error(`no start value for ${name}`);
      return value;
    },
    input(batch) {
      const size = sizeOf([upstream.clips, upstream.n_segment, 3, upstream.size, upstream.size]);
      return array(`input.clip${batch}`) ?? Float32Array.from(hashValues(`in:clip${batch}`, size));
    },
    labels,
    lossWeights: (batch) => labels(batch).map((label) => (label === 1 ? positiveWeight : 1)),
  };
}

/** Gives the model the fixture's weights. */
export function initializeTo(parameters: ParameterStore, fixture: MntsmFixture): void {
  for (const { name } of parameters.layout.places.values()) parameters.write(name, fixture.weight(name));
}
