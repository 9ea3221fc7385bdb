// A person's own 2-D model: what its file says, what its shapes mean, and points out of each form of outputs.
import { describe, expect, it } from 'vitest';
import { parsePoseModelPlan, readPosePoints, recognisePoseModel, type PoseModelPlan } from '../../src/figure/poseModel';
import { readOnnxSlots, type OnnxSlot } from '../../src/formats/onnxSlots';
import { writeOnnx } from '../../src/formats/onnxWriter';

const slot = (name: string, shape: readonly (number | string)[], type = 'float32'): OnnxSlot => ({ name, type, shape });

describe('the file of a model', () => {
  const value = (name: string, shape: readonly number[]) => ({ name, shape });
  const file = writeOnnx({
    ...{ name: 'made', opset: 17 },
    nodes: [{ type: 'Conv', inputs: ['picture', 'kernel'], output: 'maps' }],
    // Larger than what is read at a time.
    weights: [{ name: 'kernel', shape: [17, 3, 40, 40], values: new Float32Array(17 * 3 * 1600) }],
    inputs: [value('picture', [1, 3, 256, 192]), value('kernel', [17, 3, 40, 40])],
    outputs: [value('maps', [1, 17, 64, 48])],
  });

  it('says what it takes and gives, without what are weights', async () => {
    expect(await readOnnxSlots(new Blob([file]), 'made.onnx')).toEqual({
      inputs: [slot('picture', [1, 3, 256, 192])],
      outputs: [slot('maps', [1, 17, 64, 48])],
    });
  });

  it('is refused by name where it is cut off or something else', async () => {
    const others = [
      file.slice(0, 1000),
      new Uint8Array(0),
      new TextEncoder().encode('{"a": 1}'),
      new Uint8Array(300).fill(255),
    ];
    for (const other of others)
      await expect(readOnnxSlots(new Blob([other]), 'x.onnx')).rejects.toMatchObject({ code: 'onnx-unreadable' });
  });
});

describe('shapes', () => {
  const cases: readonly (readonly [string, OnnxSlot, readonly OnnxSlot[], Partial<PoseModelPlan> | null])[] = [
    [
      'HRNet, ViTPose',
      slot('input', ['batch', 3, 256, 192]),
      [slot('output', ['batch', 17, 64, 48])],
      { channelsFirst: true, width: 192, height: 256, values: 'imagenet', points: 'heatmaps', outputs: ['output'] },
    ],
    [
      'RTMPose, whole body',
      slot('input', [1, 3, 384, 288]),
      [slot('simcc_x', [1, 133, 576]), slot('simcc_y', [1, 133, 768])],
      { width: 288, height: 384, points: 'simcc', outputs: ['simcc_x', 'simcc_y'] },
    ],
    [
      'axes by their lengths',
      slot('input', [1, 3, 256, 192]),
      [slot('b', [1, 17, 512]), slot('a', [1, 17, 384])],
      { points: 'simcc', outputs: ['a', 'b'] },
    ],
    [
      'MoveNet',
      slot('input', [1, 192, 192, 3], 'int32'),
      [slot('output_0', [1, 1, 17, 3])],
      { channelsFirst: false, values: 'bytes', points: 'rows', width: 192 },
    ],
    [
      'a list',
      slot('image', ['n', 3, 'h', 'w']),
      [slot('boxes', [1, 4]), slot('xy', [1, 26, 3])],
      { width: 192, height: 256, points: 'coordinates', outputs: ['xy'] },
    ],
    ['boxes with points', slot('images', [1, 3, 640, 640]), [slot('output0', [1, 56, 8400])], null],
    ['no picture', slot('x', [1, 243, 17, 3]), [slot('y', [1, 17, 3])], null],
  ];

  it.each(cases)('of %s are recognised, or left to the person', (_, input, outputs, wanted) => {
    const plan = recognisePoseModel({ inputs: [slot('scale', [2]), input], outputs });
    if (wanted === null) expect(plan).toBeNull();
    else expect(plan).toMatchObject({ input: input.name, ...wanted });
    if (plan) expect(parsePoseModelPlan(JSON.stringify(plan))).toEqual(plan);
  });

  it('said by the person are checked', () => {
    for (const text of [
      '',
      '3',
      '{}',
      '{"input":"x","width":4,"height":4,"values":"unit","points":"simcc","outputs":["a"]}',
    ])
      expect(parsePoseModelPlan(text)).toBeNull();
  });
});

describe('points', () => {
  const plan = (points: PoseModelPlan['points'], outputs = ['a']): PoseModelPlan => ({
    ...{ input: 'x', channelsFirst: true, width: 192, height: 256, values: 'unit', points, outputs },
  });
  const place = (point: number) => [point + 2, 2 * point + 3] as const;

  it('lie at the peaks of maps, a quarter towards the larger neighbour', () => {
    const values = new Float32Array(20 * 64 * 48);
    for (let point = 0; point < 17; point++) {
      const [x, y] = place(point);
      values[(point * 64 + y) * 48 + x] = 0.8;
      values[(point * 64 + y) * 48 + x + 1] = 0.4;
    }
    const found = readPosePoints(plan('heatmaps'), { a: { shape: [1, 20, 64, 48], values } });
    expect(found).toHaveLength(51);
    expect(found[3]).toBeCloseTo(3.25 / 48, 6);
    expect([found[4]! * 64, found[5]]).toEqual([5, expect.closeTo(0.8, 6)]);
  });

  it('lie at the peaks of both axes, as certain as the less certain one', () => {
    const axis = (length: number, of: (point: number) => number, height: number) => {
      const values = new Float32Array(17 * length);
      for (let point = 0; point < 17; point++) values[point * length + of(point)] = height;
      return { shape: [1, 17, length], values };
    };
    const a = axis(384, (point) => 10 * point, 0.9);
    const b = axis(512, (point) => 20 * point, 0.6);
    const found = readPosePoints(plan('simcc', ['a', 'b']), { a, b });
    expect([found[6]! * 384, found[7]! * 512, found[8]]).toEqual(
      [20, 40, 0.6].map((value) => expect.closeTo(value, 5) as number),
    );
  });

  it.each([
    ['coordinates', [96, 64, 0.5], [0.5, 0.25, 0.5]],
    ['coordinates', [0.5, 0.25], [0.5, 0.25, 1]],
    ['rows', [0.25, 0.5, 2], [0.5, 0.25, 1]],
  ] as const)('come as %s', (form, row, wanted) => {
    const values = Array.from({ length: 17 }, () => row).flat();
    const found = readPosePoints(plan(form), { a: { shape: [1, 17, row.length], values } });
    expect([...found.slice(0, 3)]).toEqual(wanted.map((value) => expect.closeTo(value, 6) as number));
  });
});
