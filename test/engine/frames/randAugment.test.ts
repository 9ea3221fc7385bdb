// RandAugment's operations on bytes, against what Pillow 9.4 makes of them, and movements against a plain account.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FramePass } from '../../../src/engine/frames/framePass';
import { stretched } from '../../../src/engine/frames/placement';
import {
  drawRandAugment,
  drawSigns,
  encodeStep,
  type AugmentOp,
  type AugmentStep,
} from '../../../src/engine/frames/randAugment';
import { seededRandom } from '../../../src/samples/seededRandom';
import { openDevice } from '../../helpers/gpu';
import { byteFrame, bytesOf, encodeBytes } from './byteFrames';

const size = { width: 32, height: 20 };
const pixels = size.width * size.height;

let device: GPUDevice;
let pass: FramePass;
beforeAll(async () => {
  ({ device } = await openDevice());
  pass = new FramePass(device);
});
afterAll(() => {
  pass.dispose();
  device.destroy();
});

const all = drawRandAugment(15, new Map(), () => 0.5);
const stepOf = (name: AugmentOp): AugmentStep => all.find(({ op }) => op === name)!;
const augmented = (steps: readonly AugmentStep[]): Promise<number[]> =>
  encodeBytes(device, pass, byteFrame(size, 7), size, stretched(size, size), [], steps);

/** Operations one after the other, and the first two rows of the picture of 32 × 20 pixels with seed 7 after them. */
const recorded: readonly (readonly [ops: readonly AugmentOp[], bytes: string])[] = [
  [
    ['posterize'],
    'IOCA4ADAQAAA4OCAYICAwMBgYMBAYACgwEAg4ABgYAAAgMAAgOBAgEBAgKBAIMCgYOBgIEDggGAgYCAAoMAggKDgQGCgwIBgwOBA' +
      '4CBA4KAgAEDAwCCAwGBAQCDAIKCgYECAQABgYMDAwCCggACgwIDAAKBg4OAgQMDA4OAA4CDgIODAoIBAIAAAIMAAQGDgIICAYIAA' +
      'oCBgIKCgYADgAIAgwECgYEBAoEAAwICAwIBAIODAAECAAIDgYOAA4CBg',
  ],
  [
    ['solarize'],
    'PRacEgzbXA0RBAaIc4yax8dredpcexe/1VstBB90dBsdn8UVmxJEl1pQg7ZPKN+gYQB8LUAUln4sby0AscIli73iX2ij1IB7yQpT' +
      '4jVGDLc1DUvTwjWCwWpUWjTeNK2zcESGVhlid8DcxjuvlRO+0pDaDr9vARYySNnPAwwH4j0EPRPVpY9fLwYCIsMWXX0BMI2BaIkO' +
      'rTxxLr+/bh0WFZYn2F+jdkRXrk0DyY+Zw4hJNAvKB1OED4YXbRQBAj5u',
  ],
  [
    ['colour'],
    'AP+P/wD/gwAC//8/ZZCozs4vUvggnwD//0QA/wB7oAcLmdsAf/8Atk08cckYAP+fG/9KFTX/qH8AkyIAtdIAbsT/VWXK/m5lwP8A' +
      '/w4r/7QAAE3//xCU7lgyXx3/AMbQgDSmbgWDUM39/xPayAD/7Xv7AOti//MAAPjn//8A/wn/AP/stI47QwAAAPMAQnn/AaGNYZoA' +
      '4R96AN3dhgD/ALoA/z+0jTdY5D0A5YKT5oAUAP/YAF+zAJf/QP8A/xBj',
  ],
  [
    ['contrast'],
    'D/+z/wD/RAAA//+QbJev/f1edv9EegDv/0MA/wBubgAAuPkAsf8bqkEwiN8uAP+5Tf98ABT/qH8AZQAA1/QAlev/Slm//4J6//81' +
      '/wEf/+EBACf/9AGG8l03QQD/ANDaZxuNOgBPc/D/+wzTpwDt/57/AO9l//8AIv////8A/w//D///wpxKAAAAAPYARn3/AJmEWZIA' +
      '0A1pAO/vYwD/AKgA/0q/cRs80isA/5yt9pAkAP//ADWJAI3/Yv8A/xFj',
  ],
  [
    ['brightness'],
    'aP///xT/nhYd///pxfD///+40P+e0yf//5xN/zXHxy4x//8k//90/5qJ4f+HRP//pv/VTW7//9hLvk0A//8/7///o7L//9zT//+O' +
      '/1t4//9bFoH//1vf/7aQmln/Wf//wHTmkyuozP///2X//yD///f/GP++//9We/////8M/2j/aP////WjUAoDOv8ln9f/UvLdsusY' +
      '/2fCT///vTH/JP9D/6P/ynSV/4QF//X//+l9Wf//DI7jGeb/u/8B/2q9',
  ],
  [
    ['sharpness'],
    'Pemc7QzbXA0R+/mIc4yax8dredpcexe/1Vst+x90dBsdn8UVm+1El1pQg7ZPKN+gYf98LUDrln4sby0AscIli73iX2ij1IB7yfVT' +
      '4jVG87c1DUvTwjWCwWpUWjTeNK2zcESGPgBaZOr/6hHGlgDP/4z9AMtg//8QEP/9//8A9xn/Cv//rI1mBwAAANoAV2z/EoxwYpEA' +
      'yx9uBOXoaQD/AJsA/0S6YR1RqjAA0ZHC3JEyCv/zAD6AAIj/Zf8A/T5u',
  ],
  [
    ['equalize'],
    'Tf/M/xL/cBUW//+3jrTJ9/+Tlv97miD2/3o6/yuejyQlw/8avf9XuHlopOxmM//SeP+nOVf/tqI2iT0A2v4rq/X/dIvV/6Wl+v9x' +
      '/0pa/+1IEGb/70qs7o5ybUn/Q+Loil6zaCKFk/z/9U/ktRz1/7r/EfmY//9BW/////8K/1L/Tf//y7d/PQgCKf8bcaH/PrWqg7AR' +
      '1FGcO/n2iCb/GMMu/3/VkV521WkD+rfJ8a9dQ///B3CwE6z/hv8C/1SW',
  ],
  [
    ['invert'],
    'whZjEvMko/LuBAZ3jHNlODiUhiWjhOhAKqTSBOCLi+TiYDrqZBK7aKWvfEmw1yBfngCD0r8UaYHTkNL/Tj3adEIdoJdcK3+ENgqs' +
      'Hcq5DEjK8rQsPcp9PpWrpcshy1JMj7t5qeadiD8jOcRQauxBLW8l8UCQARbNtyYwAwz4HcIEwhMqWnCg0Pn93TzpooIBz3J+l3bx' +
      'UsOO0UBAkeIW6mnYJ6BcibuoUbL8NnBmPHe2yws1+Kx78HkXkhT+AsGR',
  ],
  [
    ['posterize', 'autocontrast'],
    'JP+R/wDaSAAA//+RbZGR2tptbdpIbQC22kgk/wBtbQAAkdoAkf9IkUhIkbZIJNq2bf9tJEj/kW0kbSQAttokkbb/SG222pFt2v9I' +
      '/yRI/7YkAEja2iSR2m1ISCTaJLa2bUiRSABtbdra2iS2kQC22pHaALZt//8kSNra//8A/yT/JP/atpFIJAAAJNoASG3/JJGRbZEA' +
      'tiRtJLa2bQD/AJEk2ki2bUhItkgA2pGR2pFIJP/aAEiRAJH/bf8A/yRt',
  ],
  [
    ['contrast', 'equalize'],
    'mf/M/wD/4AAA//+3/7TJ//+T//97/wD2/3oA/wCe/wAA//8A//9X/3lo/+xmAP/S7/+nAFf//6IA/wAA//4A//X/6IvV/6Wl//9x' +
      '/0pa/+1IAGb//0qs/45y2QD/AOLo/16z0ACF//z//0/k/wD1/7r/APmY//8Atf////8A/1L/mf///7d/AAAAAP8A4qH/ALWq/7AA' +
      '/1GcAPn2/wD/AMMA/3/V/152/2kA/7fJ/69dAP//AHCwAKz///8A/1SW',
  ],
];

describe('operations on levels', () => {
  it.each(recorded)('%j', async (names, bytes) => {
    const got = await augmented(names.map(stepOf));
    expect(got.slice(0, 2 * size.width * 3)).toEqual(bytesOf(bytes));
  });
});

describe('operations that move', () => {
  /** Where an output pixel comes from, by imgaug's matrices about the picture's middle; shears go by tanh. */
  const sources: Readonly<Record<string, (x: number, y: number, amount: number) => readonly [number, number]>> = {
    shearX: (x, y, amount) => [x + Math.tanh(amount) * y, y],
    shearY: (x, y, amount) => [x, y - Math.tanh(amount) * x],
    rotate: (x, y, amount) => [
      Math.cos(amount) * x + Math.sin(amount) * y,
      Math.cos(amount) * y - Math.sin(amount) * x,
    ],
  };

  it.each(['shearX', 'shearY', 'rotate'] as const)('%s as OpenCV would, black outside', async (name) => {
    const before = await augmented([]);
    const step = stepOf(name);
    const after = await augmented([step]);
    const level = (x: number, y: number, c: number): number =>
      x < 0 || y < 0 || x >= size.width || y >= size.height ? 0 : before[(y * size.width + x) * 3 + c]!;
    const [middleX, middleY] = [size.width / 2 - 0.5, size.height / 2 - 0.5];
    for (let i = 0; i < pixels; i++) {
      const [x, y] = [i % size.width, Math.floor(i / size.width)];
      const [dx, dy] = sources[name]!(x - middleX, y - middleY, (step.amount * Math.PI) / 180);
      const [sx, sy] = [dx + middleX, dy + middleY];
      const [low, top] = [Math.floor(sx), Math.floor(sy)];
      for (let c = 0; c < 3; c++) {
        const row = (at: number): number => level(low, at, c) * (1 - sx + low) + level(low + 1, at, c) * (sx - low);
        const want = row(top) * (1 - sy + top) + row(top + 1) * (sy - top);
        expect(Math.abs(after[i * 3 + c]! - want)).toBeLessThan(0.51);
      }
    }
  });

  it('translate by whole pixels and cut out a grey square', async () => {
    const before = await augmented([]);
    const across = Math.round(0.18 * size.width);
    const moved = await augmented([stepOf('translateX')]);
    const down = Math.round(0.18 * size.height);
    const sunk = await augmented([{ ...stepOf('translateY'), amount: -0.18 }]);
    const cut = await augmented([{ op: 'cutout', amount: 0.18, middle: [0.5, 0] }]);
    for (let i = 0; i < pixels; i++) {
      const [x, y] = [i % size.width, Math.floor(i / size.width)];
      const of = (from: readonly number[], at: number): readonly number[] => from.slice(at * 3, at * 3 + 3);
      expect(of(moved, i)).toEqual(x < across ? [0, 0, 0] : of(before, i - across));
      expect(of(sunk, i)).toEqual(y >= size.height - down ? [0, 0, 0] : of(before, i + down * size.width));
      const inside = Math.abs(x + 0.5 - size.width / 2) < 2 && y < 2;
      expect(of(cut, i)).toEqual(inside ? [128, 128, 128] : of(before, i));
    }
  });

  it('go the same way where rows of the output lie as columns', () => {
    const [upright, lying] = [false, true].map((transposed) => {
      const words = encodeStep(
        stepOf('rotate'),
        transposed ? { width: 20, height: 32 } : { width: 32, height: 20 },
        transposed,
      );
      return new Float32Array(words.buffer, 16, 8);
    }) as [Float32Array, Float32Array];
    const [x, y] = [5, 11];
    const place = (m: Float32Array, i: number, j: number): readonly number[] => [
      m[0]! * i + m[1]! * j + m[2]!,
      m[4]! * i + m[5]! * j + m[6]!,
    ];
    expect(place(lying, y, x)).toEqual([...place(upright, x, y)].reverse());
  });
});

describe('a draw', () => {
  it('takes two different operations in the order of the list, all equally often', () => {
    const random = seededRandom(5);
    const signs = drawSigns(random);
    const counts = new Map<AugmentOp, number>();
    for (let i = 0; i < 3000; i++) {
      const [first, second, ...others] = drawRandAugment(2, signs, random);
      expect(others).toEqual([]);
      const order = all.map(({ op }) => op);
      expect(order.indexOf(second!.op)).toBeGreaterThan(order.indexOf(first!.op));
      for (const { op } of [first!, second!]) counts.set(op, (counts.get(op) ?? 0) + 1);
    }
    expect(counts.size).toBe(15);
    for (const count of counts.values()) expect(Math.abs(count - 400)).toBeLessThan(80);
  });

  it('keeps the way that shears, translations and the rotation go for the whole run', () => {
    const signs = drawSigns(seededRandom(8));
    const ways = new Map<AugmentOp, Set<number>>();
    const random = seededRandom(9);
    for (let i = 0; i < 500; i++)
      for (const { op, amount } of drawRandAugment(2, signs, random))
        ways.set(op, (ways.get(op) ?? new Set()).add(amount));
    for (const amounts of ways.values()) expect(amounts.size).toBe(1);
    expect(signs.size).toBe(5);
    expect(Math.abs([...ways.get('rotate')!][0]!)).toBeCloseTo(27);
    expect([...ways.get('posterize')!]).toEqual([3]);
    expect([...ways.get('solarize')!][0]).toBeCloseTo(230.4);
    expect([...ways.get('colour')!][0]).toBeCloseTo(1.72);
  });
});
