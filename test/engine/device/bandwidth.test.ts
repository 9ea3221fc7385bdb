// The measure of memory bandwidth: a plausible rate within a bound of time, from a kernel that copies all of it.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { measureBandwidth } from '../../../src/engine/device/bandwidth';
import { openDevice } from '../../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => device.destroy());

test('gives a plausible rate soon', async () => {
  const started = performance.now();
  const rate = await measureBandwidth(device, 2 ** 22);
  expect(performance.now() - started).toBeLessThan(10_000);
  // Slower than any memory in use, faster than any cache: a factor of 1,000 wrong would show.
  expect(rate).toBeGreaterThan(0.05);
  expect(rate).toBeLessThan(50_000);
});

test('copies every vector, whatever the size asked for, and lets go of both buffers', async () => {
  const create = device.createBuffer.bind(device);
  const made: GPUBuffer[] = [];
  let destroyed = 0;
  // The measure's own buffers, but readable and kept: the first holds numbers, the second must hold them afterwards.
  vi.spyOn(device, 'createBuffer').mockImplementation(({ size, usage }) => {
    const buffer = create({ size, usage: usage | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
    if (made.length === 0)
      device.queue.writeBuffer(
        buffer,
        0,
        Float32Array.from({ length: size / 4 }, (_, i) => i + 1),
      );
    vi.spyOn(buffer, 'destroy').mockImplementation(() => {
      destroyed++;
    });
    made.push(buffer);
    return buffer;
  });
  await measureBandwidth(device, 70_000);
  vi.restoreAllMocks();
  expect(destroyed).toBe(2);
  const [, copied] = made as [GPUBuffer, GPUBuffer];
  expect(copied.size).toBe(69_632);
  const staging = create({ size: copied.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(copied, 0, staging, 0, copied.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(staging.getMappedRange().slice(0));
  expect(values.findIndex((value, i) => value !== i + 1)).toBe(-1);
  for (const buffer of [...made, staging]) buffer.destroy();
});
