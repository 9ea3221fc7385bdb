// Stochastic depth: whole samples go or stay, the sum is kept on average, and the gradient goes the same way.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Graph } from '../../src/engine/graph/graph';
import { dropPath } from '../../src/layers/dropPath';
import { openDevice } from '../helpers/gpu';
import { runGraph, targets } from '../helpers/runGraph';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

it('keeps or drops whole samples, with their gradients', async () => {
  const [samples, rest] = [400, 15];
  const x = { shape: [samples, 3, 5], data: new Float32Array(samples * rest).fill(3) };
  const { target } = targets(device)[0]!;
  const { outputs, gradients } = await runGraph(
    device,
    target,
    { x },
    (_graph, inputs) => ({ y: dropPath(inputs['x']!, 0.25) }),
    { y: new Float32Array(samples * rest).fill(1) },
    ['x'],
  );
  let kept = 0;
  for (let sample = 0; sample < samples; sample++) {
    const own = [...outputs['y']!.slice(sample * rest, (sample + 1) * rest)];
    const stays = own[0] !== 0;
    if (stays) kept++;
    expect(own.every((value) => Math.abs(value - (stays ? 4 : 0)) < 1e-5)).toBe(true);
    const slopes = [...gradients['x']!.slice(sample * rest, (sample + 1) * rest)];
    expect(slopes.every((value) => Math.abs(value - (stays ? 4 / 3 : 0)) < 1e-5)).toBe(true);
  }
  // Four standard deviations around 300.
  expect(Math.abs(kept - 300)).toBeLessThan(35);
});

it('is the branch itself where nothing is dropped', () => {
  const x = new Graph().input('x', [2, 3]);
  expect(dropPath(x, 0)).toBe(x);
});
