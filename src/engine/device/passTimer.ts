// How long one pass took on the GPU itself, by timestamps: without the way there and back, which the clock on the wall
// counts too.

export interface PassTimer {
  /** Goes into the pass's descriptor. */
  readonly timestampWrites: GPUComputePassTimestampWrites;
  /** Records, behind the pass, what `milliseconds` reads. */
  finish(encoder: GPUCommandEncoder): void;
  /** After the submission: the pass's time, or null where the driver gave no usable stamps. */
  milliseconds(): Promise<number | null>;
  destroy(): void;
}

/** Null where the device has no timestamps. */
export function passTimer(device: GPUDevice): PassTimer | null {
  if (!device.features.has('timestamp-query')) return null;
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 });
  const resolved = device.createBuffer({ label: 'stamps', size: 16, usage: QUERY_RESOLVE | COPY_SRC });
  const staging = device.createBuffer({ label: 'stamps read', size: 16, usage: MAP_READ | COPY_DST });
  return {
    timestampWrites: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
    finish(encoder) {
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
    },
    async milliseconds() {
      await staging.mapAsync(GPUMapMode.READ);
      const [from = 0n, to = 0n] = new BigUint64Array(staging.getMappedRange());
      staging.unmap();
      // Some drivers start to count anew in between, and browsers round to a tenth of a millisecond.
      return to > from ? Number(to - from) / 1e6 : null;
    },
    destroy() {
      querySet.destroy();
      resolved.destroy();
      staging.destroy();
    },
  };
}
