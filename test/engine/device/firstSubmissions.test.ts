// Into how many command buffers a first run goes: none may hold the GPU for long, and nothing was timed yet.
import { expect, it } from 'vitest';
import { knownGigaflops, measureGigaflops } from '../../../src/engine/device/gigaflops';
import { firstSubmissions } from '../../../src/engine/device/program';
import { openDevice } from '../../helpers/gpu';

it.each([
  // A slow integrated GPU is the guess: 10 GFLOP each.
  [1e9, undefined, 1],
  [2.5e10, undefined, 3],
  // 400 GFLOP/s of which a step reaches a fifth: 8 GFLOP in a tenth of a second.
  [2.5e10, 400, 4],
  [2.5e10, 10_000, 1],
  // A software adapter.
  [2.5e10, 50, 25],
  [1e13, 50, 64],
])('cuts %d FLOPs at %d GFLOP/s into %i', (flops, gigaflops, wanted) => {
  expect(firstSubmissions(flops, gigaflops)).toBe(wanted);
});

it('knows the rate of a device once it was measured', async () => {
  const { device } = await openDevice();
  expect(knownGigaflops(device)).toBeUndefined();
  const gigaflops = await measureGigaflops(device);
  expect(knownGigaflops(device)).toBe(gigaflops);
  device.destroy();
});
