// Makes and counts GPU buffers: how many bytes are held now and how many at most were.

/** Size of the buffer through which results are read back. */
export const STAGING_BYTES = 1 << 20;

export class Buffers {
  readonly device: GPUDevice;
  readonly #live = new Map<GPUBuffer, number>();
  readonly #staging: GPUBuffer;
  #reading: Promise<unknown> = Promise.resolve();
  liveBytes = 0;
  peakBytes = 0;
  /** Buffers made so far; constant while steps are replayed. */
  made = 0;

  constructor(device: GPUDevice) {
    this.device = device;
    this.#staging = this.create('read back', STAGING_BYTES, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
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
    for (const buffer of [...this.#live.keys()]) this.destroy(buffer);
  }

  /** Copies `bytes` from a buffer into JavaScript memory, in pieces through one small buffer that is kept. */
  async read(source: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    const staging = this.#staging;
    const result = new Uint8Array(bytes);
    const turn = this.#reading.then(async () => {
      for (let done = 0; done < bytes; done += STAGING_BYTES) {
        const length = Math.min(STAGING_BYTES, bytes - done);
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
