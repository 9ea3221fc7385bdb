// Temporal shift against a plain loop, in both directions and with both kinds of ends.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../src/engine/graph/graph';
import { temporalShift } from '../../src/layers/temporalShift';
import { expectReference } from '../helpers/differences';
import { openDevice } from '../helpers/gpu';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

describe('temporalShift', () => {
  it.each([
    ['future', 'zeros', 3],
    ['past', 'replicate', 3],
    ['past', 'zeros', 2],
    ['future', 'replicate', 1],
  ] as const)('looks to the %s first, %s beyond a clip of %d frames', async (first, edges, segments) => {
    const [clips, channels, pixels] = [2, 9, 5];
    const fold = 2;
    await expectReference(device, {
      inputs: { x: [clips * segments, channels, pixels] },
      body: (_graph, { x }) => ({ y: temporalShift(x!, { segments, foldDivisor: 4, first, edges }) }),
      reference: ({ x }) => ({
        y: x!.map((value, at) => {
          const channel = Math.floor(at / pixels) % channels;
          const frame = Math.floor(at / pixels / channels) % segments;
          if (channel >= 2 * fold) return value;
          const step = channel < fold === (first === 'future') ? 1 : -1;
          const inside = frame + step >= 0 && frame + step < segments;
          return inside ? x![at + step * channels * pixels]! : edges === 'replicate' ? value : 0;
        }),
      }),
      gradients: ['x'],
      tolerance: 0,
    });
  });

  it('shifts the same values with the channels last', async () => {
    const [frames, channels, pixels] = [4, 9, 5];
    await expectReference(device, {
      inputs: { x: [frames, pixels, channels] },
      body: (_graph, { x }) => ({
        y: temporalShift(x!, { segments: 2, foldDivisor: 4, first: 'past', edges: 'replicate', channels: 'last' }),
      }),
      reference: ({ x }) => ({
        y: x!.map((value, at) => {
          const second = Math.floor(at / channels / pixels) % 2;
          const channel = at % channels;
          const step = channel < 2 && second === 1 ? -1 : channel >= 2 && channel < 4 && second === 0 ? 1 : 0;
          return step === 0 ? value : x![at + step * channels * pixels]!;
        }),
      }),
      gradients: ['x'],
      tolerance: 0,
    });
  });

  it('refuses a part of a clip', () => {
    const x = new Graph().input('x', [7, 8, 2, 2]);
    expect(() => temporalShift(x, { segments: 4 })).toThrow('clips of 4 frames wanted, [7, 8, 2, 2] came');
  });
});
