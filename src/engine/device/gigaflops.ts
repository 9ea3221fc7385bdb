// How fast the adapter multiplies and adds: a short loop of independent f32 fma chains in registers.
import { kernelTimer } from './kernelTimer';

const CHAINS = 8;
const LOOPS = 256;

const source = `@group(0) @binding(0) var<storage, read_write> result: array<vec4<f32>>;
@compute @workgroup_size(64)
fn measure_fma(@builtin(global_invocation_id) id: vec3<u32>) {
  var x: array<vec4<f32>, ${CHAINS}>;
  for (var i = 0u; i < ${CHAINS}u; i++) { x[i] = vec4<f32>(f32(id.x + i)); }
  let scale = vec4<f32>(0.999);
  let end = select(${LOOPS}u, 0u, id.x > 0x7fffffffu);
  for (var k = 0u; k < end; k++) {
${Array.from({ length: CHAINS }, (_, i) => `    x[${i}] = fma(x[${i}], scale, vec4<f32>(1.0));`).join('\n')}
  }
  result[id.x] = ${Array.from({ length: CHAINS }, (_, i) => `x[${i}]`).join(' + ')};
}
`;

const FLOPS_PER_INVOCATION = CHAINS * 4 * 2 * LOOPS;

const measured = new WeakMap<GPUDevice, number>();

/** What was measured of this device, if it was. */
export function knownGigaflops(device: GPUDevice): number | undefined {
  return measured.get(device);
}

/** Billions of f32 operations per second (a multiply-add counts twice); takes a few tens of milliseconds. */
export async function measureGigaflops(device: GPUDevice): Promise<number> {
  const most = 256;
  const buffer = device.createBuffer({ label: 'measure', size: most * 64 * 16, usage: GPUBufferUsage.STORAGE });
  const kernel = { label: 'measure', source, entryPoint: 'measure_fma' };
  const time = await kernelTimer(device, { ...kernel, buffers: [buffer], workgroups: most });
  await time(1);
  let best = 0;
  // Longer and longer until the fixed cost of a submission no longer counts.
  for (let repeats = 1; repeats <= 4096; repeats *= 4) {
    const milliseconds = await time(repeats);
    best = Math.max(best, (repeats * most * 64 * FLOPS_PER_INVOCATION) / milliseconds / 1e6);
    if (milliseconds > 20) break;
  }
  buffer.destroy();
  measured.set(device, best);
  return best;
}
