// The plain account against which the frame pass is held agrees with what PyTorch and torchvision recorded.
import { describe, expect, it } from 'vitest';
import type { JitterOp } from '../../../src/engine/frames/colourJitter';
import { stretched } from '../../../src/engine/frames/placement';
import { floatValues } from '../../../src/formats/storedTensor';
import { goldenFolder, readGolden } from '../../helpers/golden';
import { jittered, pictureOf, placed, type Picture } from './reference';

const folder = goldenFolder('mntsm');
const ops: readonly JitterOp[] = ['brightness', 'contrast', 'saturation', 'hue'];

describe.skipIf(!folder)('recorded', () => {
  const recorded = folder ? readGolden(folder, 'ops') : undefined;
  const load = (name: string): Picture => {
    const tensor = recorded!.tensors.get(name)!;
    const [height, width] = tensor.shape.slice(-2) as [number, number];
    const values = floatValues(tensor);
    const at = (x: number, y: number, c: number) => values[(c * height + y) * width + x]!;
    return pictureOf(width, height, (x, y) => [at(x, y, 0), at(x, y, 1), at(x, y, 2)]);
  };
  const agree = (got: Picture, want: Picture) => {
    expect([got.width, got.height]).toEqual([want.width, want.height]);
    for (let y = 0; y < want.height; y++)
      for (let x = 0; x < want.width; x++)
        got.at(x, y).forEach((value, c) => expect(Math.abs(value - want.at(x, y)[c]!)).toBeLessThan(1e-5));
  };

  it.each(['28x28', '20x17', '7x9'])('resize to %s without antialiasing', (name) => {
    const input = load('input.resize');
    const want = load(`output.resize.${name}`);
    agree(placed(input, { ...stretched(input, { width: want.width, height: want.height }), antialias: false }), want);
  });

  it.each(['brightness.0.8', 'contrast.1.2', 'saturation.0.8', 'hue.-0.1', 'hue.0.1', 'hue.0.07'])('%s', (name) => {
    const [op, ...factor] = name.split('.');
    const jitter = [{ op: op as JitterOp, factor: Number(factor.join('.')) }];
    agree(jittered(load('input.aug.image'), jitter), load(`output.aug.${name}`));
  });

  it.each(['0123', '2031', '3102'])('all four in the order %s', (order) => {
    const factors = JSON.parse(recorded!.metadata['config']!) as { aug_order_factors: Record<JitterOp, number> };
    const jitter = Array.from(order, (code) => {
      const op = ops[Number(code)]!;
      return { op, factor: factors.aug_order_factors[op] };
    });
    agree(jittered(load('input.aug.image'), jitter), load(`output.aug.order${order}`));
  });

  it('flips', () => {
    const input = load('input.aug.image');
    agree(placed(input, { ...stretched(input, input), flip: true }), load('output.aug.hflip'));
  });
});
