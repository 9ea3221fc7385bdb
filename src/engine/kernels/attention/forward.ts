// Attention forward: one walk over the keys with a running maximum; scores are never stored.
//
// Scores are in base 2: s = (q · k) scale log2(e) + bias log2(e), p = exp2(s). Saved per query: the log2 of the sum of
// all p, so that the backward pass gets p back as exp2(s − saved). A masked key counts as absent; a query with no
// key left gives zeros.
import { add, code, constant, flatten, scale as times, type Index } from '../../graph/indexing';
import type { Lowering } from '../lowering';
import type { Tensor } from '../../graph/tensor';
import type { KernelBuilder } from '../builder';
import type { Call } from '../call';
import { literal } from '../literal';
import { keepThreshold, PHILOX_ROUNDS, philoxSource } from '../wgsl/philox';
import { pairsOf, tokensOf, type Heads } from './heads';
import { tokenKernel } from './tokens';
import type { Held } from './tokenKernel';

/** What all attention kernels need to know. */
export interface AttentionCase {
  readonly queries: Heads;
  readonly keys: Heads;
  readonly values: Heads;
  readonly scale: number;
  readonly causal: boolean;
  /** Added to the scores, [pairs, queries, keys] in the order of pairs; may be a view. */
  readonly bias: Tensor | null;
  /** Keys count where it is not 0; same shape. */
  readonly mask: Tensor | null;
  /** Softmax weights are dropped with this probability, by the random draw whose number `draw` [1] holds. */
  readonly dropout: { readonly probability: number; readonly draw: Tensor } | null;
}

/** Start of a running maximum: finite, below any score. */
const LOWEST = '-1.0e30';

/** WGSL of one own token's vectors. */
export function heldRow(held: Held, row: number): string[] {
  return Array.from({ length: held.groups }, (_, group) => held.at(row, group));
}

/** Flat position of (pair, query, key) among all scores. */
export function scoreIndex(one: AttentionCase, pair: Index, query: Index, key: Index): Index {
  return add(times(add(times(pair, tokensOf(one.queries)), query), tokensOf(one.keys)), key);
}

/** The score in base 2 with its bias, and the condition under which it counts (null: always); `inside` is part of it. */
export function score(
  builder: KernelBuilder,
  one: AttentionCase,
  product: string,
  at: { readonly pair: Index; readonly query: Index; readonly key: Index },
  inside: string | null = null,
): { value: string; counts: string | null } {
  const index = scoreIndex(one, at.pair, at.query, at.key);
  const value = one.bias
    ? builder.let(`fma(${builder.load(one.bias, index)}, ${literal(Math.LOG2E, 'f32')}, ${product})`)
    : product;
  const conditions: string[] = inside === null ? [] : [inside];
  if (one.mask) conditions.push(`${builder.load(one.mask, index)} != 0.0`);
  if (one.causal) conditions.push(`${code(at.key)} <= ${code(at.query)}`);
  return { value, counts: conditions.length > 0 ? conditions.join(' && ') : null };
}

/** Factor of one softmax weight under dropout, 0 or 1 / (1 - p); null without. Bits as of dropout on all scores. */
export function keepFactor(
  builder: KernelBuilder,
  one: AttentionCase,
  at: { readonly pair: Index; readonly query: Index; readonly key: Index },
): string | null {
  if (!one.dropout) return null;
  const { probability, draw } = one.dropout;
  const philox = builder.helper('philox', philoxSource);
  const step = builder.useStep();
  const index = builder.let(code(scoreIndex(one, at.pair, at.query, at.key)));
  const counter = `vec4<u32>(${index} / 4u, ${step}.index, 0u, 0u)`;
  const key = `vec2<u32>(${step}.seed, ${builder.load(draw, constant(0))})`;
  const bits = `${philox}(${counter}, ${key}, ${builder.bound(PHILOX_ROUNDS)})`;
  const keep = `${bits}[${index} % 4u] >= ${keepThreshold(probability)}u`;
  return builder.let(`select(0.0, ${literal(1 / (1 - probability), 'f32')}, ${keep})`);
}

/** y of every query and the log2 of its sum, saved in [pairs, queries]. */
export function lowerAttention(lowering: Lowering, one: AttentionCase, y: Heads, saved: Tensor): Call[] {
  const pairs = pairsOf(one.queries);
  const queries = tokensOf(one.queries);
  const keys = tokensOf(one.keys);
  const kernel = tokenKernel(lowering, 'attention', {
    pairs,
    own: queries,
    other: keys,
    passing: [one.keys, one.values],
    held: 2,
    causal: one.causal ? 'before' : null,
  });
  const { builder } = kernel;
  const query = kernel.hold(one.queries, one.scale * Math.LOG2E);
  const sums = kernel.sums(y);
  kernel.rows.forEach((_, r) => {
    builder.line(`var largest${r} = ${LOWEST};`);
    builder.line(`var total${r} = 0.0;`);
  });
  kernel.pass((tokens) => {
    const parts = kernel.rows.flatMap((_, r) => tokens.map((key) => kernel.dot(heldRow(query, r), key.row(0))));
    const products = kernel.whole(parts);
    kernel.rows.forEach((row, r) => {
      const scores = tokens.map(({ token, inside }, t) => {
        const at = { pair: kernel.pair, query: row, key: token };
        return { at, ...score(builder, one, products[r * tokens.length + t] as string, at, inside) };
      });
      const now = builder.let(
        scores.reduce(
          (most, { value, counts }) => `max(${most}, ${counts ? `select(${LOWEST}, ${value}, ${counts})` : value})`,
          `largest${r}`,
        ),
      );
      const shrink = builder.let(`exp2(largest${r} - ${now})`);
      builder.line(`largest${r} = ${now};`);
      scores.forEach(({ at, value, counts }, t) => {
        const plain = `exp2(${value} - ${now})`;
        const weight = builder.let(counts ? `select(0.0, ${plain}, ${counts})` : plain);
        builder.line(`total${r} = ${t === 0 ? `fma(total${r}, ${shrink}, ${weight})` : `total${r} + ${weight}`};`);
        const keep = keepFactor(builder, one, at);
        const kept = keep === null ? weight : builder.let(`${weight} * ${keep}`);
        const valueRow = tokens[t]?.row(1) ?? [];
        heldRow(sums, r).forEach((sum, group) => {
          const before = t === 0 ? `${sum} * ${shrink}` : sum;
          sums.set(r, group, `fma(vec4<f32>(${kept}), ${valueRow[group] ?? ''}, ${before})`);
        });
      });
    });
  });
  kernel.store(y, sums, (r) => `(1.0 / max(total${r}, 1e-30))`);
  if (lowering.outputs.includes(saved)) {
    kernel.rows.forEach((row, r) => {
      kernel.once(r, () => {
        const value = builder.let(`largest${r} + log2(max(total${r}, 1e-30))`);
        builder.write(saved, flatten([kernel.pair, row], [pairs, queries]), value);
      });
    });
  }
  return [kernel.finish(pairs * queries * keys * 2 * (one.queries.width + y.width))];
}
