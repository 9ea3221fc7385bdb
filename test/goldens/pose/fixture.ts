// A recorded pose model: its configuration, weights and inputs as our model takes them.
import type { PoseConfig } from '../../../src/models/pose/config';
import type { PoseLossWeights } from '../../../src/models/pose/loss';
import type { NamedTensor, NamedTensors } from '../../../src/training/runtime';
import { readGolden } from '../../helpers/golden';
import { hashValues } from '../../helpers/hashValues';
import type { ParameterStore } from '../../../src/engine/device/parameterStore';
import { hashedWeight, type KeyEntry } from '../../helpers/hashedWeights';

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
    name: string;
    lr: number;
    wd: number;
    betas: [number, number];
    eps: number;
    root_rel?: boolean;
  };
  readonly steps?: number;
}

export interface PoseFixture {
  readonly config: PoseConfig;
  readonly batch: number;
  readonly recipe: Recipe;
  readonly lossWeights: PoseLossWeights;
  readonly keys: readonly KeyEntry[];
  readonly tolerance: Record<string, Record<string, number>>;
  readonly withoutGradient: readonly string[];
  /** A stored array, or null. */
  array(name: string): Float32Array | null;
  readonly names: readonly string[];
  readonly weights: NamedTensors;
  readonly pose2d: Float32Array;
  readonly pose3d: Float32Array;
}

/** Reads one file of fixtures/pose; weights and inputs that it does not store come from the formula. */
export function readFixture(folder: string, file: string): PoseFixture {
  const { tensors, metadata } = readGolden(folder, file);
  const json = <T>(key: string, otherwise: T): T =>
    metadata[key] === undefined ? otherwise : (JSON.parse(metadata[key]) as T);
  const upstream = json<UpstreamConfig>('config', {} as UpstreamConfig);
  const recipe = json<Recipe>('recipe', {});
  const keys = json<KeyEntry[]>('keys', []);
  const array = (name: string): Float32Array | null => {
    const found = tensors.get(name);
    return found ? Float32Array.from(found.data as Float32Array, Number) : null;
  };
  const weights = new Map<string, NamedTensor>();
  for (const [name, shape] of keys) {
    const data = array(`param.${name}`) ?? hashedWeight('w:', name, shape);
    if (name.endsWith('num_batches_tracked'))
      weights.set(name, { dtype: 'I64', shape: [], data: BigInt64Array.of(0n) });
    else if (data) weights.set(name, { dtype: 'F32', shape, data });
  }
  const clips = upstream.batch * upstream.n_frames * 17;
  const loss = recipe.loss_weights ?? { mpjpe: 1 };
  const weight = (key: string): number => loss[key] ?? 0;
  return {
    config: {
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
    },
    batch: upstream.batch,
    recipe,
    lossWeights: {
      mpjpe: weight('mpjpe'),
      nMpjpe: weight('n'),
      velocity: weight('v'),
      limbVariance: weight('lv'),
      limbLength: weight('lg'),
      angle: weight('a'),
      angleVelocity: weight('av'),
    },
    keys,
    tolerance: json('tolerance', {}),
    withoutGradient: json<string[]>('no_gradient', []),
    array,
    names: [...tensors.keys()],
    weights,
    pose2d: array('input.pose2d') ?? Float32Array.from(hashValues('in:pose2d', clips * upstream.dim_in)),
    pose3d: array('input.pose3d') ?? Float32Array.from(hashValues('in:pose3d', clips * 3), (value) => 0.5 * value),
  };
}

/** Gives the model the fixture's weights; what the formula leaves out (fixed matrices) keeps its initial value. */
export function initializeTo(parameters: ParameterStore, fixture: PoseFixture): void {
  parameters.initialize(() => 0.5);
  for (const { name, shape } of parameters.layout.places.values()) {
    const data = fixture.weights.get(name)?.data ?? hashedWeight('w:', name, shape);
    if (data instanceof Float32Array) parameters.write(name, data);
  }
}
