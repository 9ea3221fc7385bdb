// The weakly supervised head's loss where the head is sure: its gradient stays a number, right or wrong as it may be.
import { expect, it } from 'vitest';
import { zeros } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { milLoss } from '../../../src/models/fgclip-vad/milLoss';
import { openDevice } from '../../helpers/gpu';
import { traceLoss } from '../../helpers/traceLoss';

const [videos, frames, classes, width] = [2, 16, 2, 4];

/** Loss and its gradient by the logits of both videos' frames, of which the first one stands out. */
async function ofLogits(device: GPUDevice, logit: number, abnormal: readonly [number, number]) {
  const binary = Float32Array.from({ length: videos * frames }, (_, k) => (k % frames === 0 ? logit : logit - 1));
  const traced = await traceLoss(
    device,
    {
      weight: (name) => (name === 'binary' ? binary : Float32Array.from({ length: classes * width }, (_, k) => k + 1)),
    },
    (p, graph) => {
      const texts: Tensor = p.weight('texts', [classes, width], zeros);
      const output = {
        binary: p.weight('binary', [videos, frames], zeros),
        classes: graph.constant(new Float32Array(videos * frames * classes), [videos, frames, classes]),
        visual: texts,
      };
      const { parts } = milLoss(
        output,
        texts,
        graph.input('labels', [videos, classes]),
        graph.input('mask', [videos, frames]),
      );
      return { loss: parts.get('binary')! };
    },
  );
  traced.write({
    labels: Float32Array.from(abnormal.flatMap((one) => [1 - one, one])),
    mask: new Float32Array(videos * frames).fill(1),
  });
  traced.run();
  const [loss] = await traced.read('loss');
  const gradient = (await traced.gradients()).get('binary')!;
  traced.dispose();
  return { loss: loss!, gradient };
}

it.each([20, 40, 80, -20, -40, -80])(
  'is finite at logits of %d, and pushes back where they are wrong',
  async (logit) => {
    const { device } = await openDevice();
    const right = logit > 0 ? 1 : 0;
    const { loss, gradient } = await ofLogits(device, logit, [right, 1 - right]);
    expect(gradient.every(Number.isFinite)).toBe(true);
    // Two frames of sixteen count; the second video is called the opposite of what it is.
    const second = gradient.subarray(frames).reduce((a, b) => a + b, 0);
    expect(second).toBeCloseTo(Math.sign(logit) * 0.5, 4);
    expect(Math.abs(gradient.subarray(0, frames).reduce((a, b) => a + b, 0))).toBeLessThan(1e-6);
    expect(Math.abs(loss - 0.5 * Math.abs(logit))).toBeLessThan(0.5);
    device.destroy();
  },
);
