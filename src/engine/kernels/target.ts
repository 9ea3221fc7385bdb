// What kernels are generated for: the device's limits and features, and how its memory behaves.
import type { Chooser } from './choice';

export interface Target {
  /** A CPU plays the GPU: workgroup memory and barriers are dear, few threads suffice. */
  readonly software: boolean;
  /** The driver unrolls every loop whose length it can find out, which may take it seconds. */
  readonly unrolls: boolean;
  /** Invocations per subgroup where that is the same for all kernels; 0 without subgroups. */
  readonly subgroupSize: number;
  /** There are subgroups, of at least four lanes, whatever their size: four neighbours can exchange values. */
  readonly quads: boolean;
  /** Neighbouring invocations that are in one subgroup whatever its size, a power of two; 1 without subgroups. */
  readonly neighbours: number;
  /** Storage buffers that one kernel may bind. */
  readonly storageBuffers: number;
  readonly storageBindingBytes: number;
  readonly bufferBytes: number;
  readonly workgroupsPerDimension: number;
  readonly invocationsPerWorkgroup: number;
  readonly workgroupStorageBytes: number;
  /** Pointwise chains join their neighbours; off only to compare with the plain path. */
  readonly fusion: boolean;
  /** Activations and their gradients lie in memory as f16; all arithmetic stays f32. */
  readonly half: boolean;
  /** What tuning found for kernels that can be made in several ways. */
  readonly choose?: Chooser;
}

/** WebGPU's default limits: the contract that every kernel must fit. */
export const defaultTarget: Target = {
  software: false,
  unrolls: false,
  subgroupSize: 0,
  quads: false,
  neighbours: 1,
  storageBuffers: 8,
  storageBindingBytes: 134217728,
  bufferBytes: 268435456,
  workgroupsPerDimension: 65535,
  invocationsPerWorkgroup: 256,
  workgroupStorageBytes: 16384,
  fusion: true,
  half: false,
};
