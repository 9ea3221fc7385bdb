// Probabilities of classes by what texts say, against plain numbers.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anomalyOf, classProbabilities } from '../../../src/models/fgclip-vad/scores';
import { openDevice } from '../../helpers/gpu';
import { runGraph, targets } from '../../helpers/runGraph';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

it('compares directions, whatever the lengths, and leaves the normal class out', async () => {
  const features = { shape: [1, 2, 2], data: Float32Array.of(0, 5, 0.3, 0.4) };
  const texts = { shape: [3, 2], data: Float32Array.of(0, 1, 1, 0, -1, 0) };
  const { outputs } = await runGraph(device, targets(device)[0]!.target, { features, texts }, (_graph, inputs) => {
    const probabilities = classProbabilities(inputs['features']!, inputs['texts']!, 0.5);
    return { probabilities, anomaly: anomalyOf(probabilities) };
  });
  const expected = [
    [1, 0, 0],
    [0.8, 0.6, -0.6],
  ].map((cosines) => {
    const powers = cosines.map((one) => Math.exp(one / 0.5));
    return powers.map((one) => one / powers.reduce((a, b) => a + b));
  });
  expected.flat().forEach((one, k) => expect(outputs['probabilities']![k]).toBeCloseTo(one, 5));
  expected.forEach((one, k) => expect(outputs['anomaly']![k]).toBeCloseTo(1 - one[0]!, 5));
  expect(outputs['anomaly']).toHaveLength(2);
});
