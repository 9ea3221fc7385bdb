// Arctangent to f32's last digits, near zero, at the joints of its polynomial and far out.
import { afterAll, beforeAll, describe, it } from 'vitest';
import { multiply } from '../../../src/engine/ops/arithmetic';
import { atan } from '../../../src/engine/ops/power';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

describe('atan', () => {
  it.each([1e-5, 0.42, 1, 2.5, 1e7])('keeps its digits up to %d', async (reach) => {
    await expectReference(device, {
      inputs: { x: [65] },
      values: { x: (value, index) => (index === 0 ? 0 : value * reach) },
      // The result is scaled up, so that the tolerance stays relative.
      body: (_graph, { x }) => ({ y: multiply(atan(x!), 1 / Math.min(reach, 1)) }),
      reference: ({ x }) => ({ y: x!.map((one) => Math.atan(one) / Math.min(reach, 1)) }),
      gradients: reach === 1e7 ? [] : ['x'],
      tolerance: 4e-7,
    });
  });
});
