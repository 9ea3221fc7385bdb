// Counts what an engine does with WebGPU, whichever engine it is, by wrapping the prototypes of this process or worker.

export interface Counts {
  dispatches: number;
  submissions: number;
  buffers: number;
  bindGroups: number;
  pipelines: number;
  /** Bytes of buffers that were made and not destroyed, and the most that there were since `peakBytes` was last set. */
  liveBytes: number;
  peakBytes: number;
  /** Spent on adapters and devices, which is nobody's compiling. */
  openingMilliseconds: number;
}

export interface Watch {
  readonly counts: Counts;
  /** Errors that no error scope caught, of any device. */
  readonly errors: readonly string[];
  /** Resolves when every queue that was ever submitted to is idle. */
  readonly drain: () => Promise<void>;
}

/** Wraps the prototypes for good; call once, before any engine is loaded. */
export function watchGpu(): Watch {
  const counts: Counts = {
    dispatches: 0,
    submissions: 0,
    buffers: 0,
    bindGroups: 0,
    pipelines: 0,
    liveBytes: 0,
    peakBytes: 0,
    openingMilliseconds: 0,
  };
  const errors: string[] = [];
  const queues = new Set<GPUQueue>();
  const live = new Map<GPUBuffer, number>();

  after(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', () => counts.dispatches++);
  after(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', () => counts.dispatches++);
  after(GPUDevice.prototype, 'createBindGroup', () => counts.bindGroups++);
  after(GPUDevice.prototype, 'createComputePipeline', () => counts.pipelines++);
  after(GPUDevice.prototype, 'createComputePipelineAsync', () => counts.pipelines++);
  after(GPUQueue.prototype, 'submit', (queue) => {
    counts.submissions++;
    queues.add(queue);
  });
  after(GPUDevice.prototype, 'createBuffer', (_device, result) => {
    const buffer = result as GPUBuffer;
    counts.buffers++;
    live.set(buffer, buffer.size);
    counts.liveBytes += buffer.size;
    counts.peakBytes = Math.max(counts.peakBytes, counts.liveBytes);
  });
  after(GPUBuffer.prototype, 'destroy', (buffer) => {
    counts.liveBytes -= live.get(buffer) ?? 0;
    live.delete(buffer);
  });

  const timeOpening = (_self: unknown, result: unknown): void => {
    const started = performance.now();
    const note = (): void => void (counts.openingMilliseconds += performance.now() - started);
    (result as Promise<unknown>).then(note, note);
  };
  after(GPU.prototype, 'requestAdapter', timeOpening);
  after(GPUAdapter.prototype, 'requestDevice', (adapter, result) => {
    timeOpening(adapter, result);
    const listen = (device: GPUDevice): void =>
      device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
    // Who asked for the device hears of a refusal.
    (result as Promise<GPUDevice>).then(listen, () => undefined);
  });

  const drain = async (): Promise<void> => {
    await Promise.all(Array.from(queues, (queue) => queue.onSubmittedWorkDone()));
  };
  return { counts, errors, drain };
}

/** Calls `note` after every call of a method. */
function after<T>(prototype: T, name: keyof T, note: (self: T, result: unknown) => unknown): void {
  const original = prototype[name] as (this: T, ...args: unknown[]) => unknown;
  const counted = function (this: T, ...args: unknown[]): unknown {
    const result = original.apply(this, args);
    note(this, result);
    return result;
  };
  Object.assign(prototype as object, { [name]: counted });
}
