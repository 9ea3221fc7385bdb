// Runs kernels for the first time: some drivers translate a kernel only then, and one kernel after the other.
import type { KernelSource, Pipelines } from './pipelines';

/** Kernels that are done with in less time than this go together with others. */
const BRIEF_MILLISECONDS = 20;
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
   * a training. Where kernels are done with at once more and more of them are waited for together. `progress` is called
   * once for each and may throw to end it.
   */
  async run(kernels: readonly MadeKernel[], progress: () => void): Promise<void> {
    const device = this.#device;
    const fresh = kernels.filter(({ pipeline }) => !this.#done.has(pipeline) && this.#done.add(pipeline));
    const { STORAGE, UNIFORM } = GPUBufferUsage;
    const scratch = (usage: number): GPUBuffer =>
      device.createBuffer({ label: 'first runs', size: MOST_BINDINGS * BINDING_BYTES, usage });
    const memory = { u: scratch(UNIFORM), r: scratch(STORAGE), w: scratch(STORAGE) };
    try {
      let together = 1;
      for (let next = 0; next < fresh.length;) {
        const started = performance.now();
        const lot = fresh.slice(next, next + together);
        const encoder = device.createCommandEncoder({ label: 'first runs' });
        const pass = encoder.beginComputePass({ label: 'first runs' });
        for (const { pipeline, kernel } of lot) {
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, this.#bind(kernel, memory));
          pass.dispatchWorkgroups(1);
        }
        pass.end();
        device.queue.submit([encoder.finish()]);
        await device.queue.onSubmittedWorkDone();
        lot.forEach(progress);
        next += lot.length;
        together = performance.now() - started < BRIEF_MILLISECONDS ? 2 * together : 1;
      }
    } finally {
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
