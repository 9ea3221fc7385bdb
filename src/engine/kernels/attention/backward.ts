// Attention backward without stored scores: p = exp2(s − saved) and dp = dy · v are computed again, per pair of tokens.
//
// ds = p (dp − D), D = dy · y; dq = scale Σ_keys ds k; dk = scale Σ_queries ds q; dv = Σ_queries p dy.
// One dispatch walks the keys for each query (dq), one walks the queries for each key (dk and dv).
import { add, code, constant, scale as times, variable, type Index } from '../../graph/indexing';
import type { Lowering } from '../../graph/op';
import type { Tensor } from '../../graph/tensor';
import type { KernelBuilder } from '../builder';
import type { Call } from '../call';
import { literal } from '../literal';
import { rowsPerInvocation, scaled, score, type AttentionCase } from './forward';
import { dot, groupsOf, HeadReader, pairsOf, storeRow, tokensOf, type Heads } from './heads';
import { TokenKernel } from './tokens';

/** Position of a query's saved log-sum (part 0) and its D (part 1) in the statistics [pairs, queries, 2]. */
function statisticsIndex(one: AttentionCase, pair: Index, query: Index, part: 0 | 1): Index {
  return add(times(add(times(pair, tokensOf(one.queries)), query), 2), constant(part));
}

/** The saved log-sum and D = dy · y of every query, side by side. */
export function lowerStatistics(lowering: Lowering, y: Heads, dy: Heads, saved: Tensor, statistics: Tensor): Call[] {
  const builder = lowering.kernel('attention_statistics');
  const [pairs, queries] = [pairsOf(y), tokensOf(y)];
  builder.line(`let pair = ix / ${queries}u;`);
  builder.line(`let query = ix % ${queries}u;`);
  const [pair, query, at] = [variable('pair', pairs), variable('query', queries), variable('ix', saved.size)];
  const rows = [y, dy].map((one) => new HeadReader(builder, one, pair).read(query)) as [string[], string[]];
  builder.write(statistics, times(at, 2), builder.load(saved, at));
  builder.write(statistics, add(times(at, 2), constant(1)), dot(builder, ...rows));
  return [builder.finish({ x: saved.size }, 2 * y.tensor.size)];
}

/** Zeroed sums, a vec4 for each group of an output row. */
function sumsOf(builder: KernelBuilder, output: Heads, prefix: string): string[] {
  return Array.from({ length: groupsOf(output) }, (_, group) => {
    const name = `${prefix}_${group}`;
    builder.line(`var ${name} = vec4<f32>(0.0);`);
    return name;
  });
}

function accumulate(builder: KernelBuilder, sums: readonly string[], weight: string, row: readonly string[]): void {
  sums.forEach((sum, group) => {
    builder.line(`${sum} = fma(vec4<f32>(${weight}), ${row[group] ?? ''}, ${sum});`);
  });
}

/** p and ds of one query and key, given q · k (scaled) and dy · v. */
function weights(
  builder: KernelBuilder,
  one: AttentionCase,
  at: { readonly pair: Index; readonly query: Index; readonly key: Index },
  values: { readonly product: string; readonly flow: string; readonly saved: string; readonly own: string },
): { p: string; ds: string } {
  const { value, counts } = score(builder, one, values.product, at, `${code(at.key)} <= ${code(at.query)}`);
  const plain = `exp2(${value} - ${values.saved})`;
  const p = builder.let(counts ? `select(0.0, ${plain}, ${counts})` : plain);
  return { p, ds: builder.let(`${p} * (${values.flow} - ${values.own})`) };
}

/** dq of every query. */
export function lowerQueryGradient(
  lowering: Lowering,
  one: AttentionCase,
  dy: Heads,
  statistics: Tensor,
  dq: Heads,
): Call {
  const builder = lowering.kernel('attention_query_gradient');
  const [pairs, queries, keys] = [pairsOf(one.queries), tokensOf(one.queries), tokensOf(one.keys)];
  const kernel = new TokenKernel(builder, lowering.target, {
    pairs,
    own: queries,
    other: keys,
    rows: rowsPerInvocation(one.queries.width > dy.width ? one.queries : dy),
    passing: [one.keys, one.values],
    causal: one.causal ? 'before' : null,
  });
  const [queryReader, flowReader] = [one.queries, dy].map((part) => new HeadReader(builder, part, kernel.pair));
  const own = kernel.rows.map((row, r) => ({
    row,
    query: scaled(builder, queryReader?.read(row) ?? [], one.scale * Math.LOG2E),
    flow: flowReader?.read(row) ?? [],
    saved: builder.load(statistics, statisticsIndex(one, kernel.pair, row, 0)),
    own: builder.load(statistics, statisticsIndex(one, kernel.pair, row, 1)),
    sums: sumsOf(builder, dq, `dq${r}`),
  }));
  kernel.pass((key, [keyRow = [], valueRow = []]) => {
    for (const { row, query, flow, sums, ...rest } of own) {
      const product = dot(builder, query, keyRow);
      const at = { pair: kernel.pair, query: row, key };
      const { ds } = weights(builder, one, at, { ...rest, product, flow: dot(builder, flow, valueRow) });
      accumulate(builder, sums, ds, keyRow);
    }
  });
  own.forEach(({ row, sums }, r) => {
    kernel.finishRow(r, () => {
      const values = sums.map((sum) => `${sum} * ${literal(one.scale, 'f32')}`);
      storeRow(builder, dq, { pair: kernel.pair, token: row }, values);
    });
  });
  return kernel.finish(2 * pairs * queries * keys * (2 * one.queries.width + dy.width));
}

/** dk and dv of every key; `fused` says that they lie in the same tensor as dq. */
export function lowerKeyGradient(
  lowering: Lowering,
  one: AttentionCase,
  dy: Heads,
  statistics: Tensor,
  [dk, dv]: readonly [Heads, Heads],
  fused: boolean,
): Call {
  const builder = lowering.kernel('attention_key_gradient');
  const [pairs, queries, keys] = [pairsOf(one.queries), tokensOf(one.queries), tokensOf(one.keys)];
  const kernel = new TokenKernel(builder, lowering.target, {
    pairs,
    own: keys,
    other: queries,
    rows: rowsPerInvocation(one.queries.width > dy.width ? one.queries : dy),
    passing: [one.queries, dy],
    causal: one.causal ? 'after' : null,
  });
  const [keyReader, valueReader] = [one.keys, one.values].map((part) => new HeadReader(builder, part, kernel.pair));
  const own = kernel.rows.map((row, r) => ({
    row,
    key: scaled(builder, keyReader?.read(row) ?? [], one.scale * Math.LOG2E),
    value: valueReader?.read(row) ?? [],
    keySums: sumsOf(builder, dk, `dk${r}`),
    valueSums: sumsOf(builder, dv, `dv${r}`),
  }));
  kernel.pass((query, [queryRow = [], flowRow = []]) => {
    const saved = builder.load(statistics, statisticsIndex(one, kernel.pair, query, 0));
    const mine = builder.load(statistics, statisticsIndex(one, kernel.pair, query, 1));
    for (const { row, key, value, keySums, valueSums } of own) {
      const product = dot(builder, key, queryRow);
      const at = { pair: kernel.pair, query, key: row };
      const flow = dot(builder, value, flowRow);
      const { p, ds } = weights(builder, one, at, { product, flow, saved, own: mine });
      accumulate(builder, keySums, ds, queryRow);
      accumulate(builder, valueSums, p, flowRow);
    }
  });
  const wanted = (part: Heads): boolean => fused || lowering.outputs.includes(part.tensor);
  own.forEach(({ row, keySums, valueSums }, r) => {
    kernel.finishRow(r, () => {
      const at = { pair: kernel.pair, token: row };
      const values = keySums.map((sum) => `${sum} * ${literal(one.scale, 'f32')}`);
      if (wanted(dk)) storeRow(builder, dk, at, values, fused);
      if (wanted(dv)) storeRow(builder, dv, at, valueSums, fused);
    });
  });
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
  const read = (part: Heads, token: Index): string[] => new HeadReader(builder, part, at.pair).read(token);
  const query = scaled(builder, read(one.queries, at.query), one.scale * Math.LOG2E);
  const { ds } = weights(builder, one, at, {
    product: dot(builder, query, read(one.keys, at.key)),
    flow: dot(builder, read(dy, at.query), read(one.values, at.key)),
    saved: builder.load(statistics, statisticsIndex(one, at.pair, at.query, 0)),
    own: builder.load(statistics, statisticsIndex(one, at.pair, at.query, 1)),
  });
  builder.store([[dbias, ds]], variable('ix', dbias.size));
  return [builder.finish({ x: dbias.size }, 2 * dbias.size * (one.queries.width + dy.width))];
}
