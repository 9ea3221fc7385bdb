// Softmax and log-sum-exp against a float64 loop, along any axis, at odd lengths and with large logits.
import { afterAll, beforeAll, describe, it } from 'vitest';
import { logSoftmax, logsumexp, softmax } from '../../../src/engine/ops/softmax';
import { expectReference } from '../../helpers/differences';
import { openDevice } from '../../helpers/gpu';
import { sizeOf, type Shape } from '../../../src/engine/graph/tensor';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

function reference(
  x: Float64Array,
  shape: Shape,
  axis: number,
): { soft: Float64Array; logs: Float64Array; sums: Float64Array } {
  const width = shape[axis] ?? 1;
  const inner = sizeOf(shape.slice(axis + 1));
  const soft = new Float64Array(x.length);
  const logs = new Float64Array(x.length);
  const sums = new Float64Array(x.length / width);
  for (let line = 0; line < sums.length; line++) {
    const at = (k: number): number => (Math.floor(line / inner) * width + k) * inner + (line % inner);
    let largest = -Infinity;
    for (let k = 0; k < width; k++) largest = Math.max(largest, x[at(k)]!);
    let total = 0;
    for (let k = 0; k < width; k++) total += Math.exp(x[at(k)]! - largest);
    sums[line] = largest + Math.log(total);
    for (let k = 0; k < width; k++) {
      logs[at(k)] = x[at(k)]! - sums[line]!;
      soft[at(k)] = Math.exp(logs[at(k)]!);
    }
  }
  return { soft, logs, sums };
}

describe('softmax', () => {
  const shapes: [Shape, number, number][] = [
    [[3, 1], 1, 0],
    [[65, 3], 1, 0],
    [[2, 5, 257], 2, 80],
    [[7, 64], 1, 0],
    [[3, 65, 8], 1, 0],
    [[17, 2, 3], 0, 500],
  ];
  it.each(shapes)('keeps %j along axis %d at offset %d', async (shape, axis, offset) => {
    await expectReference(device, {
      inputs: { x: shape },
      values: { x: (value) => 4 * value + offset },
      body: (_graph, { x }) => ({ soft: softmax(x!, axis), logs: logSoftmax(x!, axis), sums: logsumexp(x!, axis) }),
      reference: ({ x }) => reference(x!, shape, axis),
      gradients: ['x'],
      tolerance: offset > 0 ? 5e-5 : 2e-6,
      gradientTolerance: offset > 0 ? 2e-4 : 2e-5,
    });
  });
});
