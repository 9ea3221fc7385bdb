// Bias gradients that the kernel of a weight gradient makes on its way, against sums by themselves.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { targetOf } from '../../../src/engine/device/adapter';
import { Graph } from '../../../src/engine/graph/graph';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { defaultTarget, type Target } from '../../../src/engine/kernels/target';
import { add, multiply } from '../../../src/engine/ops/arithmetic';
import { convolution, type ConvolutionOptions } from '../../../src/engine/ops/convolution';
import { linear, matmul } from '../../../src/engine/ops/matmul';
import { sum } from '../../../src/engine/ops/reduce';
import { gradients } from '../../../src/engine/passes/gradient';
import { planProgram } from '../../../src/engine/passes/plan';
import { openDevice } from '../../helpers/gpu';
import { hashValues } from '../../helpers/hashValues';
import { runGraph } from '../../helpers/runGraph';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

/** x W + b, or x Wᵀ + b as torch.nn.functional.linear. */
type Layer = 'matmul' | 'linear';

function layer(kind: Layer, x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return kind === 'linear' ? linear(x, weight, bias) : add(matmul(x, weight), bias);
}

/** Dispatches of the gradients of weight and bias, given what flows back. */
function dispatches(kind: Layer, [terms, from, to]: readonly [number, number, number], target: Target): string[] {
  const graph = new Graph();
  const x = graph.input('x', [terms, from]);
  const weight = graph.input('weight', kind === 'linear' ? [to, from] : [from, to]);
  const bias = graph.input('bias', [to]);
  const loss = sum(multiply(layer(kind, x, weight, bias), graph.input('dy', [terms, to])));
  const found = gradients(graph, loss, [weight, bias]);
  const results = new Map([...found.values()].map((gradient, k) => [`gradient ${k}`, gradient]));
  const { calls } = planProgram({ name: 'layer', graph, results }, target);
  return calls.map(({ entryPoint }) => entryPoint);
}

/** Dispatches of the gradients of a convolution's weight and bias. */
function convolutionDispatches(channels: 'first' | 'last', options: ConvolutionOptions, target: Target): string[] {
  const graph = new Graph();
  const [x, weight, bias] = [
    graph.input('x', channels === 'last' ? [2, 32, 32, 64] : [2, 64, 32, 32]),
    graph.input('weight', [64, 64 / (options.groups ?? 1), 3, 3]),
    graph.input('bias', [64]),
  ];
  const y = convolution(x, weight, bias, { ...options, channels });
  const found = gradients(graph, sum(multiply(y, graph.input('dy', y.shape))), [weight, bias]);
  const results = new Map([...found.values()].map((gradient, k) => [`gradient ${k}`, gradient]));
  return planProgram({ name: 'layer', graph, results }, target).calls.map(({ entryPoint }) => entryPoint);
}

describe('on a GPU', () => {
  const gpu: Target = { ...defaultTarget, quads: true, neighbours: 4 };
  const layers: readonly Layer[] = ['matmul', 'linear'];
  it.each(layers)('takes one dispatch for both gradients of a layer by %s', (kind) => {
    // Staged tiles, and terms shared out in a workgroup; the third is what flows back.
    expect(dispatches(kind, [197, 384, 1536], gpu)).toEqual(['pointwise', 'matmul_staged']);
    expect(dispatches(kind, [408, 32, 64], gpu)).toEqual(['pointwise', 'matmul_together']);
  });
  it('takes a second dispatch to add up chunks of both', () => {
    const chunked = dispatches('linear', [16384, 64, 192], gpu);
    expect(chunked).toEqual(['pointwise', 'matmul_staged_chunks', 'matmul_sum']);
  });
  it.each(['first', 'last'] as const)('takes no dispatch for the bias of a convolution, channels %s', (channels) => {
    expect(convolutionDispatches(channels, { padding: 1 }, gpu).filter((name) => name.startsWith('sum'))).toEqual([]);
    const plain = convolutionDispatches(channels, { padding: 1 }, { ...gpu, software: true });
    const groups = convolutionDispatches(channels, { padding: 1, groups: 2 }, gpu);
    for (const one of [plain, groups]) expect(one.some((name) => name.startsWith('sum'))).toBe(true);
  });
});

it('sums by itself what is read before the weight gradient is made', () => {
  const graph = new Graph();
  const [x, dy] = [graph.input('x', [64, 48]), graph.input('dy', [64, 96])];
  const total = sum(dy, [0]);
  const gradient = matmul(multiply(linear(dy, graph.input('other', [64, 96])), sum(total)), x);
  const results = new Map([
    ['total', total],
    ['gradient', gradient],
  ]);
  const { calls } = planProgram({ name: 'early', graph, results }, defaultTarget);
  expect(calls.some(({ entryPoint }) => entryPoint.startsWith('sum'))).toBe(true);
});

const shapes: readonly (readonly [number, number, number])[] = [
  // Whole tiles, edges along each axis, terms that are no multiple of a step, few terms, many terms.
  [64, 64, 128],
  [197, 70, 100],
  [37, 66, 33],
  [408, 17, 5],
  [300, 32, 64],
  [1030, 3, 50],
  [4099, 40, 72],
];

/** The gradients of weight and bias, whichever way their products are made, against those of sums by themselves. */
async function compare(
  inputs: Readonly<Record<'x' | 'weight' | 'bias', readonly number[]>>,
  outputs: number,
  body: (x: Tensor, weight: Tensor, bias: Tensor) => Tensor,
): Promise<void> {
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, shape]) => [
      name,
      {
        shape,
        data: Float32Array.from(
          hashValues(
            name,
            shape.reduce((a, b) => a * b, 1),
          ),
        ),
      },
    ]),
  );
  const flow = { y: Float32Array.from(hashValues('dy', outputs)) };
  const run = async (target: Target): Promise<Record<string, Float32Array>> => {
    const traced = (_graph: Graph, { x, weight, bias }: Readonly<Record<string, Tensor>>) => ({
      y: body(x!, weight!, bias!),
    });
    return (await runGraph(device, target, values, traced, flow, ['weight', 'bias'])).gradients;
  };
  const plain = targetOf(device, true);
  const alone = await run({ ...plain, fusion: false });
  // Every way that a product may take has a number; the last ones are those that tuning alone takes.
  for (const way of [0, 1, 2, 5, -1]) {
    const beside = await run({ ...plain, software: false, choose: (_key, variants) => variants.at(way) });
    for (const name of ['weight', 'bias']) {
      const largest = Math.max(...alone[name]!.map(Math.abs));
      const differences = alone[name]!.map((value, k) => Math.abs(value - beside[name]![k]!));
      expect(Math.max(...differences) / largest).toBeLessThan(2e-5);
    }
  }
}

describe.each<Layer>(['matmul', 'linear'])('by %s', (kind) => {
  it.each(shapes)('gives the same gradients over %i terms of %i to %i features, whichever way', async (...shape) => {
    const [terms, from, to] = shape;
    const weight = kind === 'linear' ? [to, from] : [from, to];
    await compare({ x: [terms, from], weight, bias: [to] }, terms * to, (...all) => layer(kind, ...all));
  });
});

const images: readonly (readonly [string, number[], number[], ConvolutionOptions])[] = [
  ['3 x 3, padded', [2, 8, 12, 16], [16, 16, 3, 3], { padding: 1 }],
  ['5 x 3, odd channels', [1, 9, 11, 6], [10, 6, 5, 3], { padding: [2, 1] }],
  ['3 x 3, stride 2', [2, 16, 13, 3], [24, 3, 3, 3], { padding: 1, stride: 2 }],
  ['3, dilated', [3, 50, 32], [64, 32, 3], { padding: 2, dilation: 2 }],
  ['4 x 4 in two groups', [2, 8, 8, 8], [8, 4, 4, 4], { groups: 2 }],
];

it.each(images)('gives the same gradients of a convolution, %s, whichever way', async (_name, x, weight, options) => {
  const last = { ...options, channels: 'last' } as const;
  const graph = new Graph();
  const { size } = convolution(graph.input('x', x), graph.input('weight', weight), null, last);
  await compare({ x, weight, bias: [weight[0]!] }, size, (...all) => convolution(...all, last));
});
