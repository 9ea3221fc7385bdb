// Frames with transparency are read by their first three planes, exactly as frames without.
import { expect, it } from 'vitest';
import { copySamples, shapeOf } from '../../../src/engine/frames/frameSamples';
import { stubFrame } from './stubFrame';

it.each([
  ['I420', 1],
  ['I444', 1],
  ['I420P10', 2],
])('%s with alpha has the same samples', async (format, bytesPerSample) => {
  const [width, height] = [6, 4];
  const small = format.startsWith('I420') ? 2 : 1;
  const plane = (value: number, over: number) => {
    const size = { width: width / over, height: height / over, bytesPerSample };
    return { ...size, data: new Uint8Array(size.width * size.height * bytesPerSample).fill(value) };
  };
  const planes = [plane(10, 1), plane(20, small), plane(30, small)];
  const plain = stubFrame(format, width, height, planes);
  const clear = stubFrame(format.replace(/^(I4\d\d)/, '$1A'), width, height, [...planes, plane(99, 1)]);
  const [shape, alphaShape] = [shapeOf(plain, 'bytes'), shapeOf(clear, 'bytes')];
  expect(alphaShape).toMatchObject({ samples: 'planes', planes: shape.planes, bits: shape.bits });
  const bytes = new Uint8Array(shape.frameWords * 4);
  const alphaBytes = new Uint8Array(alphaShape.frameWords * 4);
  await copySamples(plain, shape, bytes);
  await copySamples(clear, alphaShape, alphaBytes);
  expect(alphaBytes.subarray(0, bytes.length)).toEqual(bytes);
  expect(alphaBytes).toContain(99);
});
