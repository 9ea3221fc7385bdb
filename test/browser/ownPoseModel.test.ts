// A person's own model in a real browser: it sees the people that were found, and its points lie where it says, in the picture.
import { expect, it } from 'vitest';
import { OwnPoseModel } from '../../src/finders/ownPoseModel';
import { writeOnnx } from '../../src/formats/onnxWriter';

const [width, height] = [48, 64];

/** Maps of how bright the picture is: every point lies on the brightest spot. */
function brightest(outputs = 17): Blob {
  const kernel = new Float32Array(outputs * 3).fill(1 / 3);
  const file = writeOnnx({
    ...{ name: 'made', opset: 17 },
    nodes: [{ type: 'Conv', inputs: ['picture', 'kernel'], output: 'maps' }],
    weights: [{ name: 'kernel', shape: [outputs, 3, 1, 1], values: kernel }],
    inputs: [{ name: 'picture', shape: [1, 3, height, width] }],
    outputs: [{ name: 'maps', shape: [1, outputs, height, width] }],
  });
  return new Blob([file]);
}

async function* frames(spots: readonly (readonly [number, number])[]) {
  for (const [index, [x, y]] of spots.entries()) {
    const canvas = new OffscreenCanvas(320, 240);
    const context = canvas.getContext('2d')!;
    context.fillRect(0, 0, 320, 240);
    context.fillStyle = '#fff';
    context.fillRect(x - 3, y - 3, 6, 6);
    await Promise.resolve();
    yield { index, seconds: index / 10, frame: new VideoFrame(canvas, { timestamp: index * 1e5 }) };
  }
}

const facts = { width: 320, height: 240, orientation: { rotation: 0, mirrored: false } } as never;
/** Someone between 100 and 160 pixels across, 60 and 200 down. */
const points = (certain: number) =>
  Float32Array.from({ length: 51 }, (_, i) => [100 + (i * 60) / 50, 60 + (i * 140) / 50, certain][i % 3]!);

it('gives the points of its maps in pixels of the picture, of the frames that show the person', async () => {
  await using model = await OwnPoseModel.open({ path: 'own.onnx', blob: brightest() }, null);
  const spots = [
    [120, 90],
    [150, 180],
    [110, 130],
  ] as const;
  const heard: number[] = [];
  const person = { frames: [0, 2], points: Float32Array.from([...points(0.9), ...points(0.9)]) };
  const [found] = await model.find([person], facts, frames(spots), (frame) => heard.push(frame));
  expect([found!.frames, heard]).toEqual([
    [0, 2],
    [0, 1, 2],
  ]);
  for (const [at, [x, y]] of [spots[0], spots[2]].entries())
    for (let point = 0; point < 17; point++) {
      const [left, top, score] = found!.points.subarray(at * 51 + point * 3);
      // The spot is six pixels wide.
      expect(Math.abs(left! - x)).toBeLessThan(5);
      expect(Math.abs(top! - y)).toBeLessThan(5);
      expect(score).toBe(1);
    }
});

it('needs a word where its shapes leave open what they mean', async () => {
  const blob = brightest(4);
  await expect(OwnPoseModel.open({ path: 'own.onnx', blob }, null)).rejects.toMatchObject({
    code: 'pose-model-unknown',
  });
  await expect(OwnPoseModel.open({ path: 'own.onnx', blob: new Blob(['no']) }, null)).rejects.toMatchObject({
    code: 'onnx-unreadable',
  });
});
