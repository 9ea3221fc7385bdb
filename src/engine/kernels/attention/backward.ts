// Attention backward without stored scores: p = exp2(s − saved) and dp = dy · v are computed again, per pair of tokens.
//
// ds = p (m dp − D), D = dy · y; dq = scale Σ_keys ds k; dk = scale Σ_queries ds q; dv = Σ_queries m p dy, where m is
// the weight's factor under dropout (1 without).
// One dispatch walks the keys for each query (dq), one walks the queries for each key (dk and dv).
import { add, constant, scale as times, variable, type Index } from '../../graph/indexing';
import type { Lowering } from '../lowering';
import type { Tensor } from '../../graph/tensor';
import type { KernelBuilder } from '../builder';
import type { Call } from '../call';
import { literal } from '../literal';
import { heldRow, keepFactor, score, type AttentionCase } from './forward';
import { groupsOf, HeadReader, pairsOf, tokensOf, type Heads } from './heads';
import { tokenKernel } from './tokens';
import type { Held } from './tokenKernel';

/** Position of a query's saved log-sum (part 0) and its D (part 1) in the statistics [pairs, queries, 2]. */
function statisticsIndex(one: AttentionCase, pair: Index, query: Index, part: 0 | 1): Index {
  return add(times(add(times(pair, tokensOf(one.queries)), query), 2), constant(part));
}

type Row = readonly [Heads, Index];

/** Dot product of two tokens' rows of one pair, read group by group. */
function productOf(builder: KernelBuilder, pair: Index, ...rows: readonly [Row, Row]): string {
  const readers = rows.map(([operand]) => new HeadReader(builder, operand, pair));
  const groups = groupsOf(rows[0][0]);
  const sum = builder.fresh('sum');
  builder.line(`var ${sum} = vec4<f32>(0.0);`);
  builder.block(`for (var group = 0u; group < ${builder.bound(groups)}; group++)`, () => {
    const [a = '', b = ''] = rows.map(([, token], k) => readers[k]?.group(token, variable('group', groups)) ?? '');
    builder.line(`${sum} = fma(${a}, ${b}, ${sum});`);
  });
  return builder.let(`(${sum}.x + ${sum}.y) + (${sum}.z + ${sum}.w)`);
}

/** The saved log-sum and D = dy · y of every query, side by side. */
export function lowerStatistics(lowering: Lowering, y: Heads, dy: Heads, saved: Tensor, statistics: Tensor): Call[] {
  const builder = lowering.kernel('attention_statistics');
  const [pairs, queries] = [pairsOf(y), tokensOf(y)];
  builder.line(`let pair = ix / ${queries}u;`);
  builder.line(`let query = ix % ${queries}u;`);
  const [pair, query, at] = [variable('pair', pairs), variable('query', queries), variable('ix', saved.size)];
  const product = productOf(builder, pair, [y, query], [dy, query]);
  builder.write(statistics, times(at, 2), builder.load(saved, at));
  builder.write(statistics, add(times(at, 2), constant(1)), product);
  return [builder.finish({ x: saved.size }, 2 * y.tensor.size)];
}

function accumulate(sums: Held, r: number, weight: string, row: readonly string[]): void {
  heldRow(sums, r).forEach((sum, group) => {
    sums.set(r, group, `fma(vec4<f32>(${weight}), ${row[group] ?? ''}, ${sum})`);
  });
}

/** m p and ds of one query and key, given q · k (scaled) and dy · v. */
function weights(
  builder: KernelBuilder,
  one: AttentionCase,
  at: { readonly pair: Index; readonly query: Index; readonly key: Index },
  values: { readonly product: string; readonly flow: string; readonly saved: string; readonly own: string },
  inside: string | null = null,
): { p: string; ds: string } {
  const { value, counts } = score(builder, one, values.product, at, inside);
  const plain = `exp2(${value} - ${values.saved})`;
  const p = builder.let(counts ? `select(0.0, ${plain}, ${counts})` : plain);
  const keep = keepFactor(builder, one, at);
  if (keep === null) return { p, ds: builder.let(`${p} * (${values.flow} - ${values.own})`) };
  return {
    p: builder.let(`${p} * ${keep}`),
    ds: builder.let(`${p} * fma(${keep}, ${values.flow}, -${values.own})`),
  };
}

/** dq of every query. */
export function lowerQueryGradient(
  lowering: Lowering,
  one: AttentionCase,
  dy: Heads,
  statistics: Tensor,
  dq: Heads,
): Call {
  const [pairs, queries, keys] = [pairsOf(one.queries), tokensOf(one.queries), tokensOf(one.keys)];
  const kernel = tokenKernel(lowering, 'attention_query_gradient', {
    pairs,
    own: queries,
    other: keys,
    passing: [one.keys, one.values],
    held: 3,
    causal: one.causal ? 'before' : null,
  });
  const { builder } = kernel;
  const query = kernel.hold(one.queries, one.scale * Math.LOG2E);
  const flow = kernel.hold(dy);
  const sums = kernel.sums(dq);
  const known = kernel.rows.map((row) => ({
    saved: builder.load(statistics, statisticsIndex(one, kernel.pair, row, 0)),
    own: builder.load(statistics, statisticsIndex(one, kernel.pair, row, 1)),
  }));
  kernel.pass((keys) => {
    const each = kernel.rows.flatMap((_, r) => keys.map((key) => ({ key, r })));
    const products = kernel.whole(each.map(({ key, r }) => kernel.dot(heldRow(query, r), key.row(0))));
    const flows = kernel.whole(each.map(({ key, r }) => kernel.dot(heldRow(flow, r), key.row(1))));
    each.forEach(({ key, r }, k) => {
      const at = { pair: kernel.pair, query: kernel.rows[r] as Index, key: key.token };
      const values = {
        product: products[k] as string,
        flow: flows[k] as string,
        ...(known[r] as (typeof known)[number]),
      };
      const { ds } = weights(builder, one, at, values, key.inside);
      accumulate(sums, r, ds, key.row(0));
    });
  });
  kernel.store(dq, sums, () => literal(one.scale, 'f32'));
  return kernel.finish(2 * pairs * queries * keys * (2 * one.queries.width + dy.width));
}

/** Those of dk and dv of every key that `wanted` holds; `fused` says that they lie in the same tensor as dq. */
export function lowerKeyGradient(
  lowering: Lowering,
  one: AttentionCase,
  dy: Heads,
  statistics: Tensor,
  [dk, dv]: readonly [Heads, Heads],
  wanted: readonly Heads[],
  fused: boolean,
): Call {
  const [pairs, queries, keys] = [pairsOf(one.queries), tokensOf(one.queries), tokensOf(one.keys)];
  const kernel = tokenKernel(lowering, 'attention_key_gradient', {
    pairs,
    own: keys,
    other: queries,
    passing: [one.queries, dy],
    numbers: {
      count: 2,
      read: (to, pair, query) =>
        ([0, 1] as const).map((part) => to.load(statistics, statisticsIndex(one, pair, query, part))),
    },
    held: 4,
    causal: one.causal ? 'after' : null,
  });
  const { builder } = kernel;
  const key = kernel.hold(one.keys, one.scale * Math.LOG2E);
  const value = kernel.hold(one.values);
  const keySums = kernel.sums(dk);
  const valueSums = kernel.sums(dv);
  kernel.pass((queries) => {
    const each = kernel.rows.flatMap((_, r) => queries.map((query) => ({ query, r })));
    const products = kernel.whole(each.map(({ query, r }) => kernel.dot(heldRow(key, r), query.row(0))));
    const flows = kernel.whole(each.map(({ query, r }) => kernel.dot(heldRow(value, r), query.row(1))));
    each.forEach(({ query, r }, k) => {
      const [saved, own] = query.numbers as [string, string];
      const at = { pair: kernel.pair, query: query.token, key: kernel.rows[r] as Index };
      const values = { product: products[k] as string, flow: flows[k] as string, saved, own };
      const { p, ds } = weights(builder, one, at, values, query.inside);
      accumulate(keySums, r, ds, query.row(0));
      accumulate(valueSums, r, p, query.row(1));
    });
  });
  if (wanted.includes(dk)) kernel.store(dk, keySums, () => literal(one.scale, 'f32'), fused);
  if (wanted.includes(dv)) kernel.store(dv, valueSums, () => '1.0', fused);
  return kernel.finish(2 * pairs * queries * keys * (2 * one.queries.width + 2 * dy.width));
}

/** ds of every query and key: the gradient of a bias, which alone needs tokens × tokens. */
export function lowerBiasGradient(
  lowering: Lowering,
  one: AttentionCase,
  dy: Heads,
  statistics: Tensor,
  dbias: Tensor,
): Call[] {
  const builder = lowering.kernel('attention_bias_gradient');
  const [pairs, queries, keys] = [pairsOf(one.queries), tokensOf(one.queries), tokensOf(one.keys)];
  builder.line(`let key = ix % ${keys}u;`);
  builder.line(`let query = (ix / ${keys}u) % ${queries}u;`);
  builder.line(`let pair = ix / ${keys * queries}u;`);
  const at = { pair: variable('pair', pairs), query: variable('query', queries), key: variable('key', keys) };
  const factor = literal(one.scale * Math.LOG2E, 'f32');
  const { ds } = weights(builder, one, at, {
    product: builder.let(`${productOf(builder, at.pair, [one.queries, at.query], [one.keys, at.key])} * ${factor}`),
    flow: productOf(builder, at.pair, [dy, at.query], [one.values, at.key]),
    saved: builder.load(statistics, statisticsIndex(one, at.pair, at.query, 0)),
    own: builder.load(statistics, statisticsIndex(one, at.pair, at.query, 1)),
  });
  builder.store([[dbias, ds]], variable('ix', dbias.size));
  return [builder.finish({ x: dbias.size }, 2 * dbias.size * (one.queries.width + dy.width))];
}
