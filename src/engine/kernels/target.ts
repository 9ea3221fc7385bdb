// What kernels are generated for: the device's limits and features, and how its memory behaves.

export interface Target {
  /** A CPU plays the GPU: workgroup memory and barriers are dear, few threads suffice. */
  readonly software: boolean;
  /** Storage buffers that one kernel may bind. */
  readonly storageBuffers: number;
  readonly storageBindingBytes: number;
  readonly bufferBytes: number;
  readonly workgroupsPerDimension: number;
  readonly invocationsPerWorkgroup: number;
  readonly workgroupStorageBytes: number;
  /** Pointwise chains join their neighbours; off only to compare with the plain path. */
  readonly fusion: boolean;
}

/** WebGPU's default limits: the contract that every kernel must fit. */
export const defaultTarget: Target = {
  software: false,
  storageBuffers: 8,
  storageBindingBytes: 134217728,
  bufferBytes: 268435456,
  workgroupsPerDimension: 65535,
  invocationsPerWorkgroup: 256,
  workgroupStorageBytes: 16384,
  fusion: true,
};
