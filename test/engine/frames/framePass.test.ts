// The frame pass on a real device against a plain float64 account: turning, cropping, resizing, jitter, layouts, types.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeJitter, type ColourJitter, type JitterOp } from '../../../src/engine/frames/colourJitter';
import { FramePass } from '../../../src/engine/frames/framePass';
import type { FrameRecipe, FrameTensor } from '../../../src/engine/frames/frameRecipe';
import { centred, stretched, type Placement } from '../../../src/engine/frames/placement';
import { yuvToRgb } from '../../../src/engine/frames/yuv';
import { widenHalf } from '../../../src/formats/halfFloat';
import { openDevice } from '../../helpers/gpu';
import { seededRandom } from '../../../src/samples/seededRandom';
import { jittered, pictureOf, placed, upright, type Picture } from './reference';
import { stubFrame } from './stubFrame';

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

const random = seededRandom(11);
const bytesOf = (count: number) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256));

function pixelFrame(width: number, height: number): { frame: VideoFrame; picture: Picture } {
  const data = bytesOf(width * height * 4);
  return {
    frame: stubFrame('RGBA', width, height, [{ width, height, bytesPerSample: 4, data }]),
    picture: pictureOf(width, height, (x, y) => {
      const at = 4 * (y * width + x);
      return [data[at]! / 255, data[at + 1]! / 255, data[at + 2]! / 255];
    }),
  };
}

const plain = { colour: { matrix: 'bt601', fullRange: true }, mean: [0, 0, 0], std: [1, 1, 1], jitter: [] } as const;

async function read(buffer: GPUBuffer): Promise<ArrayBuffer> {
  const back = device.createBuffer({ size: buffer.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, back, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await back.mapAsync(GPUMapMode.READ);
  const copy = back.getMappedRange().slice(0);
  back.destroy();
  return copy;
}

/** Runs the pass into [frames, channels, height, width] of f32. */
async function encode(frames: readonly VideoFrame[], recipe: FrameRecipe, layout: Partial<FrameTensor> = {}) {
  const { window, turn = 0 } = recipe.placement;
  const [width, height] = turn % 180 === 0 ? [window.width, window.height] : [window.height, window.width];
  const elements = frames.length * 3 * width * height + (layout.firstElement ?? 0);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const buffer = device.createBuffer({ size: Math.ceil(elements / 4) * 16, usage });
  await pass.encode(frames, recipe, {
    buffer,
    format: 'f32',
    firstElement: 0,
    frameStride: 3 * width * height,
    channelStride: width * height,
    rowStride: width,
    columnStride: 1,
    ...layout,
  });
  const result = await read(buffer);
  buffer.destroy();
  return result;
}

function worst(got: Float32Array, want: Picture): number {
  let largest = 0;
  for (let y = 0; y < want.height; y++)
    for (let x = 0; x < want.width; x++)
      want.at(x, y).forEach((value, c) => {
        const difference = Math.abs(got[(c * want.height + y) * want.width + x]! - value);
        largest = Math.max(largest, Number.isNaN(difference) ? Infinity : difference);
      });
  return largest;
}

/** The sums between the two kernels are kept in 16 bits. */
const exact = 3e-5;

describe('placing', () => {
  type Case = [string, number, number, (size: { width: number; height: number }) => Placement];
  const cases: Case[] = [
    ['shrinks', 61, 47, (size) => stretched(size, { width: 20, height: 17 })],
    ['grows', 9, 7, (size) => stretched(size, { width: 33, height: 20 })],
    [
      'grows without antialiasing',
      9,
      7,
      (size) => ({ ...stretched(size, { width: 33, height: 20 }), antialias: false }),
    ],
    [
      'grows without antialiasing',
      9,
      7,
      (size) => ({ ...stretched(size, { width: 33, height: 20 }), antialias: false }),
    ],
    [
      'takes two pixels without antialiasing',
      61,
      47,
      (size) => ({ ...stretched(size, { width: 20, height: 17 }), antialias: false }),
    ],
    ['keeps the middle of the short side', 40, 90, (size) => centred(size, 16, { width: 16, height: 16 })],
    [
      'crops first, and flips',
      50,
      40,
      (size) => ({
        ...stretched(size, { width: 13, height: 11 }),
        crop: { x: 7, y: 5, width: 30, height: 21 },
        flip: true,
      }),
    ],
    ...([90, 180, 270] as const).flatMap((turn) =>
      [false, true].map((flip): Case => [
        `turns by ${turn}${flip ? ' what it flipped' : ''}`,
        50,
        40,
        (size) => ({
          ...stretched(size, { width: 13, height: 11 }),
          crop: { x: 7, y: 5, width: 30, height: 21 },
          window: { x: 1, y: 2, width: 10, height: 7 },
          ...{ flip, turn },
        }),
      ]),
    ),
    ['makes one pixel of one', 1, 1, (size) => stretched(size, { width: 1, height: 1 })],
    ['makes 257 columns', 300, 3, (size) => stretched(size, { width: 257, height: 1 })],
  ];
  it.each(cases)('%s', async (_, width, height, placementOf) => {
    for (const rotation of [0, 90, 180, 270] as const) {
      for (const mirrored of [false, true]) {
        const { frame, picture } = pixelFrame(width, height);
        const coded = { upright: { width, height }, rotation, mirrored };
        const shown = upright(picture, coded);
        const size = { width: shown.width, height: shown.height };
        const placement = placementOf(size);
        const got = new Float32Array(
          await encode([frame], { ...plain, placement, coded: { ...coded, upright: size } }),
        );
        expect(worst(got, placed(shown, placement)), `${rotation} ${mirrored}`).toBeLessThan(exact);
      }
    }
  });
});

describe('planes', () => {
  const formats = [
    ['I420', 2, 2, 8],
    ['I422', 2, 1, 8],
    ['I444', 1, 1, 8],
    ['I420P10', 2, 2, 10],
  ] as const;
  it.each(formats)('%s of an odd size become colours', async (format, across, down, bits) => {
    const [width, height] = [53, 31];
    const size = { width, height };
    const planes = [0, 1, 2].map((i) => {
      const planeSize = i === 0 ? size : { width: Math.ceil(width / across), height: Math.ceil(height / down) };
      const samples = Array.from({ length: planeSize.width * planeSize.height }, (_, k) =>
        // Smooth and of little chroma, so that no colour leaves the gamut.
        Math.round(
          (0.5 + (i === 0 ? 0.3 : 0.08) * Math.sin(0.11 * (k % planeSize.width) + 0.07 * k)) * (2 ** bits - 1),
        ),
      );
      const data = bits === 8 ? Uint8Array.from(samples) : new Uint8Array(Uint16Array.from(samples).buffer);
      return { ...planeSize, bytesPerSample: bits === 8 ? 1 : 2, data, samples };
    });
    const placement = stretched(size, { width: 19, height: 14 });
    const got = new Float32Array(
      await encode([stubFrame(format, width, height, planes)], {
        ...plain,
        colour: { matrix: 'bt709', fullRange: false },
        placement,
        coded: { upright: size, rotation: 0, mirrored: false },
      }),
    );
    // Each plane resized by itself; chroma lies half a luma sample to the left where it is halved.
    const resized = planes.map((plane, i) => {
      const scale = 255 * 2 ** (bits - 8);
      const picture = pictureOf(plane.width, plane.height, (x, y) => {
        const value = plane.samples[y * plane.width + x]! / scale;
        return [value, value, value];
      });
      return i > 0 && (across > 1 || down > 1)
        ? null
        : placed(picture, { ...placement, crop: { x: 0, y: 0, width: plane.width, height: plane.height } });
    });
    if (across === 1) {
      const rows = yuvToRgb({ matrix: 'bt709', fullRange: false });
      const want = pictureOf(19, 14, (x, y) => {
        const yuv = [...resized.map((plane) => plane!.at(x, y)[0]), 1];
        return rows.map((row) => row.reduce((sum, weight, i) => sum + weight * yuv[i]!, 0)) as unknown as [
          number,
          number,
          number,
        ];
      });
      expect(worst(got, want)).toBeLessThan(1e-4);
    } else {
      // Luma alone: the grey of the colours is luma, whatever chroma's place.
      const wantLuma = resized[0]!;
      for (let i = 0; i < 19 * 14; i++) {
        const luma = 0.2126 * got[i]! + 0.7152 * got[19 * 14 + i]! + 0.0722 * got[2 * 19 * 14 + i]!;
        const want = (wantLuma.at(i % 19, Math.floor(i / 19))[0] * 255 - 16) / 219;
        expect(Math.abs(luma - want)).toBeLessThan(2e-4);
      }
    }
  });

  it('turn black, white and grey into themselves', () => {
    for (const matrix of ['bt601', 'bt709', 'bt2020'] as const)
      for (const [fullRange, black, white] of [
        [true, 0, 255],
        [false, 16, 235],
      ] as const)
        for (const row of yuvToRgb({ matrix, fullRange })) {
          const value = (luma: number) => row[0]! * (luma / 255) + (row[1]! + row[2]!) * (128 / 255) + row[3]!;
          expect(value(black)).toBeCloseTo(0, 12);
          expect(value(white)).toBeCloseTo(1, 12);
        }
  });
});

describe('colours', () => {
  const jitter: ColourJitter = [
    { op: 'hue', factor: -0.06 },
    { op: 'brightness', factor: 1.15 },
    { op: 'contrast', factor: 0.85 },
    { op: 'saturation', factor: 1.1 },
  ];
  it.each([
    ['all four', jitter],
    ['contrast first', [jitter[2]!, jitter[0]!, jitter[1]!]],
    ['no contrast', [jitter[3]!, jitter[1]!]],
  ])('are jittered frame by frame: %s', async (_, drawn) => {
    const frames = [pixelFrame(24, 20), pixelFrame(24, 20), pixelFrame(24, 20)];
    const size = { width: 24, height: 20 };
    const placement = { ...stretched(size, { width: 15, height: 12 }), flip: true };
    const coded = { upright: size, rotation: 0, mirrored: false } as const;
    const recipe = { ...plain, placement, coded, jitter: drawn };
    const got = new Float32Array(
      await encode(
        frames.map(({ frame }) => frame),
        recipe,
      ),
    );
    frames.forEach(({ picture }, i) => {
      const want = jittered(placed(picture, placement), drawn);
      // At the border of two hues a rounding error may choose the other formula; both are continuous there.
      expect(worst(got.subarray(i * 540), want)).toBeLessThan(3e-4);
    });
  });

  it('leave nothing to do where nothing was drawn', () => {
    expect(encodeJitter([])).toEqual({ codes: [4, 4, 4, 4], factors: [0, 0, 0, 0] });
    const op: JitterOp = 'hue';
    expect(encodeJitter([{ op, factor: 0.1 }]).codes).toEqual([3, 4, 4, 4]);
  });
});

describe('tensors', () => {
  const size = { width: 8, height: 6 };
  const placement = stretched(size, size);
  const coded = { upright: size, rotation: 0, mirrored: false } as const;

  it('are normalised', async () => {
    const { frame, picture } = pixelFrame(8, 6);
    const mean = [0.485, 0.456, 0.406] as const;
    const std = [0.229, 0.224, 0.225] as const;
    const got = new Float32Array(await encode([frame], { ...plain, placement, coded, mean, std }));
    const want = pictureOf(8, 6, (x, y) => picture.at(x, y).map((value, c) => (value - mean[c]!) / std[c]!) as never);
    expect(worst(got, want)).toBeLessThan(2e-4);
  });

  it('have any order of axes, and begin where they should', async () => {
    const frames = [pixelFrame(8, 6), pixelFrame(8, 6)];
    const got = new Float32Array(
      await encode(
        frames.map(({ frame }) => frame),
        { ...plain, placement, coded },
        // [channels, frames, height, width], three elements in.
        { firstElement: 3, frameStride: 48, channelStride: 96 },
      ),
    );
    frames.forEach(({ picture }, t) => {
      for (let i = 0; i < 144; i++) {
        const [c, y, x] = [Math.floor(i / 48), Math.floor((i % 48) / 8), i % 8];
        expect(got[3 + c * 96 + t * 48 + y * 8 + x]).toBeCloseTo(picture.at(x, y)[c]!, 4);
      }
    });
    expect(got.subarray(0, 3)).toEqual(new Float32Array(3));
  });

  it('are bytes where a cache wants them', async () => {
    const { frame, picture } = pixelFrame(8, 6);
    const recipe = { ...plain, placement, coded };
    const layout = { format: 'rgba8', frameStride: 48, rowStride: 8, channelStride: 0 } as const;
    const got = new Uint8Array(await encode([frame], recipe, layout));
    for (let i = 0; i < 48; i++) {
      const rgb = picture.at(i % 8, Math.floor(i / 8)).map((value) => Math.round(value * 255));
      expect([...got.subarray(4 * i, 4 * i + 4)]).toEqual([...rgb, 255]);
    }
  });

  it.for<[string, ColourJitter]>([
    ['straight', []],
    ['through jitter', [{ op: 'contrast', factor: 1.2 }]],
  ])('are halves of the same numbers, %s', async ([, jitter], context) => {
    if (!device.features.has('shader-f16')) return context.skip('the adapter has no f16');
    const frames = [pixelFrame(8, 6).frame, pixelFrame(8, 6).frame];
    const recipe = {
      ...plain,
      placement,
      coded,
      jitter,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    } as const;
    // An odd place: two values of different invocations then share a word.
    const at = { firstElement: 131 };
    const full = new Float32Array(await encode(frames, recipe, at));
    const halves = widenHalf(new Uint16Array(await encode(frames, recipe, { ...at, format: 'f16' })));
    for (let i = 0; i < 131 + 2 * 144; i++)
      expect(Math.abs(halves[i]! - full[i]!)).toBeLessThanOrEqual(2 ** -10 * Math.max(Math.abs(full[i]!), 2 ** -14));
    expect(Math.max(...full)).toBeGreaterThan(1);
  });

  it('take frames that change their size on the way', async () => {
    const frames = [pixelFrame(8, 6), pixelFrame(16, 12), pixelFrame(8, 6)];
    const got = new Float32Array(
      await encode(
        frames.map(({ frame }) => frame),
        { ...plain, placement, coded },
      ),
    );
    frames.forEach(({ picture }, i) => {
      const whole = { ...placement, crop: { x: 0, y: 0, width: picture.width, height: picture.height } };
      expect(worst(got.subarray(i * 144), placed(picture, whole))).toBeLessThan(exact);
    });
  });
});
