// Runs kernels for the first time: some drivers translate a kernel only then, and one kernel after the other.
import { Bug } from '../../errors';
import { Buffers, FIRST_RUN_BINDING_BYTES } from './buffers';
import { Pipelines, type KernelSource } from './pipelines';

/** A kernel that was made, and from what. */
export interface MadeKernel {
  readonly pipeline: GPUComputePipeline;
  readonly kernel: KernelSource;
}

/** A device's memory and kernels. */
interface Place {
  readonly buffers: Buffers;
  readonly pipelines: Pipelines;
}

export interface FirstRunOptions {
  /** How many kernels may wait on the GPU: more keep it busy while JavaScript is, fewer leave it to others. */
  readonly waiting: number;
  /** Opens a further device of an adapter whose driver translates by the processor, and shares what it translated. */
  readonly openHelper?: (() => Promise<GPUDevice>) | undefined;
  /** Until then the kernels' own device is left to others, which would wait behind every translation. */
  readonly alone?: Promise<unknown> | undefined;
}

/** Runs one workgroup of each kernel, on memory kept for that: at any time, also between the steps of a training. */
export class FirstRuns {
  readonly #place: Place;
  readonly #waiting: number;
  readonly #alone: Promise<unknown> | undefined;
  readonly #progress: () => void;
  /** In the order in which they are needed. */
  readonly #left: MadeKernel[];
  /** Those that the helper took. */
  readonly #helped: MadeKernel[] = [];
  readonly #helping: Promise<void> | null;

  /** `progress` is called once for each kernel and may throw to end it. */
  constructor(
    place: Place,
    kernels: readonly MadeKernel[],
    { waiting, openHelper, alone }: FirstRunOptions,
    progress: () => void,
  ) {
    this.#place = place;
    this.#waiting = waiting;
    this.#alone = alone;
    this.#progress = progress;
    this.#left = [...kernels];
    this.#helping = openHelper && kernels.length > waiting ? this.#translateElsewhere(openHelper) : null;
  }

  /** Runs all of them. Throws Bug where their memory is given back. */
  async run(): Promise<void> {
    await this.#alone;
    await this.#runEach(() => this.#left.shift());
    await this.#helping;
    // What the driver's cache has by now takes it no time.
    await this.#runEach(() => this.#helped.shift());
    this.#refuseDisposed();
  }

  /** Lets go of what did not run. */
  stop(): void {
    this.#left.length = 0;
  }

  #refuseDisposed(): void {
    if (this.#place.buffers.disposed) throw new Bug('kernels were disposed of before they ran');
  }

  async #runEach(next: () => MadeKernel | undefined): Promise<void> {
    const one = async (): Promise<void> => {
      for (let kernel = next(); kernel; kernel = next()) {
        this.#refuseDisposed();
        await runOnce(this.#place, kernel);
        this.#progress();
      }
    };
    try {
      await Promise.all(Array.from({ length: this.#waiting }, one));
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /**
   * Has another device run kernels, which leaves them in the cache of drivers that have one: the first ones while their
   * own device is left to others, and once that takes them itself the last ones.
   */
  async #translateElsewhere(open: () => Promise<GPUDevice>): Promise<void> {
    const device = await open().catch(() => null);
    if (!device) return;
    let kept = !this.#alone;
    void this.#alone?.finally(() => (kept = true)).catch(() => undefined);
    try {
      const there = { buffers: new Buffers(device), pipelines: new Pipelines(device) };
      const next = (): MadeKernel | undefined => (kept ? this.#left.pop() : this.#left.shift());
      for (let one = next(); one; one = next()) {
        this.#helped.push(one);
        const [pipeline] = await there.pipelines.compile([one.kernel]);
        await runOnce(there, { ...one, pipeline: pipeline! });
      }
    } catch {
      // The device on which the kernels are needed runs them all itself.
    } finally {
      device.destroy();
    }
  }
}

async function runOnce({ buffers, pipelines }: Place, { pipeline, kernel }: MadeKernel): Promise<void> {
  const { device, firstRuns } = buffers;
  const entries = Array.from(kernel.access).flatMap((one, binding): GPUBindGroupEntry[] => {
    if (one === '-') return [];
    const buffer = firstRuns[one as 'u' | 'r' | 'w'];
    const size = FIRST_RUN_BINDING_BYTES;
    // What a kernel reads past its room is clamped.
    return [{ binding, resource: { buffer, offset: binding * size, size } }];
  });
  const layout = pipelines.layout(kernel.access);
  const encoder = device.createCommandEncoder({ label: 'first runs' });
  const pass = encoder.beginComputePass({ label: 'first runs' });
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ label: kernel.label, layout, entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
}
