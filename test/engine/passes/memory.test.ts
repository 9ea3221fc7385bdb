// The memory plan: what is made in place, and that nothing is written over that is still read.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph/graph';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { defaultTarget, type Target } from '../../../src/engine/kernels/target';
import { gelu, relu } from '../../../src/engine/ops/activation';
import { add, multiply, square } from '../../../src/engine/ops/arithmetic';
import { matmul } from '../../../src/engine/ops/matmul';
import { concat } from '../../../src/engine/ops/concat';
import { sum } from '../../../src/engine/ops/reduce';
import { softmax } from '../../../src/engine/ops/softmax';
import { transpose } from '../../../src/engine/ops/view';
import { planProgram, type PlannedProgram } from '../../../src/engine/passes/plan';
import { barriersOf } from '../../../tools/isa/hazards';
import { openDevice } from '../../helpers/gpu';
import { runGraph, targets } from '../../helpers/runGraph';

const unfused: Target = { ...defaultTarget, software: true, fusion: false };

function planned(body: (x: Tensor) => Tensor, target = unfused): PlannedProgram {
  const graph = new Graph();
  const y = body(graph.input('x', [64, 64]));
  return planProgram({ name: 'memory', graph, results: new Map([['y', y]]) }, target);
}

/** How many tensors took another's memory over. */
function inPlace({ memory }: PlannedProgram): number {
  return memory.lives.reduce((sum, { spans }) => sum + spans.length - 1, 0);
}

const matrix = 64 * 64 * 4;

describe('in place', () => {
  it('lies a pointwise result whose input ends there', () => {
    const plan = planned((x) => square(gelu(relu(x))));
    expect(inPlace(plan)).toBe(2);
    expect(plan.memory.floorBytes).toBe(matrix);
    expect(plan.memory.arenaBytes.reduce((sum, bytes) => sum + bytes, 0)).toBe(matrix);
  });

  it('lies nothing whose input is read again', () => {
    const plan = planned((x) => {
      const a = relu(x);
      return matmul(square(a), gelu(a));
    });
    // square(a) must spare a; gelu(a) may have it.
    expect(inPlace(plan)).toBe(1);
    expect(plan.memory.floorBytes).toBe(3 * matrix);
  });

  it('lies nothing that is read elsewhere than where it is written', () => {
    expect(inPlace(planned((x) => add(transpose(relu(x), 0, 1), 1)))).toBe(0);
    expect(inPlace(planned((x) => matmul(relu(x), x)))).toBe(0);
  });

  it('lies a residual sum behind a product', () => {
    const plan = planned(
      (x) => {
        const residual = relu(x);
        return add(matmul(square(matmul(residual, x)), x), residual);
      },
      { ...unfused, fusion: true },
    );
    expect(inPlace(plan)).toBe(1);
  });

  it('lies no operand of the product itself', () => {
    const plan = planned(
      (x) => {
        const a = relu(x);
        return add(matmul(a, a), a);
      },
      { ...unfused, fusion: true },
    );
    expect(inPlace(plan)).toBe(0);
  });
});

describe('memory rests', () => {
  /** Products of x, each of which is summed right after it is made. */
  const body = (x: Tensor, early?: Tensor): Tensor => {
    let total: Tensor = sum(early ?? x);
    for (let k = 1; k <= 4; k++) total = add(total, sum(matmul(multiply(x, k), x)));
    return total;
  };
  const barriers = (plan: PlannedProgram): number => barriersOf(plan).filter(Boolean).length;

  it('before it is written again, where there is room', () => {
    const plan = planned((x) => body(x, matmul(concat([x, x, x, x], 0), x)));
    expect(barriers(plan)).toBe(barriers({ ...plan, memory: { ...plan.memory, places: new Map() } }));
  });

  it('only where that costs nothing', () => {
    const plan = planned((x) => body(x));
    expect(plan.memory.arenaBytes.reduce((sum, bytes) => sum + bytes, 0)).toBe(plan.memory.floorBytes);
  });
});

describe('results made in place', () => {
  let device: GPUDevice;
  beforeAll(async () => {
    ({ device } = await openDevice());
  });
  afterAll(() => device.destroy());

  it('equal those made beside their inputs', async () => {
    const data = Float32Array.from({ length: 64 * 64 }, (_, k) => Math.sin(k * 0.37));
    const all: Record<string, Float32Array>[] = [];
    for (const { target } of targets(device)) {
      const { outputs } = await runGraph(device, target, { x: { shape: [64, 64], data } }, (_graph, { x }) => {
        const a = relu(add(x!, 0.5));
        const b = softmax(multiply(a, 3));
        const c = add(matmul(square(b), x!), b);
        return { y: gelu(add(transpose(c, 0, 1), a)) };
      });
      all.push(outputs);
    }
    for (const { y } of all.slice(1)) {
      for (let k = 0; k < y!.length; k++) expect(Math.abs(y![k]! - all[0]!['y']![k]!)).toBeLessThan(1e-5);
    }
  });
});
