// Attention against float64 loops: packed over either axis, separate and crossed, masked, causal, odd sizes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attention } from '../../../src/engine/ops/attention';
import { add, multiply } from '../../../src/engine/ops/arithmetic';
import { dropout } from '../../../src/engine/ops/dropout';
import { matmul } from '../../../src/engine/ops/matmul';
import { softmax } from '../../../src/engine/ops/softmax';
import { permute } from '../../../src/engine/ops/view';
import { expectReference, type OpCase } from '../../helpers/differences';
import { hashValues } from '../../helpers/hashValues';
import { openDevice } from '../../helpers/gpu';
import { runGraph, targets, type Value } from '../../helpers/runGraph';
import { sizeOf, type Shape, type Tensor } from '../../../src/engine/graph/tensor';

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

interface Sizes {
  readonly pairs: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
}

/** One head after the other; `counts` and `bias` are functions of (pair, query, key). */
function loops(
  { pairs, queries, keys, width }: Sizes,
  read: (part: 0 | 1 | 2, pair: number, token: number, channel: number) => number,
  write: (pair: number, token: number, channel: number, value: number) => void,
  counts: (pair: number, query: number, key: number) => boolean = () => true,
  bias: (pair: number, query: number, key: number) => number = () => 0,
): void {
  for (let pair = 0; pair < pairs; pair++) {
    for (let query = 0; query < queries; query++) {
      const weights = new Float64Array(keys);
      let total = 0;
      for (let key = 0; key < keys; key++) {
        if (!counts(pair, query, key)) continue;
        let score = 0;
        for (let c = 0; c < width; c++) score += read(0, pair, query, c) * read(1, pair, key, c);
        weights[key] = Math.exp(score / Math.sqrt(width) + bias(pair, query, key));
        total += weights[key]!;
      }
      for (let c = 0; c < width; c++) {
        let sum = 0;
        for (let key = 0; key < keys; key++) sum += weights[key]! * read(2, pair, key, c);
        write(pair, query, c, total === 0 ? 0 : sum / total);
      }
    }
  }
}

function packedCase(b: number, t: number, j: number, heads: number, width: number, axis: 1 | 2): OpCase {
  const channels = heads * width;
  const tokens = axis === 1 ? t : j;
  const others = axis === 1 ? j : t;
  const row = (pair: number, token: number): number => {
    const batch = Math.floor(pair / heads);
    const [outer, other] = [Math.floor(batch / others), batch % others];
    return axis === 1 ? (outer * t + token) * j + other : (outer * t + other) * j + token;
  };
  return {
    inputs: { qkv: [b, t, j, 3 * channels] },
    values: { qkv: (value) => 2 * value },
    body: (_graph, { qkv }) => ({ y: attention(qkv!, { heads, axis }) }),
    reference: ({ qkv }) => {
      const y = new Float64Array(b * t * j * channels);
      loops(
        { pairs: b * others * heads, queries: tokens, keys: tokens, width },
        (part, pair, token, c) => qkv![row(pair, token) * 3 * channels + part * channels + (pair % heads) * width + c]!,
        (pair, token, c, value) => (y[row(pair, token) * channels + (pair % heads) * width + c] = value),
      );
      return { y };
    },
    gradients: ['qkv'],
  };
}

type Extra = 'causal' | 'bias' | 'mask' | 'plain';

/** q, k, v of [batch, tokens, heads, width]. */
function separateCase(b: number, queries: number, keys: number, heads: number, width: number, extra: Extra): OpCase {
  const scores = b * heads * queries * keys;
  const options = (more: Tensor | undefined): Parameters<typeof attention>[3] => {
    if (extra === 'causal') return { causal: true };
    if (extra === 'plain' || !more) return {};
    return extra === 'bias' ? { bias: more } : { mask: more };
  };
  return {
    inputs: {
      q: [b, queries, heads, width],
      k: [b, keys, heads, width],
      v: [b, keys, heads, width],
      more: [b, heads, queries, keys],
    },
    values: {
      q: (value) => 2 * value,
      k: (value) => 2 * value,
      more: (value) => (extra === 'mask' ? Number(value > 0) : value),
    },
    body: (_graph, { q, k, v, more }) => ({ y: attention(q!, k!, v!, options(more)) }),
    reference: ({ q, k, v, more }) => {
      const parts = [q!, k!, v!] as const;
      const y = new Float64Array(b * queries * heads * width);
      const flat = (pair: number, token: number, c: number, tokens: number): number =>
        ((Math.floor(pair / heads) * tokens + token) * heads + (pair % heads)) * width + c;
      const at = (pair: number, query: number, key: number): number => (pair * queries + query) * keys + key;
      loops(
        { pairs: scores / queries / keys, queries, keys, width },
        (part, pair, token, c) => parts[part][flat(pair, token, c, part === 0 ? queries : keys)]!,
        (pair, token, c, value) => (y[flat(pair, token, c, queries)] = value),
        (pair, query, key) =>
          extra === 'causal' ? key <= query : extra !== 'mask' || more![at(pair, query, key)]! !== 0,
        (pair, query, key) => (extra === 'bias' ? more![at(pair, query, key)]! : 0),
      );
      return { y };
    },
    gradients: extra === 'bias' ? ['q', 'k', 'v', 'more'] : ['q', 'k', 'v'],
  };
}

describe('attention', () => {
  it('attends over joints and over frames of a packed projection', async () => {
    await expectReference(device, packedCase(2, 3, 17, 2, 8, 2));
    await expectReference(device, packedCase(1, 9, 3, 2, 4, 1));
  });
  it('goes through tiles when tokens are many', async () => {
    await expectReference(device, packedCase(1, 131, 1, 1, 4, 1));
  });
  it('takes other numbers of keys than of queries and odd widths', async () => {
    await expectReference(device, separateCase(2, 7, 5, 3, 5, 'plain'));
    await expectReference(device, separateCase(1, 1, 65, 1, 1, 'plain'));
    await expectReference(device, separateCase(1, 65, 1, 2, 6, 'plain'));
  });
  it('leaves out masked keys and keys to come, and adds biases', async () => {
    await expectReference(device, separateCase(1, 66, 66, 1, 4, 'causal'));
    await expectReference(device, separateCase(2, 7, 3, 2, 4, 'mask'));
    await expectReference(device, separateCase(2, 5, 7, 2, 4, 'bias'));
  });
  it('holds heads of 128 channels', async () => {
    await expectReference(device, { ...separateCase(1, 7, 9, 1, 128, 'plain'), quick: true });
    await expectReference(device, separateCase(1, 7, 9, 1, 40, 'plain'));
  });
  it('composes heads of more channels of products', async () => {
    await expectReference(device, { ...packedCase(1, 5, 2, 2, 130, 1), quick: true });
    await expectReference(device, { ...packedCase(2, 2, 4, 1, 130, 2), quick: true });
    for (const extra of ['plain', 'causal', 'bias', 'mask'] as const)
      await expectReference(device, { ...separateCase(1, 5, 3, 2, 130, extra), quick: true });
  });
  it('drops softmax weights as dropout on the written scores does', async () => {
    for (const extra of ['plain', 'causal', 'bias'] as const) {
      const [pairs, queries, keys, width] = [3, 7, 10, 5];
      const inputs = hashed({ q: [pairs, queries, width], k: [pairs, keys, width], v: [pairs, keys, width] });
      const more = hashed({ more: [pairs, queries, keys] });
      const all = extra === 'bias' ? { ...inputs, ...more } : inputs;
      const names = Object.keys(all);
      const cotangents = { y: Float32Array.from(hashValues('dy', pairs * queries * width)) };
      const [plain] = targets(device);
      const scale = 1 / Math.sqrt(width);
      const expected = await runGraph(
        device,
        plain!.target,
        all,
        (graph, { q, k, v, more: bias }) => {
          let scores = multiply(matmul(q!, permute(k!, [0, 2, 1])), graph.scalar(scale));
          if (bias) scores = add(scores, bias);
          const seen = Float32Array.from({ length: queries * keys }, (_, i) => (i % keys <= i / keys ? 0 : -1e9));
          if (extra === 'causal') scores = add(scores, graph.constant(seen, [queries, keys]));
          return { y: matmul(dropout(softmax(scores, -1), 0.4), v!) };
        },
        cotangents,
        names,
      );
      for (const { name, target } of targets(device).slice(0, extra === 'plain' ? undefined : 1)) {
        const got = await runGraph(
          device,
          target,
          all,
          (_graph, { q, k, v, more: bias }) => ({
            y: attention(q!, k!, v!, { dropout: 0.4, causal: extra === 'causal', ...(bias && { bias }) }),
          }),
          cotangents,
          names,
        );
        expect(largestDifference(got.outputs['y']!, expected.outputs['y']!), `y ${extra}${name}`).toBeLessThan(1e-5);
        for (const one of names) {
          const difference = largestDifference(got.gradients[one]!, expected.gradients[one]!);
          expect(difference, `gradient of ${one}, ${extra}${name}`).toBeLessThan(1e-5);
        }
      }
    }
  });
});

function hashed(shapes: Readonly<Record<string, Shape>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { shape, data: Float32Array.from(hashValues(name, sizeOf(shape))) },
    ]),
  );
}

function largestDifference(got: Float32Array, want: Float32Array): number {
  return want.reduce((most, value, i) => Math.max(most, Math.abs(value - (got[i] ?? Infinity))), 0);
}
