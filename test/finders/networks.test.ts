// The finders' published graphs, turned to ONNX and run in Node: shapes, arithmetic against a plain loop, and decoding.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readBlazeFace } from '../../src/finders/blazeFace';
import { blazeFaceOnnx, moveNetOnnx } from '../../src/finders/graphParts';
import { middlePose } from '../../src/finders/moveNet';
import { OnnxSession } from '../../src/finders/onnxSession';
import { readTfjsGraph, type TfjsGraph } from '../../src/finders/tfjsGraph';
import { tfjsToOnnx } from '../../src/finders/tfjsToOnnx';

const models = 'node_modules/@vladmandic/human/models/';
const bytes = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path));
const graphOf = (name: string): TfjsGraph =>
  readTfjsGraph(JSON.parse(readFileSync(`${models}${name}.json`, 'utf8')), bytes(`${models}${name}.bin`));
const runtime = (): ArrayBuffer => bytes('node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm').buffer;

/** A picture with something in it, [side, side, 3] of -1..1. */
const picture = (side: number): Float32Array =>
  Float32Array.from({ length: side * side * 3 }, (_, i) => Math.sin(i * 0.37) * Math.cos(i * 0.0011));

test('a graph of every kind of node that the finders have computes what plain loops compute', async () => {
  const side = 4;
  const constants = new Map([
    ['kernel', { shape: [3, 3, 2, 3], values: Float32Array.from({ length: 54 }, (_, i) => Math.sin(i)) }],
    ['bias', { shape: [3], values: Float32Array.of(0.1, -0.2, 0.3) }],
    ['deep', { shape: [3, 3, 3, 1], values: Float32Array.from({ length: 27 }, (_, i) => Math.cos(i)) }],
    ['pads', { shape: [4, 2], values: Float32Array.of(0, 0, 0, 0, 0, 0, 0, 1) }],
    ['size', { shape: [2], values: Float32Array.of(4, 4) }],
  ]);
  const same = { padding: ['SAME'] };
  const node = (name: string, op: string, inputs: string[], texts = {}, integers = {}) =>
    [name, { name, op, inputs, texts, integers }] as const;
  const graph: TfjsGraph = {
    constants,
    nodes: new Map([
      node(
        'a',
        '_FusedConv2D',
        ['in', 'kernel', 'bias'],
        { ...same, fused_ops: ['BiasAdd', 'Relu6'] },
        { strides: [1, 2, 2, 1] },
      ),
      node('b', 'DepthwiseConv2dNative', ['a', 'deep'], same, { strides: [1, 1, 1, 1] }),
      node('c', 'AddV2', ['a', 'b']),
      node('d', 'Pad', ['c', 'pads']),
      node('e', 'ResizeBilinear', ['d', 'size']),
      node('f', 'MaxPool', ['e'], same, { strides: [1, 2, 2, 1], ksize: [1, 2, 2, 1] }),
      node('g', 'Sigmoid', ['f']),
    ]),
  };
  const values = Float32Array.from({ length: side * side * 2 }, (_, i) => Math.sin(i * 1.7));
  const onnx = tfjsToOnnx(graph, { input: { name: 'in', shape: [1, side, side, 2] }, outputs: ['g'] });
  await using session = await OnnxSession.open(onnx, runtime(), 'made.onnx');
  const { output0 } = await session.run({ picture: { shape: [1, side, side, 2], values } });
  expect(output0!.shape).toEqual([1, 2, 2, 4]);

  const at = (map: number[][][], y: number, x: number, c: number): number => map[y]?.[x]?.[c] ?? 0;
  const grid = <T>(size: number, of: (y: number, x: number) => T): T[][] =>
    Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => of(y, x)));
  const source = grid(side, (y, x) => [values[(y * side + x) * 2]!, values[(y * side + x) * 2 + 1]!]);
  const taps = [0, 1, 2];
  // Of an even side at stride 2, SAME pads the end only.
  const a = grid(2, (y, x) =>
    taps.map((o) => {
      let sum = constants.get('bias')!.values[o]!;
      for (const dy of taps)
        for (const dx of taps)
          for (const i of [0, 1])
            sum +=
              at(source, 2 * y + dy, 2 * x + dx, i) * constants.get('kernel')!.values[((dy * 3 + dx) * 2 + i) * 3 + o]!;
      return Math.min(6, Math.max(0, sum));
    }),
  );
  const c = grid(2, (y, x) =>
    taps.map((o) => {
      let sum = a[y]![x]![o]!;
      for (const dy of taps)
        for (const dx of taps)
          sum += at(a, y + dy - 1, x + dx - 1, o) * constants.get('deep')!.values[(dy * 3 + dx) * 3 + o]!;
      return sum;
    }),
  );
  const halfPixel = (i: number): readonly [number, number, number] => {
    const from = Math.max(0, Math.min(1, (i + 0.5) / 2 - 0.5));
    return [Math.floor(from), Math.min(1, Math.floor(from) + 1), from % 1];
  };
  const e = grid(4, (y, x) => {
    const [[top, bottom, v], [left, right, u]] = [halfPixel(y), halfPixel(x)];
    const mix = (o: number): number =>
      (at(c, top, left, o) * (1 - u) + at(c, top, right, o) * u) * (1 - v) +
      (at(c, bottom, left, o) * (1 - u) + at(c, bottom, right, o) * u) * v;
    return [...taps.map(mix), 0];
  });
  const wanted = grid(2, (y, x) =>
    [0, 1, 2, 3].map((o) => {
      const largest = Math.max(...[0, 1].flatMap((dy) => [0, 1].map((dx) => e[2 * y + dy]![2 * x + dx]![o]!)));
      return 1 / (1 + Math.exp(-largest));
    }),
  ).flat(2);
  wanted.forEach((value, i) => expect(output0!.values[i]).toBeCloseTo(value, 5));
});

describe('the networks that come with the page', () => {
  test('BlazeFace takes and gives what the decoding expects', async () => {
    await using session = await OnnxSession.open(blazeFaceOnnx(graphOf('blazeface')), runtime(), 'blazeface');
    const { output0, output1, output2, output3 } = await session.run({
      picture: { shape: [1, 256, 256, 3], values: picture(256) },
    });
    expect([output0, output1, output2, output3].map((output) => output!.shape)).toEqual([
      [1, 16, 16, 2],
      [1, 8, 8, 6],
      [1, 16, 16, 32],
      [1, 8, 8, 96],
    ]);
    expect(readBlazeFace([output0!.values, output1!.values], [output2!.values, output3!.values], 0.6)).toEqual([]);
  });

  test('MoveNet gives maps of 48 x 48 cells', async () => {
    await using session = await OnnxSession.open(moveNetOnnx(graphOf('movenet-lightning')), runtime(), 'movenet');
    const { output0, output1, output2, output3 } = await session.run({
      picture: { shape: [1, 192, 192, 3], values: picture(192) },
    });
    expect([output0, output1, output2, output3].map((output) => output!.shape.at(-1))).toEqual([1, 17, 34, 34]);
    const maps = {
      middles: output0!.values,
      joints: output1!.values,
      regress: output2!.values,
      offsets: output3!.values,
    };
    // Noise is nobody.
    expect(middlePose(maps).score).toBeLessThan(0.15);
  });

  test('what is no model is refused by name', async () => {
    await expect(OnnxSession.open(Uint8Array.of(1, 2, 3), runtime(), 'mine.onnx')).rejects.toMatchObject({
      code: 'onnx-unreadable',
      detail: { path: 'mine.onnx' },
    });
  });
});
