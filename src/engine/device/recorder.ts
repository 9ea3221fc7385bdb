// Records one run into command buffers, cut so that none holds the GPU for long.

/** A dispatch that is ready to be recorded. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  /** One for each turn of a loop, or one that serves all. */
  readonly bindGroups: readonly [GPUBindGroup, ...GPUBindGroup[]];
  readonly workgroups: readonly [number, number, number];
  readonly label: string;
  /** Share of the whole program's estimated time, of one turn. */
  readonly weight: number;
}

export class Recorder {
  readonly #device: GPUDevice;
  readonly #label: string;
  readonly #parts: number;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #pipeline: GPUComputePipeline | null = null;
  #done = 0;
  #cuts = 0;
  /** Command buffers submitted so far. */
  submissions = 0;

  /** `parts` command buffers of about equal weight, and one more for each interruption. */
  constructor(device: GPUDevice, label: string, parts: number) {
    this.#device = device;
    this.#label = label;
    this.#parts = parts;
  }

  dispatch({ pipeline, bindGroups, workgroups, weight }: Dispatch, turn: number): void {
    if (this.#done >= (this.#cuts + 1) / this.#parts && this.#cuts < this.#parts - 1) {
      this.#cuts++;
      this.submit();
    }
    this.#done += weight;
    const label = this.#label;
    const pass = (this.#pass ??= this.#open().beginComputePass({ label }));
    if (pipeline !== this.#pipeline) pass.setPipeline((this.#pipeline = pipeline));
    pass.setBindGroup(0, bindGroups[turn] ?? bindGroups[0]);
    pass.dispatchWorkgroups(...workgroups);
  }

  /** The encoder, between passes: for copies. */
  get encoder(): GPUCommandEncoder {
    this.#endPass();
    return this.#open();
  }

  /** Submits what was recorded since the last time. */
  submit(): void {
    if (!this.#encoder) return;
    this.#endPass();
    this.#device.queue.submit([this.#encoder.finish()]);
    this.#encoder = null;
    this.submissions++;
  }

  #open(): GPUCommandEncoder {
    return (this.#encoder ??= this.#device.createCommandEncoder({ label: this.#label }));
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = null;
    this.#pipeline = null;
  }
}
