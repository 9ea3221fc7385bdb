// What settings ask of a device, found out without one: the model is traced and planned, nothing is compiled.
import { defaultTarget, type Target } from '../../engine/kernels/target';
import type { AdapterReport, Forecast } from '../protocol';
import { batchesPerEpoch } from '../../samples/sampler';
import { trainingParts, type TrainerOrder } from './createTrainer';
import { LOSS_SCALING } from './lossScaling';
import { planTraining } from './planTraining';

/** What a plan needs to know of an adapter. */
export type ForecastDevice = Pick<AdapterReport, 'software' | 'features' | 'limits'>;

/** The measured rate does not count: what else is equal is planned equally. */
export function forecastDevice({ software, features, limits }: AdapterReport): ForecastDevice {
  return { software, features, limits };
}

export interface ForecastOrder extends Pick<TrainerOrder, 'runtime' | 'settings' | 'facts'> {
  /** WebGPU's default limits where it is not known yet. */
  readonly adapter: ForecastDevice | null;
  /** Of the data, where it was read. */
  readonly trainClips: number | null;
}

/** Bytes and work of these settings. Throws UserError `tensor-too-large` or `memory-budget` where they do not fit. */
export function forecast({ adapter, trainClips, ...order }: ForecastOrder): Forecast {
  const { model, batchSize, accumulation, recompute, optimizer, mixedPrecision } = trainingParts(order);
  const half = mixedPrecision && adapter?.features.includes('shader-f16') === true;
  const settings = { ...optimizer, ...(half && { lossScaling: LOSS_SCALING }) };
  const { planned, bytes } = planTraining(model, targetFor(adapter, half), settings, { recompute, accumulation });
  const pages = planned.parameters.pages.map(({ begin, end }) => end - begin);
  return {
    bytes,
    largestBufferBytes: Math.max(...planned.arenaBytes, ...pages),
    // Of one batch; a step adds up several.
    gigaflopsPerStep: (accumulation * planned.programs[0]!.flops) / 1e9,
    stepsPerEpoch: trainClips === null ? null : Math.ceil(batchesPerEpoch(trainClips, batchSize) / accumulation),
  };
}

function targetFor(adapter: ForecastDevice | null, half: boolean): Target {
  if (!adapter) return defaultTarget;
  const { software, features, limits } = adapter;
  const bufferBytes = limits['maxBufferSize'] ?? defaultTarget.bufferBytes;
  const bindingBytes = limits['maxStorageBufferBindingSize'] ?? defaultTarget.storageBindingBytes;
  return {
    ...defaultTarget,
    ...{ software, unrolls: software, half, bufferBytes },
    quads: features.includes('subgroups'),
    storageBindingBytes: Math.min(bindingBytes, bufferBytes),
  };
}
