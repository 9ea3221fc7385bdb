// The turns of JavaScript in the midst of a run: what they read comes back through one buffer that is kept.
import { Bug } from '../../errors';
import type { HostValues } from '../graph/host';
import type { Tensor } from '../graph/tensor';
import type { PlannedHost } from '../passes/plan';
import type { Buffers } from './buffers';
import type { Locate } from './locate';

/** Bytes through which what a program's host stages read comes back. */
export function hostBytes(hosts: readonly PlannedHost[]): number {
  return Math.max(0, ...hosts.map(({ reads }) => reads.reduce((sum, one) => sum + one.size * 4, 0)));
}

export class HostStages {
  readonly #device: GPUDevice;
  readonly #locate: Locate;
  readonly #staging: GPUBuffer | null;

  constructor(buffers: Buffers, hosts: readonly PlannedHost[], locate: Locate) {
    this.#device = buffers.device;
    this.#locate = locate;
    const bytes = hostBytes(hosts);
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    this.#staging = bytes > 0 ? buffers.create('host stage', bytes, usage) : null;
  }

  /** Records the copies of what a stage reads. */
  copyReads({ reads }: PlannedHost, encoder: GPUCommandEncoder): void {
    let to = 0;
    for (const tensor of reads) {
      const { buffer, offset } = this.#locate(tensor);
      encoder.copyBufferToBuffer(buffer, offset, this.#staging!, to, tensor.size * 4);
      to += tensor.size * 4;
    }
  }

  /** Waits for what was copied, has the stage computed, and writes what it gives for the rest of the run. */
  async run({ stage, reads, gives }: PlannedHost, batch: HostValues): Promise<void> {
    const values = await this.#read(reads);
    const inputs = Object.fromEntries(stage.reads.map((name, i) => [name, values[i]!]));
    const given = stage.run(inputs, batch);
    stage.gives.forEach(([name], i) => {
      const tensor = gives[i]!;
      const data = given[name];
      if (data?.length !== tensor.size || (tensor.dtype === 'f32') !== data instanceof Float32Array)
        throw new Bug(`${stage.name} gives ${data?.length ?? 'no'} values for ${name}; ${tensor.size} are wanted`);
      const { buffer, offset } = this.#locate(tensor);
      this.#device.queue.writeBuffer(buffer, offset, data as Float32Array<ArrayBuffer>);
    });
  }

  async #read(reads: readonly Tensor[]): Promise<(Float32Array | Uint32Array)[]> {
    const staging = this.#staging;
    if (!staging) return [];
    await staging.mapAsync(GPUMapMode.READ);
    const all = staging.getMappedRange();
    let from = 0;
    const values = reads.map(({ size, dtype }) => {
      const bytes = all.slice(from, from + size * 4);
      from += size * 4;
      return dtype === 'f32' ? new Float32Array(bytes) : new Uint32Array(bytes);
    });
    staging.unmap();
    return values;
  }
}
