// How attention finds its rows: one head's vector of one token, read and written as groups of four.
//
// Operands keep the layout that the model has: tokens lie along one axis, channels (heads × width) along the last,
// every other axis is batch. A pair is one (batch, head); nothing is transposed in memory.
import {
  add,
  code,
  constant,
  coordinates,
  flatten,
  mentions,
  quotient,
  remainder,
  scale,
  strideOf,
  variable,
  without,
  type Index,
} from '../../graph/indexing';
import { sizeOf, type Tensor } from '../../graph/tensor';
import type { KernelBuilder } from '../builder';
import { LANE } from '../lanes';

/** One operand: where its tokens and heads lie. */
export interface Heads {
  readonly tensor: Tensor;
  readonly axis: number;
  readonly heads: number;
  /** Channels of one head. */
  readonly width: number;
  /** First channel; a packed tensor holds queries, keys and values one after the other. */
  readonly offset: number;
}

const lane = variable(LANE, 4);

export function tokensOf({ tensor, axis }: Heads): number {
  return tensor.shape[axis] ?? 1;
}

/** Number of (batch, head) pairs. */
export function pairsOf({ tensor, axis, heads }: Heads): number {
  return (tensor.size / (tensor.shape[axis] ?? 1) / (tensor.shape[tensor.shape.length - 1] ?? 1)) * heads;
}

/** Groups of four that a head's vector takes. */
export function groupsOf({ width }: Heads): number {
  return Math.ceil(width / 4);
}

/** Flat position of one channel of one token in the head `pair`. */
export function headIndex(operand: Heads, pair: Index, token: Index, channel: Index): Index {
  const { tensor, axis, heads, width, offset } = operand;
  const last = tensor.shape.length - 1;
  const batchShape = tensor.shape.filter((_, k) => k !== axis && k !== last);
  const batch = coordinates(quotient(pair, heads), batchShape);
  const at: Index[] = [];
  for (let k = 0; k < last; k++) at.push(k === axis ? token : (batch.shift() ?? constant(0)));
  at.push(add(add(scale(remainder(pair, heads), width), channel), constant(offset)));
  return flatten(at, tensor.shape);
}

/** Channels of group `group`: four neighbours. */
export function groupChannels(group: Index): Index {
  return add(scale(group, 4), lane);
}

/** Whether groups of four fill the head's width. */
export function wholeGroups({ width }: Heads): boolean {
  return width % 4 === 0;
}

/** Place of one channel of one token in memory. */
type Place = (token: Index, channel: Index) => { readonly tensor: Tensor; readonly index: Index };

/** Reads rows of one pair; what does not change from token to token is computed once, where this is made. */
export class HeadReader {
  readonly #operand: Heads;
  readonly #builder: KernelBuilder;
  readonly #place: Place;

  /** With `hoist` the pair's part of the addresses is computed here. */
  constructor(builder: KernelBuilder, operand: Heads, pair: Index, hoist = true) {
    this.#operand = operand;
    this.#builder = builder;
    const general: Place = (token, channel) => ({
      tensor: operand.tensor,
      index: headIndex(operand, pair, token, channel),
    });
    this.#place = hoist ? (hoisted(builder, operand, pair) ?? general) : general;
  }

  /** One group of the token's vector as a vec4; what lies beyond the head's width is zero. */
  group(token: Index, group: Index): string {
    const builder = this.#builder;
    const { width } = this.#operand;
    if (wholeGroups(this.#operand)) {
      const { tensor, index } = this.#place(token, groupChannels(group));
      return builder.load(tensor, index, 4);
    }
    const first = scale(group, 4);
    const parts = [0, 1, 2, 3].map((k) => {
      const channel = add(first, constant(k));
      if (channel.minimum >= width) return '0.0';
      const fits = channel.maximum < width;
      const at = fits ? channel : variable(builder.let(`min(${code(channel)}, ${width - 1}u)`, 'channel'), width);
      const { tensor, index } = this.#place(token, at);
      const value = builder.load(tensor, index);
      return fits ? value : `select(0.0, ${value}, ${code(channel)} < ${width}u)`;
    });
    return builder.let(`vec4<f32>(${parts.join(', ')})`);
  }

  /** The token's whole vector. */
  read(token: Index): string[] {
    return Array.from({ length: groupsOf(this.#operand) }, (_, group) => this.group(token, constant(group)));
  }
}

function hoisted(builder: KernelBuilder, operand: Heads, pair: Index): Place | null {
  const { tensor } = operand;
  const probe = headIndex(operand, pair, variable('token', tokensOf(operand)), variable('channel', operand.width));
  const found = builder.resolve(tensor, probe);
  const [tokenStride, channelStride] = found
    ? [strideOf(found.index, 'token'), strideOf(found.index, 'channel')]
    : [null, null];
  if (!found || tokenStride === null || channelStride === null) return null;
  const base = without(without(found.index, 'token'), 'channel');
  if (base.terms.length === 0 || mentions(base, LANE)) return null;
  const four = base.constant % 4 === 0 && base.terms.every(({ factor }) => factor % 4 === 0) ? 4 : 1;
  const name = builder.let(code(quotient(base, four)), 'base');
  const start = scale(variable(name, sizeOf(found.tensor.shape)), four);
  return (token, channel) => ({
    tensor: found.tensor,
    index: add(start, add(scale(token, tokenStride), scale(channel, channelStride))),
  });
}

/** Stores one group of a token's vector; `fused` says that pointwise ops may hang behind this output. */
export function storeGroup(
  builder: KernelBuilder,
  output: Heads,
  at: { readonly pair: Index; readonly token: Index; readonly group: Index },
  value: string,
  fused = true,
): void {
  const put = (channel: Index, one: string, lanes: 1 | 4): void => {
    const index = headIndex(output, at.pair, at.token, channel);
    if (fused) builder.store([[output.tensor, one]], index, lanes);
    else builder.write(output.tensor, index, one, lanes);
  };
  if (wholeGroups(output)) {
    put(groupChannels(at.group), value, 4);
    return;
  }
  for (let k = 0; k < 4; k++) {
    const channel = add(scale(at.group, 4), constant(k));
    if (channel.minimum >= output.width) return;
    const one = builder.let(`${value}[${k}]`);
    // The channel's own variable may exceed the width, but not where this runs.
    if (channel.maximum < output.width) put(channel, one, 1);
    else builder.block(`if (${code(channel)} < ${output.width}u)`, () => put(channel, one, 1));
  }
}

/** Dot product of two rows of vec4 values. */
export function dot(builder: KernelBuilder, a: readonly string[], b: readonly string[]): string {
  const sum = a.reduce(
    (text, one, k) => (text === '' ? `${one} * ${b[k] ?? ''}` : `fma(${one}, ${b[k] ?? ''}, ${text})`),
    '',
  );
  const four = builder.let(sum);
  return builder.let(`(${four}.x + ${four}.y) + (${four}.z + ${four}.w)`);
}

/** The same channel by channel: one multiply-add each on a GPU, whose vectors are a matter of notation. */
export function chainedDot(builder: KernelBuilder, a: readonly string[], b: readonly string[]): string {
  const channels = a.flatMap((one, k) =>
    ['x', 'y', 'z', 'w'].map((c) => [`${one}.${c}`, `${b[k] ?? ''}.${c}`] as const),
  );
  return builder.let(channels.reduce((text, [x, y]) => (text === '' ? `${x} * ${y}` : `fma(${x}, ${y}, ${text})`), ''));
}
