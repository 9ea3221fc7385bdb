// Makes and counts GPU buffers: how many bytes are held now and how many at most were.

export class Buffers {
  readonly device: GPUDevice;
  readonly #live = new Map<GPUBuffer, number>();
  liveBytes = 0;
  peakBytes = 0;
  /** Buffers made so far; constant while steps are replayed. */
  made = 0;

  constructor(device: GPUDevice) {
    this.device = device;
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

  /** Copies `bytes` from a buffer into JavaScript memory through a passing staging buffer. */
  async read(source: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    const staging = this.create('read back', bytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    try {
      const encoder = this.device.createCommandEncoder({ label: 'read back' });
      encoder.copyBufferToBuffer(source, offset, staging, 0, Math.ceil(bytes / 4) * 4);
      this.device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      return staging.getMappedRange().slice(0, bytes);
    } finally {
      this.destroy(staging);
    }
  }
}
