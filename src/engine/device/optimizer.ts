// The optimiser on the GPU: its arrays beside the parameters, three dispatches a step whatever the number of tensors.
import { invariant } from '../../errors';
import {
  exchangeAverages,
  GROUPS,
  NORM_PARTS,
  normParts,
  normTotal,
  optimizerUpdate,
  stateNames,
  type OptimizerRule,
} from '../kernels/optimizer';
import { ALIGNMENT } from '../passes/memory';
import type { Buffers } from './buffers';
import type { ParameterStore } from './parameterStore';
import type { Pipelines } from './pipelines';

export type OptimizerSettings = OptimizerRule & {
  /** Of parameters outside of `groups`. */
  readonly weightDecay: number;
  /** Largest global norm of the gradient; 0 means no limit. */
  readonly clipNorm: number;
  /** Group number per parameter, 0 where absent; each group has a rate of its own at every step. */
  readonly groupOf?: (name: string) => number;
  readonly groups?: readonly { readonly weightDecay: number }[];
  /** Decay of an exponential moving average of the parameters that is kept beside them. */
  readonly ema?: number;
  /** Dynamic loss scaling: where it starts, and after how many steps without overflow it doubles. */
  readonly lossScaling?: { readonly start: number; readonly growthInterval: number };
};

/** Learning rates of one step: one for all groups, or one each. */
export type Rates = number | readonly number[];

/** What is special about one step. */
export interface StepOptions {
  /** Groups that keep what they have. */
  readonly sitsOut?: (group: number) => boolean;
  /** Batches whose gradients were added up; their mean counts. */
  readonly batches?: number;
}

/** What one step did. */
export interface StepOutcome {
  /** Before clipping, without the loss scale. */
  readonly gradientNorm: number;
  readonly finite: boolean;
  /** Steps so far that were left out because the gradient was not finite. */
  readonly skipped: number;
  /** What the next step's loss is multiplied with. */
  readonly lossScale: number;
}

/** Leading bytes of the state buffer that say what a step did. */
export const OUTCOME_BYTES = 32;
/** Where the loss scale lies in the state buffer. */
export const LOSS_SCALE_OFFSET = 16;
const STATE_BYTES = OUTCOME_BYTES + GROUPS * 16;
/** Words of the state buffer that hold counts. */
const SKIPPED_PLACE = 3;
const GOOD_PLACE = 5;
const COUNT_PLACES = [
  ...Array.from({ length: GROUPS }, (_, k) => OUTCOME_BYTES / 4 + k * 4),
  SKIPPED_PLACE,
  GOOD_PLACE,
];
const HYPER_BYTES = 48 + GROUPS * 16;

/** Bytes that the optimiser of these parameters will hold. */
export function optimizerBytes(settings: OptimizerSettings, trainedBytes: number): number {
  const arrays = stateNames(settings).length + (settings.ema === undefined ? 0 : 1);
  const groupBytes = Math.max(16, (trainedBytes / ALIGNMENT) * 4);
  return arrays * trainedBytes + groupBytes + NORM_PARTS * 8 + STATE_BYTES + HYPER_BYTES;
}

interface OptimizerDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number];
}

/** A rule's decay rates (β₁ or momentum, β₂ or α) and ε. */
function ratesOf(rule: OptimizerRule): { first: number; second: number; epsilon: number } {
  switch (rule.name) {
    case 'SGD':
      return { first: rule.momentum, second: 0, epsilon: 0 };
    case 'RMSprop':
      return { first: rule.momentum, second: rule.alpha, epsilon: rule.epsilon };
    default:
      return { first: rule.betas[0], second: rule.betas[1], epsilon: rule.epsilon };
  }
}

export class Optimizer {
  /** How many numbers `counts` gives. */
  static readonly countsKept = COUNT_PLACES.length;
  readonly settings: OptimizerSettings;
  readonly state: GPUBuffer;
  /** What it keeps of each trained parameter, in the parameters' layout: arrays under PyTorch's names, and `ema`. */
  readonly arrays: ReadonlyMap<string, GPUBuffer>;
  readonly #trainedBytes: number;
  readonly #buffers: Buffers;
  readonly #parameters: ParameterStore;
  readonly #hyper: GPUBuffer;
  readonly #hyperData = new ArrayBuffer(HYPER_BYTES);
  readonly #dispatches: readonly OptimizerDispatch[];
  readonly #exchange: OptimizerDispatch | null;

  private constructor(
    settings: OptimizerSettings,
    shared: { buffers: Buffers; parameters: ParameterStore },
    own: { arrays: ReadonlyMap<string, GPUBuffer>; state: GPUBuffer; hyper: GPUBuffer },
    dispatches: readonly OptimizerDispatch[],
    exchange: OptimizerDispatch | null,
  ) {
    this.settings = settings;
    this.state = own.state;
    this.arrays = own.arrays;
    this.#hyper = own.hyper;
    this.#buffers = shared.buffers;
    this.#parameters = shared.parameters;
    this.#trainedBytes = shared.parameters.layout.trainedBytes;
    this.#dispatches = dispatches;
    this.#exchange = exchange;
  }

  /** Makes buffers and pipelines. Call `reset` once the parameters have their values. */
  static async create(
    settings: OptimizerSettings,
    buffers: Buffers,
    pipelines: Pipelines,
    parameters: ParameterStore,
    gradients: GPUBuffer,
  ): Promise<Optimizer> {
    const { device } = buffers;
    const { trainedBytes, places } = parameters.layout;
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const names = [...stateNames(settings), ...(settings.ema === undefined ? [] : ['ema'])];
    const arrays = new Map(names.map((name) => [name, buffers.create(name, trainedBytes, storage)]));
    const average = arrays.get('ema');
    const parts = buffers.create('gradient norm parts', NORM_PARTS * 8, GPUBufferUsage.STORAGE);
    const state = buffers.create('optimizer state', STATE_BYTES, storage);
    const hyper = buffers.create('optimizer settings', HYPER_BYTES, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    const groupOf = buffers.create(
      'parameter groups',
      (trainedBytes / ALIGNMENT) * 4,
      GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    );
    const table = new Uint32Array(trainedBytes / ALIGNMENT);
    for (const { name, offset, bytes } of places.values()) {
      if (offset >= trainedBytes) continue;
      const group = settings.groupOf?.(name) ?? 0;
      invariant(group < GROUPS, `${name} is in group ${group}`);
      table.fill(group, offset / ALIGNMENT, Math.ceil((offset + bytes) / ALIGNMENT));
    }
    device.queue.writeBuffer(groupOf, 0, table);
    const kernels = [
      { source: normParts, entryPoint: 'gradient_norm_parts', label: 'gradient norm parts', access: 'urww' },
      { source: normTotal, entryPoint: 'gradient_norm', label: 'gradient norm', access: 'urw' },
      {
        source: optimizerUpdate(settings, settings.ema !== undefined),
        entryPoint: 'optimizer_update',
        label: settings.name,
        access: `uwrrr${'w'.repeat(names.length)}`,
      },
      ...(average
        ? [{ source: exchangeAverages, entryPoint: 'exchange_averages', label: 'exchange averages', access: 'ww' }]
        : []),
    ];
    const compiled = await pipelines.compile(kernels);
    const invocations = Math.ceil(trainedBytes / 16 / 64);
    const most = device.limits.maxComputeWorkgroupsPerDimension;
    const height = Math.ceil(invocations / most);
    const used = { buffer: parameters.buffer, size: trainedBytes };
    const bindings: GPUBindingResource[][] = [
      [{ buffer: hyper }, { buffer: gradients }, { buffer: state }, { buffer: parts }],
      [{ buffer: hyper }, { buffer: parts }, { buffer: state }],
      [
        { buffer: hyper },
        used,
        { buffer: gradients },
        { buffer: groupOf },
        { buffer: state },
        ...[...arrays.values()].map((buffer) => ({ buffer })),
      ],
      ...(average ? [[used, { buffer: average }]] : []),
    ];
    const all: [number, number] = [Math.ceil(invocations / height), height];
    const workgroups: [number, number][] = [[NORM_PARTS / 64, 1], [1, 1], all, all];
    const [parted, total, update, exchange = null] = kernels.map(({ label, access }, k) => ({
      pipeline: compiled[k] as GPUComputePipeline,
      bindGroup: device.createBindGroup({
        label,
        layout: pipelines.layout(access),
        entries: (bindings[k] ?? []).map((resource, binding) => ({ binding, resource })),
      }),
      workgroups: workgroups[k] as [number, number],
    }));
    const own = { arrays, state, hyper };
    const dispatches = [parted!, total!, update!];
    const optimizer = new Optimizer(settings, { buffers, parameters }, own, dispatches, exchange);
    new Uint32Array(optimizer.#hyperData, 24, 2).set([trainedBytes / 16, NORM_PARTS]);
    optimizer.reset();
    return optimizer;
  }

  get dispatches(): number {
    return this.#dispatches.length;
  }

  /** Starts anew: arrays of zeros, the moving average at the parameters' present values. */
  reset(): void {
    const { device } = this.#buffers;
    const encoder = device.createCommandEncoder({ label: 'reset optimizer' });
    for (const [name, buffer] of this.arrays) {
      if (name === 'ema') encoder.copyBufferToBuffer(this.#parameters.buffer, 0, buffer, 0, this.#trainedBytes);
      else encoder.clearBuffer(buffer);
    }
    device.queue.submit([encoder.finish()]);
    this.writeCounts([]);
    this.writeLossScale(this.settings.lossScaling?.start ?? 1);
  }

  /** Writes this step's rates; takes effect for what is submitted next. */
  prepare(learningRates: Rates, { sitsOut = () => false, batches = 1 }: StepOptions = {}): void {
    const { clipNorm, weightDecay, groups, ema, lossScaling } = this.settings;
    const { first, second, epsilon } = ratesOf(this.settings);
    new Float32Array(this.#hyperData, 0, 6).set([
      1 - first,
      1 - second,
      epsilon,
      clipNorm,
      Math.log(first),
      Math.log(second),
    ]);
    new Float32Array(this.#hyperData, 32, 1).set([1 - (ema ?? 0)]);
    new Uint32Array(this.#hyperData, 36, 1).set([lossScaling?.growthInterval ?? 0]);
    new Float32Array(this.#hyperData, 40, 1).set([1 / batches]);
    const rates = new Float32Array(this.#hyperData, 48);
    for (let group = 0; group < GROUPS; group++) {
      const rate = typeof learningRates === 'number' ? learningRates : (learningRates[group] ?? 0);
      const decay = groups?.[group]?.weightDecay ?? weightDecay;
      rates.set([rate, decay, sitsOut(group) ? 0 : 1], group * 4);
    }
    this.#buffers.device.queue.writeBuffer(this.#hyper, 0, this.#hyperData);
  }

  /** The update, after `prepare`. */
  encode(encoder: GPUCommandEncoder): void {
    this.#encode(encoder, this.#dispatches);
  }

  /** Puts the moving averages in the parameters' place, and the second time back; nothing where none are kept. */
  encodeExchange(encoder: GPUCommandEncoder): void {
    if (this.#exchange) this.#encode(encoder, [this.#exchange]);
  }

  #encode(encoder: GPUCommandEncoder, dispatches: readonly OptimizerDispatch[]): void {
    const pass = encoder.beginComputePass({ label: 'optimizer' });
    for (const { pipeline, bindGroup, workgroups } of dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...workgroups);
    }
    pass.end();
  }

  /** What a step did, from the leading bytes of the state buffer. */
  static outcome(bytes: ArrayBuffer, offset: number): StepOutcome {
    const floats = new Float32Array(bytes, offset, OUTCOME_BYTES / 4);
    const integers = new Uint32Array(bytes, offset, OUTCOME_BYTES / 4);
    return {
      gradientNorm: floats[0] ?? 0,
      finite: integers[2] === 1,
      skipped: integers[SKIPPED_PLACE] ?? 0,
      lossScale: floats[LOSS_SCALE_OFFSET / 4] ?? 1,
    };
  }

  /** Steps of each group, then skipped steps, then good steps since the last change of the loss scale. */
  async counts(): Promise<number[]> {
    const bytes = await this.#buffers.read(this.state, 0, STATE_BYTES);
    const integers = new Uint32Array(bytes);
    return COUNT_PLACES.map((place) => integers[place] ?? 0);
  }

  /** Takes over what `counts` gave. */
  writeCounts(counts: readonly number[]): void {
    COUNT_PLACES.forEach((place, k) => {
      this.#buffers.device.queue.writeBuffer(this.state, place * 4, Uint32Array.of(counts[k] ?? 0));
    });
  }

  async lossScale(): Promise<number> {
    return Optimizer.outcome(await this.#buffers.read(this.state, 0, OUTCOME_BYTES), 0).lossScale;
  }

  writeLossScale(scale: number): void {
    this.#buffers.device.queue.writeBuffer(this.state, LOSS_SCALE_OFFSET, Float32Array.of(scale));
  }
}
