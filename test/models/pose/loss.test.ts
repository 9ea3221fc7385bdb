// The angle loss where it is delicate: bones that lie almost along one line.
import { afterAll, beforeAll, it } from 'vitest';
import { multiply } from '../../../src/engine/ops/arithmetic';
import { angle } from '../../../src/models/pose/loss';
import { ANGLE_PAIRS, boneAngles } from '../../../src/figure/skeleton';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

/** Steps from the hip along the skeleton: with them as x every bone lies along the x axis. */
const depths = [0, 1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 3, 4, 5, 3, 4, 5];

/** Joints off the line by up to 0.004: angles of about 0.02 from 0 or π. */
const nearLine = (value: number, index: number): number =>
  0.004 * value + (index % 3 === 0 ? 0.3 * depths[Math.floor(index / 3) % 17]! : 0);

it('has the right gradient for nearly parallel bones', async () => {
  const shape = [1, 2, 17, 3];
  // The factor makes gradients larger than 1, so that tolerances are relative.
  await expectReference(device, {
    inputs: { x: shape, y: shape },
    values: { x: nearLine },
    body: (_graph, { x, y }) => ({ loss: multiply(angle(x!, y!), 1000) }),
    reference({ x, y }) {
      const wanted = boneAngles(y!);
      const sum = boneAngles(x!).reduce((total, one, i) => total + Math.abs(one - wanted[i]!), 0);
      return { loss: Float64Array.of((1000 * sum) / (2 * ANGLE_PAIRS.length)) };
    },
    gradients: ['x'],
    quick: true,
  });
});
