// The first thing to run on a strange machine: an addition, a matrix product and one training step, in seconds.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { add, square, subtract } from '../src/engine/ops/arithmetic';
import { matmul } from '../src/engine/ops/matmul';
import { mean } from '../src/engine/ops/reduce';
import { linear } from '../src/layers/linear';
import { EngineTrainer } from '../src/training/trainer/engineTrainer';
import { hashValues } from './helpers/hashValues';
import { openDevice } from './helpers/gpu';
import { runGraph, targets, type Value } from './helpers/runGraph';

let device: GPUDevice;

beforeAll(async () => {
  ({ device } = await openDevice());
});

afterAll(() => device.destroy());

function value(name: string, ...shape: number[]): Value {
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float32Array.from(hashValues(name, count)) };
}

/** rows × inner times inner × columns, in float64. */
function product(a: ArrayLike<number>, b: ArrayLike<number>, rows: number, inner: number, columns: number): number[] {
  return Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += a[row * inner + k]! * b[k * columns + column]!;
    return sum;
  });
}

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    expect(Math.abs(got[i]! - want[i]!), `element ${i}`).toBeLessThanOrEqual(tolerance * (1 + Math.abs(want[i]!)));
  }
}

test('adds', async () => {
  const [a, b] = [value('a', 7, 65), value('b', 65)];
  const { target } = targets(device)[0]!;
  const { outputs } = await runGraph(device, target, { a, b }, (_, x) => ({ y: add(x.a!, x.b!) }));
  expectClose(
    outputs.y!,
    Array.from(a.data, (x, i) => x + b.data[i % 65]!),
    1e-7,
  );
});

test('multiplies matrices of odd sizes', async () => {
  const [rows, inner, columns] = [65, 257, 33];
  const [a, b] = [value('a', rows, inner), value('b', inner, columns)];
  const { target } = targets(device)[0]!;
  const { outputs } = await runGraph(device, target, { a, b }, (_, x) => ({ y: matmul(x.a!, x.b!) }));
  expectClose(outputs.y!, product(a.data, b.data, rows, inner, columns), 1e-5);
});

test("one training step moves every weight as Adam's first step does", async () => {
  const [batch, inputs, outputs] = [16, 8, 4];
  const rate = 0.01;
  const epsilon = 1e-8;
  const trainer = await EngineTrainer.create(
    device,
    {
      inputs: { x: [batch, inputs], y: [batch, outputs] },
      loss: (p, { x, y }) => {
        const total = mean(square(subtract(linear(p, x!, outputs), y!)));
        return { total, parts: new Map([['mse', total]]) };
      },
      predict: (p, { x }) => ({ y: linear(p, x!, outputs) }),
    },
    {
      batchSize: batch,
      seed: 1,
      random: Math.random,
      optimizer: { name: 'AdamW', betas: [0.9, 0.999], epsilon, weightDecay: 0, clipNorm: 0 },
    },
  );
  const x = value('x', batch, inputs).data as Float32Array;
  const y = value('y', batch, outputs).data as Float32Array;
  const before = await trainer.weights();
  const weight = before.get('weight')!.data as Float32Array;
  const bias = before.get('bias')!.data as Float32Array;

  const columns = Float64Array.from({ length: inputs * outputs }, (_, i) => {
    const [input, output] = [Math.floor(i / outputs), i % outputs];
    return weight[output * inputs + input]!;
  });
  const errors = product(x, columns, batch, inputs, outputs).map((sum, i) => sum + bias[i % outputs]! - y[i]!);
  const loss = errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length;
  const gradient = Float64Array.from({ length: outputs * inputs }, (_, i) => {
    const [output, input] = [Math.floor(i / inputs), i % inputs];
    let sum = 0;
    for (let row = 0; row < batch; row++) sum += errors[row * outputs + output]! * x[row * inputs + input]!;
    return (2 * sum) / errors.length;
  });

  await trainer.train([await trainer.stage({ x, y })], 1, rate);
  const [record] = await trainer.losses();
  expect(record!.finite).toBe(true);
  expect(record!.loss).toBeCloseTo(loss, 5);
  const after = (await trainer.weights()).get('weight')!.data as Float32Array;
  expectClose(
    after,
    Array.from(weight, (w, i) => w - (rate * gradient[i]!) / (Math.abs(gradient[i]!) + epsilon)),
    1e-5,
  );
  trainer.dispose();
});
