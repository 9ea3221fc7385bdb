// How fast the adapter moves memory: shaders that copy one large buffer to another, counted as bytes read and written.
import { kernelTimer } from './kernelTimer';

const THREADS = 64;
/** Vectors of 16 bytes that one invocation copies; keeps 128 MiB within 65,535 workgroups. */
const VECTORS = 4;
const BYTES_PER_GROUP = THREADS * VECTORS * 16;
/** Beyond the caches of desktop GPUs and CPUs. */
const LARGE = 128 * 2 ** 20;
/** No further pass of a kernel is begun after this; a single pass takes as long as it takes. */
const ENOUGH_MILLISECONDS = 250;

/** Which vectors an invocation copies: GPUs want neighbours to read neighbours, a CPU wants each to keep to its line. */
const patterns = {
  neighbours: { start: 'local.x', step: THREADS },
  lines: { start: `${VECTORS}u * local.x`, step: 1 },
};

function sourceOf({ start, step }: { readonly start: string; readonly step: number }): string {
  const copies = Array.from(
    { length: VECTORS },
    (_, i) => `  copied[at + ${i * step}u] = original[at + ${i * step}u];`,
  );
  return `@group(0) @binding(0) var<storage, read> original: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> copied: array<vec4<f32>>;
@compute @workgroup_size(${THREADS})
fn measure_copy(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let at = ${THREADS * VECTORS}u * group.x + ${start};
${copies.join('\n')}
}
`;
}

/**
 * Billions of bytes per second, reads and writes together, between two buffers of `bytes` each (rounded down to whole
 * workgroups and to what the device allows), by the better of two access patterns. Takes about half a second where a
 * single pass is quick.
 */
export async function measureBandwidth(device: GPUDevice, bytes = LARGE): Promise<number> {
  const { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupsPerDimension } = device.limits;
  const most = Math.min(bytes, maxStorageBufferBindingSize, maxBufferSize);
  const groups = Math.max(1, Math.min(Math.floor(most / BYTES_PER_GROUP), maxComputeWorkgroupsPerDimension));
  const size = groups * BYTES_PER_GROUP;
  const buffers = ['original', 'copied'].map((label) =>
    device.createBuffer({ label, size, usage: GPUBufferUsage.STORAGE }),
  );
  let best = 0;
  for (const pattern of Object.values(patterns)) {
    const kernel = { label: 'measure copy', source: sourceOf(pattern), entryPoint: 'measure_copy' };
    const time = await kernelTimer(device, { ...kernel, buffers, workgroups: groups });
    // The first pass also compiles the shader and touches every page for the first time.
    await time(1);
    const ends = performance.now() + ENOUGH_MILLISECONDS;
    let repeats = 1;
    do {
      const milliseconds = await time(repeats);
      best = Math.max(best, (2 * size * repeats) / milliseconds / 1e6);
      // Longer and longer until the fixed cost of a submission no longer counts.
      if (milliseconds < 20) repeats *= 2;
    } while (performance.now() < ends);
  }
  for (const buffer of buffers) buffer.destroy();
  return best;
}
