// Scaled dot-product attention, fused: y = softmax(q kᵀ scale + bias) v per head; scores are never stored.
//
// Tokens lie along one axis, heads × width along the last, every other axis is batch. Saved for the backward pass:
// the log-sum of each query's scores. Backward: see kernels/attention/backward.ts.
import { ShapeError } from '../graph/graph';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { normalAxis, shapeText, type Shape, type Tensor, type TensorType } from '../graph/tensor';
import {
  lowerBiasGradient,
  lowerKeyGradient,
  lowerQueryGradient,
  lowerStatistics,
} from '../kernels/attention/backward';
import { lowerAttention, type AttentionCase } from '../kernels/attention/forward';
import type { Heads } from '../kernels/attention/heads';
import { select } from './arithmetic';
import { expand } from './reduce';
import { slice } from './view';
import { wideAttention } from './wideAttention';

export interface AttentionOptions {
  /** Heads that the last axis holds, one after the other. Those of more than 128 channels are slower and store scores. */
  readonly heads?: number;
  /** Axis of the tokens; all axes but this and the last are batch. */
  readonly axis?: number;
  /** Factor of q kᵀ; 1 / √width by default. */
  readonly scale?: number;
  /** Query i sees keys 0 … i only. */
  readonly causal?: boolean;
  /** Added to the scores; broadcasts to [...batch, heads (if not 1), queries, keys]. */
  readonly bias?: Tensor;
  /** Keys count where it is not 0; broadcasts likewise. A query with no key gets zeros. */
  readonly mask?: Tensor;
  /** Probability with which a softmax weight is dropped; in training only. */
  readonly dropout?: number;
}

interface Attributes {
  readonly packed: boolean;
  readonly axis: number;
  readonly heads: number;
  readonly scale: number;
  readonly causal: boolean;
  /** What the input behind queries, keys and values is. */
  readonly extra: 'bias' | 'mask' | null;
  /** With dropout the last input is the number of the draw. */
  readonly dropout: number;
}

/** Longest vector of one head: the kernels keep it in registers. */
const MOST_WIDTH = 128;

interface Parts {
  readonly one: AttentionCase;
  /** Heads of a tensor of y's shape. */
  readonly like: (tensor: Tensor) => Heads;
}

/** Queries, keys and values among the inputs of any of the ops below. */
function partsOf(inputs: readonly Tensor[], attributes: Attributes): Parts {
  const { packed, axis, heads, scale, causal, extra, dropout } = attributes;
  const [q, k, v] = (packed ? [inputs[0], inputs[0], inputs[0]] : inputs) as [Tensor, Tensor, Tensor];
  const channels = (x: Tensor): number => (x.shape[x.shape.length - 1] ?? 0) / (packed ? 3 : 1);
  const part = (tensor: Tensor, third: number): Heads => ({
    tensor,
    axis,
    heads,
    width: channels(tensor) / heads,
    offset: packed ? third * channels(tensor) : 0,
  });
  const [behind = null, next = behind] = inputs.slice(packed ? 1 : 3);
  const draw = extra ? next : behind;
  const one = {
    queries: part(q, 0),
    keys: part(k, 1),
    values: part(v, 2),
    scale,
    causal,
    bias: extra === 'bias' ? behind : null,
    mask: extra === 'mask' ? behind : null,
    dropout: dropout > 0 && draw ? { probability: dropout, draw } : null,
  };
  return { one, like: (tensor) => ({ tensor, axis, heads, width: channels(v) / heads, offset: 0 }) };
}

/** Axes of batch (and heads, if there are several): one entry per pair. */
function pairShape(q: TensorType, { axis, heads }: Attributes): number[] {
  const batch = q.shape.slice(0, -1).filter((_, k) => k !== axis);
  return heads > 1 ? [...batch, heads] : batch;
}

function check(inputs: readonly TensorType[], attributes: Attributes): void {
  const { packed, axis, heads } = attributes;
  const [q, k = q, v = q] = packed ? inputs.slice(0, 1) : inputs;
  if (!q || !k || !v) throw new ShapeError('an input is missing');
  const last = q.shape.length - 1;
  const parts = packed ? 3 : 1;
  const fits = (a: TensorType, b: TensorType, free: readonly number[]): boolean =>
    a.shape.length === b.shape.length && a.shape.every((size, at) => free.includes(at) || size === b.shape[at]);
  if (axis >= last || !fits(q, k, [axis]) || !fits(k, v, [last])) {
    throw new ShapeError(`queries ${shapeText(q.shape)}, keys ${shapeText(k.shape)}, values ${shapeText(v.shape)}`);
  }
  for (const one of [q, v]) {
    const width = (one.shape[last] ?? 0) / parts / heads;
    if (!Number.isInteger(width) || width < 1 || width > MOST_WIDTH) {
      throw new ShapeError(`${shapeText(one.shape)} does not hold ${heads} heads of 1 to ${MOST_WIDTH} channels`);
    }
  }
}

/** What q looks like, with v's channels. */
function outputShape(inputs: readonly TensorType[], { packed }: Attributes): Shape {
  const channels = (inputs[packed ? 0 : 2]?.shape.at(-1) ?? 0) / (packed ? 3 : 1);
  return [...(inputs[0]?.shape.slice(0, -1) ?? []), channels];
}

const attentionOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'attention',
  kind: 'kernel',
  halves: [0],
  type(inputs, attributes) {
    check(inputs, attributes);
    const [q] = inputs as [TensorType];
    const saved = [...pairShape(q, attributes), q.shape[attributes.axis] ?? 1];
    return [
      { shape: outputShape(inputs, attributes), dtype: 'f32' },
      { shape: saved, dtype: 'f32' },
    ];
  },
  gradient({ inputs, outputs: [y, saved], attributes, gradients: [dy], wanted }) {
    const flow = dy as Tensor;
    const { graph } = flow.node;
    const statistics = graph.one(statisticsOp, [y as Tensor, flow, saved as Tensor], attributes);
    const known = [...inputs, flow, statistics];
    const count = attributes.packed ? 1 : 3;
    const some = wanted.slice(0, count).some(Boolean);
    const parts = some ? graph.apply(gradientOp, known, attributes) : [];
    return inputs.map((_, i) => {
      if (!wanted[i]) return null;
      if (i < count) return parts[i] as Tensor;
      return attributes.extra === 'bias' && i === count ? graph.one(biasGradientOp, known, attributes) : null;
    });
  },
  lower(lowering, inputs, attributes, [y, saved]) {
    const { one, like } = partsOf(inputs, attributes);
    return lowerAttention(lowering, one, like(y as Tensor), saved as Tensor);
  },
});

/** y, dy and the saved log-sums → log-sums and dy · y side by side. */
const statisticsOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'attentionStatistics',
  kind: 'kernel',
  type: ([, , saved]) => [{ shape: [...(saved?.shape ?? []), 2], dtype: 'f32' }],
  lower(lowering, [y, dy, saved], { axis, heads }, [statistics]) {
    const part = (tensor: Tensor): Heads => {
      const channels = tensor.shape[tensor.shape.length - 1] ?? 1;
      return { tensor, axis, heads, width: channels / heads, offset: 0 };
    };
    return lowerStatistics(lowering, part(y as Tensor), part(dy as Tensor), saved as Tensor, statistics as Tensor);
  },
});

/** The inputs of attention, dy and the statistics → gradients of queries, keys, values (or of the packed tensor). */
const gradientOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'attentionGradient',
  kind: 'kernel',
  halves: [0, 1, 2],
  type: (inputs, { packed }) => inputs.slice(0, packed ? 1 : 3).map(({ shape }) => ({ shape, dtype: 'f32' })),
  lower(lowering, inputs, attributes, outputs) {
    const { one, like } = partsOf(inputs, attributes);
    const [dy, statistics] = inputs.slice(-2) as [Tensor, Tensor];
    const part = (heads: Heads, i: number): Heads => ({
      ...heads,
      tensor: outputs[attributes.packed ? 0 : i] as Tensor,
    });
    const [dq, dk, dv] = [one.queries, one.keys, one.values].map(part) as [Heads, Heads, Heads];
    const wanted = (heads: Heads): boolean => attributes.packed || lowering.outputs.includes(heads.tensor);
    const flow = like(dy);
    // dk and dv come from one walk unless that would bind too many tensors.
    const both = [dk, dv].filter(wanted);
    const crowded = !attributes.packed && one.dropout !== null && (one.bias ?? one.mask) !== null;
    const keyDispatches = crowded ? both.map((part) => [part]) : both.length > 0 ? [both] : [];
    return [
      ...(wanted(dq) || lowering.outputs.some((output) => !outputs.includes(output))
        ? [lowerQueryGradient(lowering, one, flow, statistics, dq)]
        : []),
      ...keyDispatches.map((parts) =>
        lowerKeyGradient(lowering, one, flow, statistics, [dk, dv], parts, attributes.packed),
      ),
    ];
  },
});

/** The same inputs → the gradient of the bias. */
const biasGradientOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'attentionBiasGradient',
  kind: 'kernel',
  type: (inputs, { packed }) => [{ shape: inputs[packed ? 1 : 3]?.shape ?? [], dtype: 'f32' }],
  lower(lowering, inputs, attributes, [dbias]) {
    const { one, like } = partsOf(inputs, attributes);
    const [dy, statistics] = inputs.slice(-2) as [Tensor, Tensor];
    return lowerBiasGradient(lowering, one, like(dy), statistics, dbias as Tensor);
  },
});

/**
 * Attention of a packed projection [..., tokens at `axis`, ..., 3 × heads × width] (all queries, then all keys, then
 * all values, head by head), or of separate q, k, v whose token counts may differ. Gives what q looks like, with v's
 * channels.
 */
export function attention(qkv: Tensor, options: AttentionOptions): Tensor;
export function attention(q: Tensor, k: Tensor, v: Tensor, options?: AttentionOptions): Tensor;
export function attention(q: Tensor, second: Tensor | AttentionOptions, v?: Tensor, rest?: AttentionOptions): Tensor {
  const packed = v === undefined;
  const options = (packed ? second : (rest ?? {})) as AttentionOptions;
  const inputs = packed ? [q] : [q, second as Tensor, v];
  const { heads = 1, causal = false, bias, mask, dropout = 0 } = options;
  const axis = normalAxis(options.axis ?? 1, q.shape.length);
  const width = (q.shape[q.shape.length - 1] ?? 1) / heads / (packed ? 3 : 1);
  const attributes = { packed, axis, heads, causal, dropout, scale: options.scale ?? 1 / Math.sqrt(width) };
  const keys = packed ? q : (second as Tensor);
  const scores = [...pairShape(q, { ...attributes, extra: null }), q.shape[axis] ?? 1, keys.shape[axis] ?? 1];
  if (width > MOST_WIDTH) {
    const third = (part: number): Tensor => slice(q, -1, part * heads * width, heads * width);
    const [one, other, last] = packed ? [third(0), third(1), third(2)] : [q, second as Tensor, v];
    return wideAttention(one, other, last, { ...attributes, bias, mask, scores });
  }
  // With both, the mask goes into the bias: the kernels have room for one of them.
  const extra = bias && mask ? select(mask, bias, -1e30) : (bias ?? mask);
  const kind = bias ? 'bias' : mask ? 'mask' : null;
  const { graph } = q.node;
  const all = extra ? [...inputs, expand(extra, scores)] : [...inputs];
  if (dropout > 0) all.push(graph.constant(new Uint32Array([graph.nextDraw()]), [1]));
  const [y] = graph.apply(attentionOp, all, { ...attributes, extra: kind });
  return y as Tensor;
}
