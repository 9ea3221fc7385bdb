// Binary and focal cross-entropy against float64, at saturated logits and any focus.
import { afterAll, beforeAll, describe, it } from 'vitest';
import { binaryCrossEntropyWithLogits, sigmoidFocalLoss } from '../../src/losses/binaryCrossEntropy';
import { expectReference } from '../helpers/differences';
import { openDevice } from '../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Logits far beyond ±16, where a sigmoid in f32 is 0 or 1, and hard targets. */
const values = {
  x: (value: number, index: number) => value * (index % 3 === 0 ? 100 : 4),
  target: (value: number) => (value > 0 ? 1 : 0),
};

describe('binaryCrossEntropyWithLogits', () => {
  it('weighs positives per column', async () => {
    await expectReference(device, {
      inputs: { x: [7, 5], target: [7, 5], weight: [5] },
      values: { ...values, weight: (value) => 1.5 + value },
      body: (_graph, { x, target, weight }) => ({
        y: binaryCrossEntropyWithLogits(x!, target!, { positiveWeight: weight!, reduction: 'none' }),
      }),
      reference: ({ x, target, weight }) => ({
        y: x!.map((logit, at) => (target![at] === 1 ? weight![at % 5]! * softplus(-logit) : softplus(logit))),
      }),
      gradients: ['x', 'weight'],
    });
  });
});

describe('sigmoidFocalLoss', () => {
  it.each([
    [0, -1],
    [0.5, 0.25],
    [1.5, 0.75],
    [2, -1],
  ])('has a finite gradient everywhere, gamma %d, alpha %d', async (gamma, alpha) => {
    await expectReference(device, {
      inputs: { x: [13, 5], target: [13, 5] },
      values,
      body: (_graph, { x, target }) => ({ y: sigmoidFocalLoss(x!, target!, { gamma, alpha, reduction: 'none' }) }),
      reference: ({ x, target }) => ({
        y: x!.map((logit, at) => {
          const away = target![at] === 1 ? -logit : logit;
          const weight = alpha < 0 ? 1 : target![at] === 1 ? alpha : 1 - alpha;
          return weight * sigmoid(away) ** gamma * softplus(away);
        }),
      }),
      gradients: ['x'],
    });
  });

  it('weighs positives and keeps the small losses of clear cases', async () => {
    await expectReference(device, {
      inputs: { x: [13, 5], target: [13, 5] },
      values: { x: (value) => value * 12, target: values.target },
      body: (graph, { x, target }) => ({
        y: sigmoidFocalLoss(x!, target!, {
          gamma: 0,
          alpha: -1,
          positiveWeight: graph.scalar(0.4472136),
          reduction: 'none',
        }),
      }),
      reference: ({ x, target }) => ({
        y: x!.map((logit, at) => (target![at] === 1 ? 0.4472136 * softplus(-logit) : softplus(logit))),
      }),
      gradients: ['x'],
    });
  });
});
