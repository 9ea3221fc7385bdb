// Attention and row kernels stay within WebGPU's default limits for every width and length; no device is needed.
import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/engine/device/compile';
import { Graph } from '../../../src/engine/graph/graph';
import type { Tensor } from '../../../src/engine/graph/tensor';
import type { Call } from '../../../src/engine/kernels/call';
import { defaultTarget, type Target } from '../../../src/engine/kernels/target';
import { multiply } from '../../../src/engine/ops/arithmetic';
import { attention } from '../../../src/engine/ops/attention';
import { layerNorm } from '../../../src/engine/ops/layerNorm';
import { sum } from '../../../src/engine/ops/reduce';
import { softmax } from '../../../src/engine/ops/softmax';
import { gradients } from '../../../src/engine/passes/gradient';

const targets: readonly Target[] = [
  defaultTarget,
  { ...defaultTarget, quads: true, neighbours: 32 },
  { ...defaultTarget, software: true },
  { ...defaultTarget, software: true, subgroupSize: 8 },
];

/** Forward and backward dispatches of a function of inputs of these shapes. */
function calls(target: Target, shapes: readonly (readonly number[])[], body: (...x: Tensor[]) => Tensor): Call[] {
  const graph = new Graph();
  const inputs = shapes.map((shape, k) => graph.input(`x${k}`, shape));
  const y = body(...inputs);
  const loss = sum(multiply(y, graph.input('flow', y.shape)));
  const found = gradients(graph, loss, inputs);
  const results = new Map<string, Tensor>([['y', y]]);
  inputs.forEach((input, k) => results.set(`d${k}`, found.get(input)!));
  const planned = plan([{ name: 'limits', graph, results }], target);
  return planned.programs.flatMap((program) => [...program.calls]);
}

/** Bytes of the kernel's workgroup memory. */
function sharedBytes({ source }: Call): number {
  const arrays = [...source.matchAll(/var<workgroup> \w+: array<(vec4<f32>|f32), (\d+)>/g)];
  return arrays.reduce((bytes, [, type, count]) => bytes + Number(count) * (type === 'f32' ? 4 : 16), 0);
}

function expectWithinLimits(all: readonly Call[]): void {
  for (const call of all) {
    expect(call.bindings.length, call.label).toBeLessThanOrEqual(8);
    expect(sharedBytes(call), call.label).toBeLessThanOrEqual(16384);
    for (const count of call.workgroups) expect(count, call.label).toBeLessThanOrEqual(65535);
  }
}

describe.each(targets)('for target %#', (target) => {
  it('attention of any width and length', () => {
    for (const width of [1, 3, 32, 64, 100, 128]) {
      for (const [queries, keys] of [
        [1, 1],
        [17, 17],
        [1, 257],
        [4096, 40],
        [243, 243],
      ] as const) {
        const shapes = [
          [2, queries, width],
          [2, keys, width],
          [2, keys, width],
        ];
        expectWithinLimits(calls(target, shapes, (q, k, v) => attention(q, k, v)));
        expectWithinLimits(
          calls(target, [...shapes, [queries, keys]], (q, k, v, bias) => attention(q, k, v, { bias: bias })),
        );
      }
    }
  });

  it('packed attention over many pairs', () => {
    expectWithinLimits(calls(target, [[512, 243, 9, 12]], (qkv) => attention(qkv, { heads: 4, axis: 2 })));
  });

  it('norms and softmax over many and over wide rows', () => {
    for (const shape of [
      [1, 4096],
      [300000, 8],
      [9, 1029],
      [70, 300, 12],
    ]) {
      const width = shape.at(-1)!;
      expectWithinLimits(calls(target, [shape, [width], [width]], (x, w, b) => softmax(layerNorm(x, w, b), 0)));
    }
  });
});
