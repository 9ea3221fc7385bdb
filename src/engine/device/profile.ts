// Time per kernel: each dispatch in a pass of its own between two timestamps.
import { UserError } from '../../errors';
import type { Call } from '../kernels/call';

export interface TimedDispatch {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}
export interface KernelTime {
  readonly label: string;
  readonly milliseconds: number;
}

/** Queries of one set; WebGPU allows 4,096. */
const PAIRS = 1024;

/** Runs the dispatches once, in order, and times each. Throws UserError where the adapter has no timestamps. */
export async function timeDispatches(device: GPUDevice, dispatches: readonly TimedDispatch[]): Promise<KernelTime[]> {
  if (!device.features.has('timestamp-query')) {
    throw new UserError('no-timestamps', 'This graphics adapter cannot time kernels (no timestamp-query).');
  }
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * PAIRS });
  const resolved = device.createBuffer({
    size: 16 * PAIRS,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  });
  const staging = device.createBuffer({ size: 16 * PAIRS, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const times: KernelTime[] = [];
  for (let start = 0; start < dispatches.length; start += PAIRS) {
    const part = dispatches.slice(start, start + PAIRS);
    const encoder = device.createCommandEncoder({ label: 'profile' });
    part.forEach(({ pipeline, bindGroup, workgroups }, k) => {
      const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * k, endOfPassWriteIndex: 2 * k + 1 };
      const pass = encoder.beginComputePass({ timestampWrites });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...workgroups);
      pass.end();
    });
    encoder.resolveQuerySet(querySet, 0, 2 * part.length, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16 * part.length);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const stamps = new BigUint64Array(staging.getMappedRange());
    part.forEach(({ label }, k) => {
      times.push({ label, milliseconds: Number((stamps[2 * k + 1] ?? 0n) - (stamps[2 * k] ?? 0n)) / 1e6 });
    });
    staging.unmap();
  }
  querySet.destroy();
  resolved.destroy();
  staging.destroy();
  return times;
}

/** Dispatches of one entry point in ops of one kind, taken together. */
export interface KernelKind {
  readonly name: string;
  readonly dispatches: number;
  readonly milliseconds: number;
  readonly flops: number;
  readonly bytes: number;
}

/** Kinds of kernels by the time that they took, longest first. */
export function kernelKinds(times: readonly (KernelTime & { readonly call: Call })[]): KernelKind[] {
  const kinds = new Map<string, KernelKind>();
  for (const { label, milliseconds, call } of times) {
    const name = `${call.entryPoint} | ${label.split(' > ').at(-1) ?? ''}`;
    const kind = kinds.get(name);
    kinds.set(name, {
      name,
      dispatches: (kind?.dispatches ?? 0) + 1,
      milliseconds: (kind?.milliseconds ?? 0) + milliseconds,
      flops: (kind?.flops ?? 0) + call.flops,
      bytes: (kind?.bytes ?? 0) + call.bytes,
    });
  }
  return [...kinds.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}
