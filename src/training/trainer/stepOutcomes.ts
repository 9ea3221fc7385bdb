// Losses and outcomes of steps on their way from the GPU. Two buffers take turns: while one is read, the other fills.
import { invariant } from '../../errors';
import type { Location } from '../../engine/device/bind';
import type { Buffers } from '../../engine/device/buffers';
import { Optimizer, OUTCOME_BYTES, type StepOutcome } from '../../engine/device/optimizer';

/** Batches whose losses may wait on the GPU before someone reads them. */
const SLOTS = 64;

export interface RecordedStep {
  readonly step: number;
  /** Values of the losses, averaged over the step's batches. */
  readonly losses: Float32Array;
  readonly outcome: StepOutcome;
}

interface Waiting {
  readonly step: number;
  readonly batches: number;
}

export class StepOutcomes {
  readonly #device: GPUDevice;
  readonly #values: number;
  readonly #slotBytes: number;
  readonly #slots: number;
  /** Buffers that are not being read; the first fills. */
  readonly #free: GPUBuffer[];
  #waiting: Waiting[] = [];

  /** `values` losses per batch, `batches` batches per step at most. */
  constructor(buffers: Buffers, values: number, batches: number) {
    this.#device = buffers.device;
    this.#values = values;
    this.#slotBytes = slotBytes(values);
    this.#slots = SLOTS * batches;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    this.#free = [0, 1].map((number) => buffers.create(`losses ${number}`, this.#slots * this.#slotBytes, usage));
  }

  /** Bytes of both buffers. */
  static bytes(values: number, batches: number): number {
    return 2 * SLOTS * batches * slotBytes(values);
  }

  /** Whether no step waits to be read. */
  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Says that a step of so many batches comes next. Throws Bug when nobody reads. */
  begin(step: number, batches: number): void {
    this.#waiting.push({ step, batches });
    invariant(this.#used <= this.#slots, 'too many steps without reading their losses');
  }

  /** Records the copy of a batch's losses; `left` batches of the step are still to come. */
  copyLosses(encoder: GPUCommandEncoder, { buffer, offset }: Location, left: number): void {
    encoder.copyBufferToBuffer(buffer, offset, this.#filling, this.#place(left), this.#values * 4);
  }

  /** Records the copy of what the optimiser did, after the step's last batch. */
  copyOutcome(encoder: GPUCommandEncoder, state: GPUBuffer): void {
    const place = this.#place(0) + this.#slotBytes - OUTCOME_BYTES;
    encoder.copyBufferToBuffer(state, 0, this.#filling, place, OUTCOME_BYTES);
  }

  /** Waits for the steps begun so far; further ones may be begun meanwhile. */
  async read(): Promise<readonly RecordedStep[]> {
    const steps = this.#waiting;
    if (steps.length === 0) return [];
    const staging = this.#filling;
    this.#waiting = [];
    this.#free.shift();
    await staging.mapAsync(GPUMapMode.READ);
    const bytes = staging.getMappedRange().slice(0);
    staging.unmap();
    this.#free.push(staging);
    let slot = 0;
    return steps.map(({ step, batches }) => {
      const losses = new Float32Array(this.#values);
      for (let k = 0; k < batches; k++, slot++) {
        const values = new Float32Array(bytes, slot * this.#slotBytes, this.#values);
        values.forEach((value, i) => (losses[i] = (losses[i] ?? 0) + value / batches));
      }
      return { step, losses, outcome: Optimizer.outcome(bytes, slot * this.#slotBytes - OUTCOME_BYTES) };
    });
  }

  get #filling(): GPUBuffer {
    const [buffer] = this.#free;
    invariant(buffer, 'losses are being read twice over');
    return buffer;
  }

  get #used(): number {
    return this.#waiting.reduce((sum, { batches }) => sum + batches, 0);
  }

  #place(left: number): number {
    return (this.#used - 1 - left) * this.#slotBytes;
  }
}

function slotBytes(values: number): number {
  return Math.ceil((values * 4) / 16) * 16 + OUTCOME_BYTES;
}
