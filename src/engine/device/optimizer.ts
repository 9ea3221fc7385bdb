// The optimiser on the GPU: its arrays beside the parameters, three dispatches a step whatever the number of tensors, where one buffer holds all.
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
import { PagedBuffer, pagesUpTo, type Page } from './pagedBuffer';
import type { ParameterLayout, ParameterStore } from './parameterStore';
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
export function optimizerBytes(settings: OptimizerSettings, { trainedBytes, pages }: ParameterLayout): number {
  const trained = pagesUpTo(pages, trainedBytes);
  const groupBytes = trained.reduce((sum, page) => sum + Math.max(16, groupTableBytes(page)), 0);
  const partBytes = trained.length * NORM_PARTS * 8;
  return arrayNames(settings).length * trainedBytes + groupBytes + partBytes + STATE_BYTES + HYPER_BYTES;
}

/** What is kept of each trained parameter. */
function arrayNames(settings: OptimizerSettings): string[] {
  return [...stateNames(settings), ...(settings.ema === undefined ? [] : ['ema'])];
}

/** A number for each aligned stretch of a page. */
function groupTableBytes({ begin, end }: Page): number {
  return ((end - begin) / ALIGNMENT) * 4;
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
  readonly arrays: ReadonlyMap<string, PagedBuffer>;
  readonly #buffers: Buffers;
  readonly #parameters: ParameterStore;
  readonly #hyper: GPUBuffer;
  readonly #hyperData = new ArrayBuffer(HYPER_BYTES);
  readonly #dispatches: readonly OptimizerDispatch[];
  readonly #exchange: readonly OptimizerDispatch[];

  private constructor(
    settings: OptimizerSettings,
    shared: { buffers: Buffers; parameters: ParameterStore },
    own: { arrays: ReadonlyMap<string, PagedBuffer>; state: GPUBuffer; hyper: GPUBuffer },
    dispatches: readonly OptimizerDispatch[],
    exchange: readonly OptimizerDispatch[],
  ) {
    this.settings = settings;
    this.state = own.state;
    this.arrays = own.arrays;
    this.#hyper = own.hyper;
    this.#buffers = shared.buffers;
    this.#parameters = shared.parameters;
    this.#dispatches = dispatches;
    this.#exchange = exchange;
  }

  /** Makes buffers and pipelines. Call `reset` once the parameters have their values. */
  static async create(
    settings: OptimizerSettings,
    buffers: Buffers,
    pipelines: Pipelines,
    parameters: ParameterStore,
    gradients: PagedBuffer,
  ): Promise<Optimizer> {
    const { device } = buffers;
    const { pages } = gradients;
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const names = arrayNames(settings);
    const arrays = new Map(names.map((name) => [name, new PagedBuffer(buffers, name, pages, storage)]));
    const partBytes = NORM_PARTS * 8;
    const parts = buffers.create('gradient norm parts', pages.length * partBytes, GPUBufferUsage.STORAGE);
    const state = buffers.create('optimizer state', STATE_BYTES, storage);
    const hyper = buffers.create('optimizer settings', HYPER_BYTES, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    const kernels = [
      { source: normParts, entryPoint: 'gradient_norm_parts', label: 'gradient norm parts', access: 'urww' },
      { source: normTotal, entryPoint: 'gradient_norm', label: 'gradient norm', access: 'urw' },
      {
        source: optimizerUpdate(settings, settings.ema !== undefined),
        entryPoint: 'optimizer_update',
        label: settings.name,
        access: `uwrrr${'w'.repeat(names.length)}`,
      },
      ...(settings.ema === undefined
        ? []
        : [{ source: exchangeAverages, entryPoint: 'exchange_averages', label: 'exchange averages', access: 'ww' }]),
    ];
    const compiled = await pipelines.compile(kernels);
    const dispatch = (
      kernel: number,
      bindings: readonly GPUBufferBinding[],
      workgroups: readonly [number, number],
    ): OptimizerDispatch => {
      const { label, access } = kernels[kernel]!;
      const entries = bindings.map((resource, binding) => ({ binding, resource }));
      const bindGroup = device.createBindGroup({ label, layout: pipelines.layout(access), entries });
      return { pipeline: compiled[kernel]!, bindGroup, workgroups };
    };
    const most = device.limits.maxComputeWorkgroupsPerDimension;
    const ofPages = pages.map((page, k) => {
      const bytes = page.end - page.begin;
      const workgroups = Math.ceil(bytes / 16 / 64);
      const height = Math.ceil(workgroups / most);
      const all = [Math.ceil(workgroups / height), height] as const;
      const used = { buffer: parameters.values.parts[k]!, size: bytes };
      const gradient = { buffer: gradients.parts[k]! };
      const own = [...arrays].map(([name, array]) => ({ name, buffer: array.parts[k]! }));
      const groups = { buffer: groupTable(settings, buffers, parameters, page) };
      const ofPage = { buffer: parts, offset: k * partBytes, size: partBytes };
      const average = own.find(({ name }) => name === 'ema');
      return {
        norm: dispatch(0, [{ buffer: hyper }, gradient, { buffer: state }, ofPage], [NORM_PARTS / 64, 1]),
        update: dispatch(
          2,
          [{ buffer: hyper }, used, gradient, groups, { buffer: state }, ...own.map(({ buffer }) => ({ buffer }))],
          all,
        ),
        exchange: average ? [dispatch(3, [used, { buffer: average.buffer }], all)] : [],
      };
    });
    const total = dispatch(1, [{ buffer: hyper }, { buffer: parts }, { buffer: state }], [1, 1]);
    const optimizer = new Optimizer(
      settings,
      { buffers, parameters },
      { arrays, state, hyper },
      [...ofPages.map(({ norm }) => norm), total, ...ofPages.map(({ update }) => update)],
      ofPages.flatMap(({ exchange }) => exchange),
    );
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
    for (const [name, array] of this.arrays) {
      if (name !== 'ema') array.clear(encoder);
      else
        array.parts.forEach((part, k) =>
          encoder.copyBufferToBuffer(this.#parameters.values.parts[k]!, 0, part, 0, part.size),
        );
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
    this.#encode(encoder, this.#exchange);
  }

  #encode(encoder: GPUCommandEncoder, dispatches: readonly OptimizerDispatch[]): void {
    if (dispatches.length === 0) return;
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

/** A buffer with the group of each aligned stretch of a page. Throws Bug for a group that there is no room for. */
function groupTable(
  { groupOf = () => 0 }: OptimizerSettings,
  buffers: Buffers,
  { layout }: ParameterStore,
  page: Page,
): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  const buffer = buffers.create('parameter groups', groupTableBytes(page), usage);
  const table = new Uint32Array(groupTableBytes(page) / 4);
  for (const { name, offset, bytes } of layout.places.values()) {
    if (offset < page.begin || offset >= page.end) continue;
    const group = groupOf(name);
    invariant(group < GROUPS, `${name} is in group ${group}`);
    const first = (offset - page.begin) / ALIGNMENT;
    table.fill(group, first, first + Math.ceil(bytes / ALIGNMENT));
  }
  buffers.device.queue.writeBuffer(buffer, 0, table);
  return buffer;
}
