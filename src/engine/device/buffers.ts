// Makes and counts GPU buffers: how many bytes are held now and how many at most were.

/** What is held whatever the programs: the buffer through which results are read back, and room for first runs. */
export const STAGING_BYTES = 1 << 20;
/** Room of each binding of a kernel that runs for the first time. */
export const FIRST_RUN_BINDING_BYTES = 256;
/** Room for 16 bindings: a kernel has eight storage buffers at most, and the uniforms of the step. */
const FIRST_RUN_BYTES = 16 * FIRST_RUN_BINDING_BYTES;
const READ_BACK_BYTES = STAGING_BYTES - 3 * FIRST_RUN_BYTES;

export class Buffers {
  readonly device: GPUDevice;
  readonly #live = new Map<GPUBuffer, number>();
  readonly #staging: GPUBuffer;
  /** Memory for first runs by the access of a binding: what lies there means nothing. */
  readonly firstRuns: Readonly<Record<'u' | 'r' | 'w', GPUBuffer>>;
  #reading: Promise<unknown> = Promise.resolve();
  liveBytes = 0;
  peakBytes = 0;
  /** Buffers made so far; constant while steps are replayed. */
  made = 0;
  /** No work may be submitted on them any more. */
  disposed = false;

  constructor(device: GPUDevice) {
    this.device = device;
    this.#staging = this.create('read back', READ_BACK_BYTES, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    const room = (usage: GPUBufferUsageFlags): GPUBuffer => this.create('first runs', FIRST_RUN_BYTES, usage);
    const { STORAGE, UNIFORM } = GPUBufferUsage;
    this.firstRuns = { u: room(UNIFORM), r: room(STORAGE), w: room(STORAGE) };
  }

  create(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = Math.max(16, Math.ceil(bytes / 4) * 4);
    const buffer = this.device.createBuffer({ label, size, usage });
    this.#live.set(buffer, size);
    this.made++;
    this.liveBytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
    return buffer;
  }

  destroy(buffer: GPUBuffer): void {
    this.liveBytes -= this.#live.get(buffer) ?? 0;
    this.#live.delete(buffer);
    buffer.destroy();
  }

  dispose(): void {
    this.disposed = true;
    for (const buffer of [...this.#live.keys()]) this.destroy(buffer);
  }

  /** Copies `bytes` from a buffer into JavaScript memory, in pieces through one small buffer that is kept. */
  async read(source: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    const staging = this.#staging;
    const result = new Uint8Array(bytes);
    const turn = this.#reading.then(async () => {
      for (let done = 0; done < bytes; done += READ_BACK_BYTES) {
        const length = Math.min(READ_BACK_BYTES, bytes - done);
        const encoder = this.device.createCommandEncoder({ label: 'read back' });
        encoder.copyBufferToBuffer(source, offset + done, staging, 0, Math.ceil(length / 4) * 4);
        this.device.queue.submit([encoder.finish()]);
        await staging.mapAsync(GPUMapMode.READ);
        result.set(new Uint8Array(staging.getMappedRange(0, Math.ceil(length / 4) * 4)).subarray(0, length), done);
        staging.unmap();
      }
    });
    this.#reading = turn.catch(() => undefined);
    await turn;
    return result.buffer;
  }
}
