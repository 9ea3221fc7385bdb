// The device that takes what WebGPU leaves open the other way round.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDevice } from './gpu';
import { hideBounds, hostile, reverseWorkgroups } from './hostileDevice';

let device: GPUDevice;
beforeAll(async () => ({ device } = await openDevice()));
afterAll(() => device.destroy());

/** Each workgroup writes the number it takes itself for where it really is. */
const source = `@group(0) @binding(0) var<storage, read_write> taken: array<u32>;
@compute @workgroup_size(1)
fn number(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(global_invocation_id) real: vec3<u32>) {
  taken[real.y * 3u + real.x] = workgroup.y * 3u + workgroup.x;
}`;

async function taken(): Promise<number[]> {
  const buffer = device.createBuffer({
    label: 'arena 0',
    size: 24,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  hostile(device).fillArenas();
  const module = device.createShaderModule({ code: source });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const entries = [{ binding: 0, resource: { buffer } }];
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const read = device.createBuffer({ size: 24, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  // One place of six keeps what the arena was filled with.
  pass.dispatchWorkgroups(5, 1);
  pass.end();
  encoder.copyBufferToBuffer(buffer, 0, read, 0, 24);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(GPUMapMode.READ);
  const values = [...new Uint32Array(read.getMappedRange())];
  buffer.destroy();
  read.destroy();
  return values;
}

test('lets workgroups count down, and fills arenas with what is not a number', async () => {
  const hostility = hostile(device);
  expect(hostile(device)).toBe(hostility);
  expect(await taken()).toEqual([0, 1, 2, 3, 4, 0x7fc07fc0]);
  hostility.backwards = true;
  expect(await taken()).toEqual([4, 3, 2, 1, 0, 0x7fc07fc0]);
  hostility.backwards = false;
  expect(await taken()).toEqual([0, 1, 2, 3, 4, 0x7fc07fc0]);
});

test('uses the count of workgroups that a kernel has already', () => {
  const kernel =
    'fn k(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) grid: vec3<u32>) { use(group); }';
  expect(reverseWorkgroups(kernel)).toBe(
    'fn k(@builtin(workgroup_id) placed_at: vec3<u32>, @builtin(num_workgroups) grid: vec3<u32>) {\n' +
      '  let group = grid - 1u - placed_at; use(group); }',
  );
});

test('hides the length of long loops alone', () => {
  const kernel = (body: string) => `fn k(@builtin(workgroup_id) workgroup: vec3<u32>) { ${body} }`;
  const long = 'for (var i = local.x; i < 96u; i += 32u) { }';
  expect(hideBounds(kernel(long))).toBe(
    kernel('for (var i = local.x; i < select(96u, 0u, workgroup.x > 65535u); i += 32u) { }'),
  );
  for (const other of ['for (var i = 0u; i < 4u; i++) { }', 'for (var i = 0u; i < end; i++) { }'])
    expect(hideBounds(kernel(other))).toBe(kernel(other));
  expect(hideBounds(`fn k() { ${long} }`)).toBe(`fn k() { ${long} }`);
});
