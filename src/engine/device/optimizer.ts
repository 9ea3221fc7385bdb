// The optimiser on the GPU: moments beside the parameters, three dispatches a step whatever the number of tensors.
import { invariant } from '../../errors';
import { adamUpdate, GROUPS, NORM_PARTS, normParts, normTotal } from '../kernels/optimizer';
import { ALIGNMENT } from '../passes/memory';
import type { Buffers } from './buffers';
import type { ParameterStore } from './parameterStore';
import type { Pipelines } from './pipelines';

export interface OptimizerSettings {
  /** AdamW decays the weights themselves, Adam adds the decay to the gradient (torch.optim). */
  readonly name: 'AdamW' | 'Adam';
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Largest global norm of the gradient; 0 means no limit. */
  readonly clipNorm: number;
  /** Group number per parameter, 0 where absent; `groups` then scales learning rate and decay. */
  readonly groupOf?: (name: string) => number;
  readonly groups?: readonly { readonly learningRate: number; readonly weightDecay: number }[];
}

/** What the last step did, as it lies in the state buffer. */
export interface OptimizerState {
  readonly gradientNorm: number;
  readonly finite: boolean;
  readonly steps: number;
  readonly skipped: number;
}

export const STATE_BYTES = 32;

/** Bytes that the optimiser of these parameters will hold. */
export function optimizerBytes(trainedBytes: number): number {
  return 2 * trainedBytes + (trainedBytes / ALIGNMENT) * 4 + NORM_PARTS * 8 + STATE_BYTES + HYPER_BYTES;
}

const HYPER_BYTES = 32 + GROUPS * 16;

interface OptimizerDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number];
}

export class Optimizer {
  readonly settings: OptimizerSettings;
  readonly first: GPUBuffer;
  readonly second: GPUBuffer;
  readonly state: GPUBuffer;
  readonly #buffers: Buffers;
  readonly #hyper: GPUBuffer;
  readonly #hyperData = new ArrayBuffer(HYPER_BYTES);
  readonly #dispatches: readonly OptimizerDispatch[];

  private constructor(
    settings: OptimizerSettings,
    buffers: Buffers,
    own: { first: GPUBuffer; second: GPUBuffer; state: GPUBuffer; hyper: GPUBuffer },
    dispatches: readonly OptimizerDispatch[],
  ) {
    this.settings = settings;
    this.#buffers = buffers;
    this.first = own.first;
    this.second = own.second;
    this.state = own.state;
    this.#hyper = own.hyper;
    this.#dispatches = dispatches;
  }

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
    const first = buffers.create('first moments', trainedBytes, storage);
    const second = buffers.create('second moments', trainedBytes, storage);
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
      { source: normParts, entryPoint: 'gradient_norm_parts', label: 'gradient norm parts', access: 'urw' },
      { source: normTotal, entryPoint: 'gradient_norm', label: 'gradient norm', access: 'urw' },
      {
        source: adamUpdate(settings.name === 'Adam'),
        entryPoint: 'adam_update',
        label: settings.name,
        access: 'uwrwwrr',
      },
    ];
    const compiled = await pipelines.compile(kernels);
    const invocations = Math.ceil(trainedBytes / 16 / 64);
    const most = device.limits.maxComputeWorkgroupsPerDimension;
    const height = Math.ceil(invocations / most);
    const used = { buffer: parameters.buffer, size: trainedBytes };
    const bindings: GPUBindingResource[][] = [
      [{ buffer: hyper }, { buffer: gradients }, { buffer: parts }],
      [{ buffer: hyper }, { buffer: parts }, { buffer: state }],
      [
        { buffer: hyper },
        used,
        { buffer: gradients },
        { buffer: first },
        { buffer: second },
        { buffer: groupOf },
        { buffer: state },
      ],
    ];
    const workgroups: [number, number][] = [
      [NORM_PARTS / 64, 1],
      [1, 1],
      [Math.ceil(invocations / height), height],
    ];
    const dispatches = kernels.map(({ label, access }, k) => ({
      pipeline: compiled[k] as GPUComputePipeline,
      bindGroup: device.createBindGroup({
        label,
        layout: pipelines.layout(access),
        entries: (bindings[k] ?? []).map((resource, binding) => ({ binding, resource })),
      }),
      workgroups: workgroups[k] as [number, number],
    }));
    const optimizer = new Optimizer(settings, buffers, { first, second, state, hyper }, dispatches);
    new Uint32Array(optimizer.#hyperData, 24, 2).set([trainedBytes / 16, NORM_PARTS]);
    return optimizer;
  }

  get dispatches(): number {
    return this.#dispatches.length;
  }

  /** Writes this step's rates; takes effect for what is submitted next. */
  prepare(learningRate: number): void {
    const { betas, epsilon, clipNorm, weightDecay, groups } = this.settings;
    new Float32Array(this.#hyperData, 0, 6).set([
      1 - betas[0],
      1 - betas[1],
      epsilon,
      clipNorm,
      Math.log(betas[0]),
      Math.log(betas[1]),
    ]);
    const rates = new Float32Array(this.#hyperData, 32);
    for (let group = 0; group < GROUPS; group++) {
      const scale = groups?.[group] ?? { learningRate: 1, weightDecay: 1 };
      rates.set([learningRate * scale.learningRate, weightDecay * scale.weightDecay], group * 4);
    }
    this.#buffers.device.queue.writeBuffer(this.#hyper, 0, this.#hyperData);
  }

  encode(encoder: GPUCommandEncoder): void {
    const pass = encoder.beginComputePass({ label: 'optimizer' });
    for (const { pipeline, bindGroup, workgroups } of this.#dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...workgroups);
    }
    pass.end();
  }

  /** Reads the state's bytes, as copied from the state buffer. */
  static decode(bytes: ArrayBuffer, offset = 0): OptimizerState {
    const floats = new Float32Array(bytes, offset, 2);
    const integers = new Uint32Array(bytes, offset, 8);
    return {
      gradientNorm: floats[0] ?? 0,
      finite: integers[2] === 1,
      steps: integers[3] ?? 0,
      skipped: integers[6] ?? 0,
    };
  }
}
