// Running statistics: where their new values lie, and that they are what a copy at the end would have left.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile, plan } from '../../../src/engine/device/compile';
import { Graph } from '../../../src/engine/graph/graph';
import type { HostValues } from '../../../src/engine/graph/host';
import { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { defaultTarget, type Target } from '../../../src/engine/kernels/target';
import { add, multiply, multiplyAdd, square } from '../../../src/engine/ops/arithmetic';
import { concat } from '../../../src/engine/ops/concat';
import { hostStage } from '../../../src/engine/ops/hostStage';
import { matmul } from '../../../src/engine/ops/matmul';
import { mean } from '../../../src/engine/ops/mean';
import { sum } from '../../../src/engine/ops/reduce';
import { reshape, slice } from '../../../src/engine/ops/view';
import { planProgram, type ProgramSpec } from '../../../src/engine/passes/plan';
import { batchNorm } from '../../../src/layers/batchNorm';
import { openDevice } from '../../helpers/gpu';
import { hashValues } from '../../helpers/hashValues';
import { targets } from '../../helpers/runGraph';

const rows = 37;
const width = 12;
const start = { kind: 'data', data: Float32Array.from(hashValues('state', width)) } as const;

/** A program that updates `state`, [width], from x, [rows, width]. */
function program(body: (p: Parameters, state: Tensor, x: Tensor) => { result: Tensor; state?: Tensor }): ProgramSpec {
  const graph = new Graph();
  const p = new Parameters(graph);
  const { result, state } = body(p, p.buffer('state', [width], start), graph.input('x', [rows, width]));
  if (state) p.update('state', state);
  return { name: 'updates', graph, results: new Map([['result', result]]), gradients: new Map() };
}

/** Names of what is updated in place, and of what is copied. */
function ways(spec: ProgramSpec, target: Target = defaultTarget): [string[], string[]] {
  const { updatesInPlace, updatesCopied } = planProgram(spec, target);
  return [[...updatesInPlace.values()].sort(), [...updatesCopied.keys()]];
}

const normalised = program((p, _state, x) => {
  const y = batchNorm(p.at('norm'), batchNorm(p.at('first'), x, { axis: 1, training: true }), {
    axis: 1,
    training: true,
  });
  return { result: mean(square(y)) };
});

describe('lie where the old values do', () => {
  it.each([true, false])('the statistics of normalisations, fused: %s', (fusion) => {
    const names = ['first', 'norm'].flatMap((one) => [`${one}.running_mean`, `${one}.running_var`]);
    expect(ways(normalised, { ...defaultTarget, fusion })).toEqual([names, []]);
  });

  it('a value whose old one was read before', () => {
    const spec = program((_p, state, x) => {
      const result = sum(multiply(matmul(x, reshape(state, [width, 1])), 2));
      return { result, state: add(multiply(state, 0.5), result) };
    });
    expect(ways(spec)).toEqual([['state'], []]);
  });

  it('a value that its old one has no part in', () => {
    const spec = program((_p, _state, x) => ({ result: sum(x), state: mean(x, [0]) }));
    expect(ways(spec)).toEqual([['state'], []]);
  });
});

describe('lie elsewhere and are copied', () => {
  it('a value whose old one is read later', () => {
    const spec = program((_p, state, x) => {
      const next = multiplyAdd(state, 0.5, mean(x, [0]));
      return { result: matmul(reshape(next, [1, width]), reshape(state, [width, 1])), state: next };
    });
    expect(ways(spec)).toEqual([[], ['state']]);
  });

  it('a queue, which is read elsewhere than written', () => {
    const spec = program((_p, state, x) => {
      const newest = slice(mean(x, [0]), 0, 0, 3);
      return { result: sum(x), state: concat([newest, slice(state, 0, 0, width - 3)], 0) };
    });
    expect(ways(spec)).toEqual([[], ['state']]);
  });

  it('a value whose old one JavaScript reads', () => {
    const spec = program((p, state, x) => {
      const run = (read: HostValues) => ({ given: read['state'] as Float32Array });
      const gives = { given: { shape: [width], dtype: 'f32' } } as const;
      const { given } = hostStage(p.graph, { name: 'stage', reads: { state }, gives, run });
      return { result: sum(x), state: add(given, mean(x, [0])) };
    });
    expect(ways(spec)).toEqual([[], ['state']]);
  });

  it('what a second parameter takes over as well', () => {
    const spec = program((p, _state, x) => {
      const source = p.buffer('source', [width], start);
      p.buffer('other', [width], start);
      p.update('other', source);
      return { result: sum(x), state: source };
    });
    expect(ways(spec)).toEqual([['other'], ['state']]);
  });
});

describe('on the device', () => {
  let device: GPUDevice;
  beforeAll(async () => ({ device } = await openDevice()));
  afterAll(() => device.destroy());

  it('leaves what copies would have left, step after step, whichever kernels', async () => {
    const x = Float32Array.from(hashValues('x', rows * width));
    let expected = [0, 1].map((value) => new Float32Array(width).fill(value));
    const perStep: Float32Array[][] = [];
    for (let step = 0; step < 3; step++) {
      expected = expected.map((old, moment) =>
        old.map((value, c) => {
          const column = Array.from({ length: rows }, (_, row) => x[row * width + c]!);
          const center = column.reduce((a, b) => a + b, 0) / rows;
          const variance = column.reduce((a, b) => a + (b - center) ** 2, 0) / (rows - 1);
          return 0.9 * value + 0.1 * (moment === 0 ? center : variance);
        }),
      );
      perStep.push(expected);
    }
    for (const { name, target } of targets(device)) {
      const { programs, parameters, buffers } = await compile(device, plan([normalised], target));
      parameters.initialize(() => 0.5);
      for (const expected of perStep) {
        programs[0]!.write('x', x);
        programs[0]!.run(1, 1);
        const values = await parameters.read();
        for (const [moment, key] of ['first.running_mean', 'first.running_var'].entries())
          values.get(key)!.forEach((value, c) => expect(value, name + key).toBeCloseTo(expected[moment]![c]!, 5));
      }
      buffers.dispose();
    }
  });
});
