// A device that takes what WebGPU leaves open the other way round: what a CPU that plays the GPU hides.

/** Quiet NaN as f32 and, twice, as f16. */
const NOT_A_NUMBER = 0x7fc07fc0;

export interface Hostility {
  /** Workgroups of kernels compiled from now on run in the opposite order. */
  backwards: boolean;
  /** Loops of kernels compiled from now on hide their length, which Mesa's CPU driver would unroll for minutes. */
  hidesBounds: boolean;
  /** Fills every arena that is alive: what was not written in this run is not a number. */
  fillArenas(): void;
}

/**
 * WGSL whose workgroups count down instead of up, in all three directions; kernels that only look at the global
 * invocation stay as they are.
 */
export function reverseWorkgroups(source: string): string {
  const counted = /@builtin\(num_workgroups\) (\w+)/.exec(source)?.[1];
  const groups = counted ?? 'all_workgroups';
  const declared = counted === undefined ? `, @builtin(num_workgroups) ${groups}: vec3<u32>` : '';
  return source.replace(
    /@builtin\(workgroup_id\) (\w+): vec3(?:<u32>|u)([^{]*)\{/g,
    (_, name: string, rest: string) =>
      `@builtin(workgroup_id) placed_at: vec3<u32>${declared}${rest}{\n  let ${name} = ${groups} - 1u - placed_at;`,
  );
}

/** Loops of more than four turns that do not say how many; kernels that know no workgroup stay as they are. */
export function hideBounds(source: string): string {
  if (!/@builtin\(workgroup_id\) workgroup\b/.test(source)) return source;
  return source.replace(/(for \(var (\w+) = [^;]*; \2 < )(\d+)u;/g, (loop, head: string, _, count: string) =>
    Number(count) > 4 ? `${head}select(${count}u, 0u, workgroup.x > 65535u);` : loop,
  );
}

const known = new WeakMap<GPUDevice, Hostility>();

/** Puts itself, once, between the engine and the device; it does nothing until it is told to. */
export function hostile(device: GPUDevice): Hostility {
  const before = known.get(device);
  if (before) return before;
  const arenas = new Set<GPUBuffer>();
  const createBuffer = device.createBuffer.bind(device);
  const createShaderModule = device.createShaderModule.bind(device);
  const hostility: Hostility = {
    backwards: false,
    hidesBounds: false,
    fillArenas() {
      for (const arena of arenas) {
        const values = new Uint32Array(Math.min(arena.size, 1 << 22) / 4).fill(NOT_A_NUMBER);
        for (let at = 0; at < arena.size; at += values.byteLength)
          device.queue.writeBuffer(arena, at, values, 0, Math.min(values.length, (arena.size - at) / 4));
      }
    },
  };
  Object.assign(device, {
    createBuffer(descriptor: GPUBufferDescriptor): GPUBuffer {
      const buffer = createBuffer(descriptor);
      if (!descriptor.label?.startsWith('arena ')) return buffer;
      arenas.add(buffer);
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        arenas.delete(buffer);
        destroy();
      };
      return buffer;
    },
    createShaderModule(descriptor: GPUShaderModuleDescriptor): GPUShaderModule {
      const bounded = hostility.hidesBounds ? hideBounds(descriptor.code) : descriptor.code;
      const code = hostility.backwards ? reverseWorkgroups(bounded) : bounded;
      return createShaderModule({ ...descriptor, code });
    },
  });
  known.set(device, hostility);
  return hostility;
}

/**
 * Lets a CPU that plays the GPU pass for a real one: the engine then makes its kernels for GPUs, and loops
 * do not say how long they are.
 */
export function playGpu(device: GPUDevice): void {
  hostile(device).hidesBounds = true;
  const { subgroupMinSize, subgroupMaxSize } = device.adapterInfo;
  const named = { vendor: 'none', architecture: 'none', device: '', description: '', isFallbackAdapter: false };
  Object.defineProperty(device, 'adapterInfo', { value: { ...named, subgroupMinSize, subgroupMaxSize } });
}
