// Runs kernels for the first time: some drivers translate a kernel only then, and one kernel after the other.
import { Bug } from '../../errors';
import { Buffers, FIRST_RUN_BINDING_BYTES } from './buffers';
import { Pipelines, type KernelSource } from './pipelines';

/** A kernel that was made, and from what. */
export interface MadeKernel {
  readonly pipeline: GPUComputePipeline;
  readonly kernel: KernelSource;
}

export interface FirstRunOptions {
  /** How many kernels may wait on the GPU: more keep it busy while JavaScript is, fewer leave it to others. */
  readonly waiting: number;
  /** Opens a further device of an adapter whose driver translates by the processor, and shares what it translated. */
  readonly openHelper?: (() => Promise<GPUDevice>) | undefined;
  /** Until then the kernels' own device is left to others, which would wait behind every translation. */
  readonly alone?: Promise<unknown> | undefined;
}

export class FirstRuns {
  readonly #buffers: Buffers;
  readonly #pipelines: Pipelines;
  readonly #done = new Set<GPUComputePipeline>();

  constructor(buffers: Buffers, pipelines: Pipelines) {
    this.#buffers = buffers;
    this.#pipelines = pipelines;
  }

  /**
   * Runs one workgroup of each kernel that did not run yet, on memory kept for that: at any time, also between the steps of
   * a training. `progress` is called once for each and may throw to end it.
   */
  async run(
    kernels: readonly MadeKernel[],
    { waiting, openHelper, alone }: FirstRunOptions,
    progress: () => void,
  ): Promise<void> {
    const left = kernels.filter(({ pipeline }) => !this.#done.has(pipeline) && this.#done.add(pipeline));
    const helping = openHelper && left.length > waiting ? translateFromTheEnd(left, openHelper) : null;
    await alone;
    await this.#runAll(left, waiting, progress);
    // What the driver's cache has by now takes it no time.
    if (helping) await this.#runAll(await helping, waiting, progress);
  }

  /** Takes kernels from the front of the list until it is empty. */
  async #runAll(left: MadeKernel[], waiting: number, progress: () => void): Promise<void> {
    const { device } = this.#buffers;
    let ended = false;
    try {
      const next = async (): Promise<void> => {
        while (!ended) {
          const first = left.shift();
          if (!first) return;
          if (this.#buffers.disposed) throw new Bug('kernels were disposed of before they ran');
          const { pipeline, kernel } = first;
          const encoder = device.createCommandEncoder({ label: 'first runs' });
          const pass = encoder.beginComputePass({ label: 'first runs' });
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, this.#bind(kernel));
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
    }
  }

  #bind({ access, label }: MadeKernel['kernel']): GPUBindGroup {
    const { device, firstRuns } = this.#buffers;
    const entries = Array.from(access).flatMap((one, binding): GPUBindGroupEntry[] => {
      if (one === '-') return [];
      const buffer = firstRuns[one as 'u' | 'r' | 'w'];
      const size = FIRST_RUN_BINDING_BYTES;
      // What a kernel reads past its room is clamped.
      return [{ binding, resource: { buffer, offset: binding * size, size } }];
    });
    return device.createBindGroup({ label, layout: this.#pipelines.layout(access), entries });
  }
}

/**
 * Takes kernels from the end of the list until it is empty and has another device run them, which leaves them in the
 * cache of drivers that have one. Those that it took; none where there is no such device.
 */
async function translateFromTheEnd(left: MadeKernel[], open: () => Promise<GPUDevice>): Promise<MadeKernel[]> {
  const taken: MadeKernel[] = [];
  const device = await open().catch(() => null);
  if (!device) return taken;
  try {
    const pipelines = new Pipelines(device);
    const runs = new FirstRuns(new Buffers(device), pipelines);
    for (let last = left.pop(); last; last = left.pop()) {
      taken.push(last);
      const [pipeline] = await pipelines.compile([last.kernel]);
      await runs.run([{ pipeline: pipeline!, kernel: last.kernel }], { waiting: 1 }, () => undefined);
    }
  } catch {
    // The device on which the kernels are needed runs them all itself.
  } finally {
    device.destroy();
  }
  return taken;
}
