// Runs kernels for the first time: some drivers translate a kernel only then, and one kernel after the other.
import type { KernelSource, Pipelines } from './pipelines';

/** Room of each binding; what lies there means nothing, and reads past it are clamped. */
const BINDING_BYTES = 4096;
const MOST_BINDINGS = 16;

/** A kernel that was made, and what it binds. */
export interface MadeKernel {
  readonly pipeline: GPUComputePipeline;
  readonly kernel: Pick<KernelSource, 'access' | 'label'>;
}

export class FirstRuns {
  readonly #device: GPUDevice;
  readonly #pipelines: Pipelines;
  readonly #done = new Set<GPUComputePipeline>();

  constructor(device: GPUDevice, pipelines: Pipelines) {
    this.#device = device;
    this.#pipelines = pipelines;
  }

  /**
   * Runs one workgroup of each kernel that did not run yet, on memory of its own: at any time, also between the steps of
   * a training. So many at most wait on the GPU: more keep it busy while JavaScript is, fewer leave it to others.
   * `progress` is called once for each and may throw to end it.
   */
  async run(kernels: readonly MadeKernel[], waiting: number, progress: () => void): Promise<void> {
    const device = this.#device;
    const fresh = kernels.filter(({ pipeline }) => !this.#done.has(pipeline) && this.#done.add(pipeline));
    const { STORAGE, UNIFORM } = GPUBufferUsage;
    const scratch = (usage: number): GPUBuffer =>
      device.createBuffer({ label: 'first runs', size: MOST_BINDINGS * BINDING_BYTES, usage });
    const memory = { u: scratch(UNIFORM), r: scratch(STORAGE), w: scratch(STORAGE) };
    let ended = false;
    try {
      const left = fresh.values();
      const next = async (): Promise<void> => {
        for (const { pipeline, kernel } of left) {
          if (ended) return;
          const encoder = device.createCommandEncoder({ label: 'first runs' });
          const pass = encoder.beginComputePass({ label: 'first runs' });
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, this.#bind(kernel, memory));
          pass.dispatchWorkgroups(1);
          pass.end();
          device.queue.submit([encoder.finish()]);
          await device.queue.onSubmittedWorkDone();
          progress();
        }
      };
      await Promise.all(Array.from({ length: waiting }, next));
    } finally {
      ended = true;
      for (const buffer of Object.values(memory)) buffer.destroy();
    }
  }

  #bind({ access, label }: MadeKernel['kernel'], memory: Readonly<Record<'u' | 'r' | 'w', GPUBuffer>>): GPUBindGroup {
    const entries = Array.from(access).flatMap((one, binding): GPUBindGroupEntry[] => {
      if (one === '-') return [];
      const buffer = memory[one as 'u' | 'r' | 'w'];
      return [{ binding, resource: { buffer, offset: binding * BINDING_BYTES, size: BINDING_BYTES } }];
    });
    return this.#device.createBindGroup({ label, layout: this.#pipelines.layout(access), entries });
  }
}
