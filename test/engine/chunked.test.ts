// A function over the pieces of an axis computes what the whole would, in the memory of one piece.
import { beforeAll, describe, expect, it } from 'vitest';
import { isSoftware, targetOf } from '../../src/engine/device/adapter';
import { Graph } from '../../src/engine/graph/graph';
import { zeros, type Parameters } from '../../src/engine/graph/parameters';
import type { Tensor } from '../../src/engine/graph/tensor';
import type { Target } from '../../src/engine/kernels/target';
import { gelu } from '../../src/engine/ops/activation';
import { add, multiply } from '../../src/engine/ops/arithmetic';
import { chunked } from '../../src/engine/ops/chunked';
import { dropout } from '../../src/engine/ops/dropout';
import { matmul } from '../../src/engine/ops/matmul';
import { mean, sum } from '../../src/engine/ops/reduce';
import { pad, permute, reshape, slice } from '../../src/engine/ops/view';
import { batchNorm } from '../../src/layers/batchNorm';
import { layerNorm } from '../../src/layers/layerNorm';
import { linear } from '../../src/layers/linear';
import { openDevice } from '../helpers/gpu';
import { firstStep, worstDifference, type FirstStep } from '../helpers/firstStep';
import { hashValues } from '../helpers/hashValues';

let device: GPUDevice;
let target: Target;

beforeAll(async () => {
  ({ device } = await openDevice());
  target = targetOf(device, isSoftware(device.adapterInfo));
});

const values = (name: string, size: number): Float32Array => Float32Array.from(hashValues(name, size));

interface Shape {
  readonly rows: number;
  readonly width: number;
  /** 1 leaves out the loop. */
  readonly pieces: number;
}

/** Runs the body over pieces, or over the whole. */
function over(x: Tensor, pieces: number, body: (x: Tensor) => Tensor[]): Tensor[] {
  return pieces === 1 ? body(x) : chunked([x], pieces, ([piece]) => body(piece!));
}

/** A tower over pieces between whole layers; some of its weights serve outside too, a vector is made outside. */
function tower({ rows, width, pieces }: Shape, streamed = false) {
  return (p: Parameters, graph: Graph): { loss: Tensor; results: Record<string, Tensor> } => {
    const shape = [rows, 3, width];
    const x = streamed ? graph.stream('x', shape, pieces) : graph.input('x', shape);
    const shift = gelu(linear(p.at('shift'), slice(p.weight('token', [2, width], zeros), 0, 0, 1), width));
    const [features, norms] = over(x, pieces, (piece) => {
      const hidden = gelu(linear(p.at('first'), add(piece, reshape(shift, [1, 1, width])), 2 * width));
      const out = layerNorm(p.at('norm'), linear(p.at('second'), hidden, width));
      return [mean(out, [1]), sum(multiply(out, out), [1, 2])];
    }) as [Tensor, Tensor];
    const whole = linear(p.at('second'), linear(p.at('first'), features, 2 * width), width);
    const similar = matmul(whole, permute(features, [1, 0]));
    const loss = add(mean(multiply(similar, similar)), mean(norms));
    return { loss, results: { features } };
  };
}

async function both(shape: Shape, chosen: Target = target, recompute: 'none' | 'all' = 'none') {
  const { rows, width } = shape;
  const arrays = { x: values('x', rows * 3 * width) };
  const whole = await firstStep(device, chosen, tower({ ...shape, pieces: 1 }), { arrays }, recompute);
  return { whole, cut: await firstStep(device, chosen, tower(shape), { arrays }, recompute), arrays };
}

describe('a tower over pieces', () => {
  it.each([
    ['pieces of whole alignment', { rows: 16, width: 32, pieces: 4 }],
    ['pieces of odd sizes', { rows: 15, width: 7, pieces: 5 }],
    ['as many pieces as rows', { rows: 6, width: 12, pieces: 6 }],
  ])('gives the loss and every gradient of the whole: %s', async (_, shape) => {
    const { whole, cut } = await both(shape);
    expect(worstDifference(whole, cut)).toBeLessThan(1e-5);
    const difference = cut.results['features']!.map((value, i) => Math.abs(value - whole.results['features']![i]!));
    expect(Math.max(...difference)).toBeLessThan(1e-5);
    expect(Object.keys(cut.gradients).sort()).toEqual(Object.keys(whole.gradients).sort());
  });

  it('does so without fusion, with the kernels of GPUs, and where blocks are computed again', async () => {
    const shape = { rows: 12, width: 20, pieces: 3 };
    for (const chosen of [
      { ...target, fusion: false },
      { ...target, software: !target.software, subgroupSize: 0 },
    ]) {
      const { whole, cut } = await both(shape, chosen);
      expect(worstDifference(whole, cut)).toBeLessThan(1e-5);
    }
    const { whole, cut } = await both(shape, target, 'all');
    expect(worstDifference(whole, cut)).toBeLessThan(1e-5);
  });

  it('gives them to what f16 allows', async () => {
    if (!device.features.has('shader-f16')) return;
    const { whole } = await both({ rows: 16, width: 32, pieces: 4 });
    const { cut } = await both({ rows: 16, width: 32, pieces: 4 }, { ...target, half: true });
    expect(worstDifference(whole, cut)).toBeLessThan(0.02);
  });

  it('reads a stream of which one piece is there at a time', async () => {
    const shape = { rows: 16, width: 32, pieces: 4 };
    const { whole, cut, arrays } = await both(shape);
    const streamed = await firstStep(device, target, tower(shape, true), { streams: arrays });
    expect(worstDifference(whole, streamed)).toBeLessThan(1e-5);
    expect(cut.bytes - streamed.bytes).toBe((3 / 4) * arrays.x.byteLength);
  });

  it('has the same kernels and the same memory for 4 and for 32 pieces, but for what goes in and comes out', async () => {
    const run = async (pieces: number): Promise<FirstStep> => {
      const shape = { rows: 2 * pieces, width: 64, pieces };
      const model = (p: Parameters, graph: Graph) => {
        const x = graph.stream('x', [shape.rows, 64], pieces);
        const [features] = chunked([x], pieces, ([piece]) => [
          linear(p.at('b'), gelu(linear(p.at('a'), piece!, 4096)), 64),
        ]) as [Tensor];
        return { loss: mean(multiply(features, features)) };
      };
      return firstStep(device, target, model, { streams: { x: values('x', shape.rows * 64) } });
    };
    const [few, many] = [await run(4), await run(32)];
    expect(many.pipelines).toBe(few.pipelines);
    // 28 more pieces of 512 bytes: the features, whose place their gradient takes over.
    expect(many.bytes - few.bytes).toBe(28 * 512);
    expect(many.dispatches - few.dispatches).toBeGreaterThan(28);
  });
});

describe('blocks over pieces with a layer across their borders between them', () => {
  /** AdaTAD's way: attention within a chunk, a convolution over all time steps after each block. */
  const model =
    (pieces: number) =>
    (p: Parameters, graph: Graph): { loss: Tensor } => {
      let x: Tensor = graph.input('x', [24, 16]);
      for (let block = 0; block < 3; block++) {
        const at = p.at(`blocks.${block}`);
        const [inside] = over(x, pieces, (piece) => [add(piece, gelu(linear(at.at('mlp'), piece, 16)))]) as [Tensor];
        const before = slice(pad(inside, 0, 1, 0), 0, 0, 24);
        x = add(inside, linear(at.at('across'), add(before, inside), 16));
      }
      return { loss: mean(multiply(x, x)) };
    };

  it('pass gradients through all of them', async () => {
    const arrays = { x: values('x', 24 * 16) };
    const whole = await firstStep(device, target, model(1), { arrays });
    for (const recompute of ['none', 'all'] as const) {
      const cut = await firstStep(device, target, model(3), { arrays }, recompute);
      expect(worstDifference(whole, cut)).toBeLessThan(1e-5);
    }
  });
});

describe('random numbers in pieces', () => {
  it('differ from piece to piece, and come again in the backward pass', async () => {
    const model = (p: Parameters, graph: Graph) => {
      const [x] = chunked([graph.input('x', [8, 64])], 4, ([piece]) => [
        dropout(multiply(piece!, p.weight('scale', [64], zeros)), 0.5),
      ]) as [Tensor];
      return { loss: sum(x), results: { x } };
    };
    const ones = new Float32Array(8 * 64).fill(1);
    const { results, gradients } = await firstStep(device, target, model, { arrays: { x: ones } });
    const weights = Float32Array.from(hashValues('w:scale', 64), (value) => value * 0.5);
    const kept = Array.from(results['x']!, (value) => (value === 0 ? 0 : 1));
    const masks = [0, 1, 2, 3].map((piece) => kept.slice(piece * 128, (piece + 1) * 128).join(''));
    expect(new Set(masks).size).toBe(4);
    weights.forEach((_, column) => {
      const survivors = [0, 1, 2, 3, 4, 5, 6, 7].reduce((count, row) => count + kept[row * 64 + column]!, 0);
      expect(gradients['scale']![column]).toBeCloseTo(2 * survivors, 4);
    });
  });
});

describe('what cannot be', () => {
  const bad = (body: (graph: Graph) => unknown) => () => body(new Graph());

  it('is refused while tracing, with a reason', async () => {
    const same = ([piece]: readonly Tensor[]): Tensor[] => [add(piece!, piece!)];
    expect(bad((graph) => chunked([graph.input('x', [10, 4])], 4, same))).toThrow(
      '[10, 4] does not divide into 4 pieces',
    );
    expect(bad((graph) => graph.stream('x', [10, 4], 4))).toThrow('does not divide into 4 pieces');
    expect(bad((graph) => chunked([graph.stream('x', [8, 4], 4)], 2, same))).toThrow(
      'comes in 4 pieces and is read in 2',
    );
    expect(
      bad((graph) => {
        const x = graph.input('x', [8, 4]);
        chunked([x], 2, ([piece]) => chunked([piece!], 2, same));
      }),
    ).toThrow('a loop within the body of a loop');
    const leaking = (p: Parameters, graph: Graph) => {
      let kept: Tensor | undefined;
      chunked([graph.input('x', [8, 4])], 2, ([piece]) => [(kept = add(piece!, piece!))]);
      return { loss: sum(matmul(p.weight('w', [4, 4], zeros), permute(kept!, [1, 0]))) };
    };
    await expect(firstStep(device, target, leaking, {})).rejects.toThrow('belongs to the body of a loop');
    const normalised = (p: Parameters, graph: Graph) => {
      const x = graph.input('x', [8, 4, 5]);
      const [y] = chunked([x], 2, ([piece]) => [batchNorm(p.at('norm'), piece!, { axis: 1, training: true })]) as [
        Tensor,
      ];
      return { loss: sum(y) };
    };
    await expect(firstStep(device, target, normalised, {})).rejects.toThrow('running statistics cannot be kept');
    const whole = (_: Parameters, graph: Graph) => ({ loss: sum(graph.stream('x', [8, 4], 2)) });
    await expect(firstStep(device, target, whole, {})).rejects.toThrow('it is a stream');
  });
});
