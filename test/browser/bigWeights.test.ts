// A file of 600 MB is read and put on the GPU without ever being whole in JavaScript's memory.
import { describe, expect, it } from 'vitest';
import { openWeights } from '../../src/formats/openWeights';
import { piecesToBlob, weightPieces, type TensorToWrite } from '../../src/formats/writeWeights';
import { loadWeights } from '../../src/training/weights/loadWeights';
import type { NamedTensor } from '../../src/training/runtime';
import { collectGarbage, memoryBytes } from './tabMemory';

const shape = [1024, 1024];
const count = 150;
const names = Array.from({ length: count }, (_, i) => `blocks.${i}.weight`);
const mebibyte = 2 ** 20;

/** Every tensor is made of this one, so that the file takes 4 MB of the browser's memory. */
const values = Float32Array.from({ length: mebibyte }, (_, i) => i % 1000);
const stored = new Blob([values]);
const tensors: TensorToWrite[] = names.map((name) => ({
  ...{ name, dtype: 'F32', shape, stored },
  read: () => Promise.resolve({ dtype: 'F32' as const, shape, data: values }),
}));

describe.each(['safetensors', 'pth'] as const)('600 MB of %s', (format) => {
  it('pass through less than 700 MB', { timeout: 120_000 }, async () => {
    const adapter = await navigator.gpu.requestAdapter();
    const device = await adapter!.requestDevice();
    const buffer = device.createBuffer({ size: shape[0]! * shape[1]! * 4, usage: GPUBufferUsage.COPY_DST });
    await collectGarbage();
    let peak = 0;
    let checked = 0;
    const model = {
      shapes: new Map(names.map((name) => [name, shape])),
      async writeWeight(_: string, { data }: NamedTensor): Promise<void> {
        device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
        await device.queue.onSubmittedWorkDone();
        if (data[mebibyte - 1] === values[mebibyte - 1]) checked += 1;
        peak = Math.max(peak, await memoryBytes());
      },
    };
    const blob = await piecesToBlob(weightPieces(format, tensors));
    peak = await memoryBytes();
    expect(blob.size).toBeGreaterThan(600 * mebibyte);
    const started = performance.now();
    const report = await loadWeights(await openWeights([{ path: `big.${format}`, blob }]), model);
    const seconds = (performance.now() - started) / 1000;
    device.destroy();
    console.log(`${format}: at most ${(peak / mebibyte).toFixed(0)} MiB, loaded in ${seconds.toFixed(1)} s`);
    expect(report.matched).toHaveLength(count);
    expect(checked).toBe(count);
    expect(peak).toBeLessThan(700e6);
  });
});

it('would be seen to fill the memory if they were read whole', async () => {
  const blob = await piecesToBlob(weightPieces('safetensors', tensors));
  const whole = await blob.arrayBuffer();
  expect(await memoryBytes()).toBeGreaterThan(whole.byteLength);
});
