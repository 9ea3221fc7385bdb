// Crops of AdaTAD's recipe: against OpenCV's bilinear resize of bytes, and drawn as they should be.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FramePass } from '../../../src/engine/frames/framePass';
import { centreSquare, drawCrop, randomSquare, shortSideSize } from '../../../src/engine/frames/mmactionPlacement';
import { frameTables, type Placement } from '../../../src/engine/frames/placement';
import { seededRandom } from '../../../src/samples/seededRandom';
import { openDevice } from '../../helpers/gpu';
import { byteFrame, bytesOf, encodeBytes } from './byteFrames';

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

const size = { width: 37, height: 26 };

/** What OpenCV 4.14 makes of the picture of this size with seed 3. */
async function agree(placement: Placement, bytes: string): Promise<void> {
  const got = await encodeBytes(device, pass, byteFrame(size, 3), size, placement);
  const errors = bytesOf(bytes).map((value, i) => Math.abs(value - got[i]!));
  expect(got).toHaveLength(errors.length);
  // It rounds to bytes after each resize.
  expect(Math.max(...errors)).toBeLessThanOrEqual(1);
}

describe('resizes', () => {
  it('once, and takes the middle', async () => {
    const recorded =
      'liQun7pQuWKqKXZ9TKLPJ3hjqK2ea7t4qLGEoJh+sXp1tKR6k6xHHT+4kIezZtKqd40+om+PuDZEaizYnmFgQEl9vmVPzjFb' +
      'SB1Py1muHNCIYruZPUSbK1QsU1GT4HU8XTg+byNVbs2nmIS97980hUSrhJq+PXKQf8hls3VsrL+gVFLCSJiwkHhlpnkrbrk6' +
      'WU6ISV01MsKAUqG3a4zARF6l5thJY8R5YGx+gV+OYsRPw1aBY1mHMJKvaWmsu1aqcJh8s5wLe2tgd5ysLJmKbWRRjVeGrN1T' +
      'TUlRXNSBjKq3bnxIVaFaq067q9VyorWNdzljkaKGky98oYO7bENfJVWbYikmVHXQjH14upZkdEVmd4OrS3NxYKxQcCjVkcVu' +
      'R/ESY68aqES6gWtxK2B2c9BxynpAzrXJrGzYrmOMe3RXjnljTqJayyM6MSE0ZK7iji95trA8uSY9oF3FuWBWnHZG55pmh1zY' +
      'Or2r3tChdEljRKNzeCqjbFaV0UQyT1u9W2praZVdlZ+b1q/XJpE0jzezjVJTcrO9R3JXcEi2b2NTtJWKh1y7WGg9i1KVZ0t5';
    await agree(centreSquare(size, 12), recorded);
  });

  it('twice, with a crop in between', async () => {
    const recorded =
      'VHV/ZZJ2jleBUHt5toxWXTxlh2yBcbpzZYmHj6VztL5Cj6t4YJaAf7uCvHF1dp1SpKaUgmqhXaO/apBbd5R9S36fi4d/d49y' +
      'aYyNd1uclo+thHhrgqyAXVOdWoN0iXlriHtnbHNgWcVjp4F+mJqIaX+bX3t5bWWNhlJ0gEt/e4RPro5rZ3mpY1Z3jnCpgW2E' +
      'gXBwfIZ5W05qd6aGjIestoa0kV5xbVSCeHGoTpqsiIh+iaNFbHacx09Jl5BZlI5O';
    const [via, output] = [shortSideSize(size, 13), { width: 8, height: 8 }];
    expect(via).toEqual({ width: 19, height: 13 });
    const crop = { x: 4, y: 2, width: 11, height: 9 };
    const placement = { via, crop, resized: output, window: { x: 0, y: 0, ...output }, antialias: false, flip: false };
    await agree(placement, recorded);
  });

  it('twice and turned: weights of every output add up to one, within the source', () => {
    const random = seededRandom(5);
    for (const rotation of [0, 90, 180, 270] as const) {
      const upright = rotation % 180 === 0 ? size : { width: size.height, height: size.width };
      const placement = randomSquare(upright, 19, 16, true, random);
      for (const plane of [size, { width: 19, height: 13, sitedLeft: 0.25 }]) {
        const { across, down } = frameTables(placement, { upright, rotation, mirrored: false }, plane);
        for (const [table, source] of [
          [across, plane.width],
          [down, plane.height],
        ] as const)
          for (let i = 0; i < table.length; i++) {
            const row = table.weights.subarray(i * table.taps, (i + 1) * table.taps);
            expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
            expect(table.starts[i]! + table.taps).toBeLessThanOrEqual(source);
          }
      }
    }
  });
});

describe('a drawn crop', () => {
  it('fits, covers 8 % to all of the picture, and is at most a third longer than wide', () => {
    const random = seededRandom(9);
    const whole = { width: 324, height: 182 };
    const areas: number[] = [];
    const places = new Set<number>();
    for (let i = 0; i < 3000; i++) {
      const { x, y, width, height } = drawCrop(whole, random);
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(324);
      expect(y + height).toBeLessThanOrEqual(182);
      expect(width / height).toBeGreaterThan(0.73);
      expect(width / height).toBeLessThan(1.36);
      areas.push((width * height) / (324 * 182));
      places.add(x);
    }
    expect(Math.min(...areas)).toBeLessThan(0.09);
    expect(Math.min(...areas)).toBeGreaterThan(0.075);
    expect(Math.max(...areas)).toBeGreaterThan(0.6);
    expect(places.size).toBeGreaterThan(200);
  });

  it('is the middle square where nothing drawn fits', () => {
    const long = { width: 900, height: 100 };
    expect(drawCrop(long, () => 0.999)).toEqual({ x: 400, y: 0, width: 100, height: 100 });
  });
});
