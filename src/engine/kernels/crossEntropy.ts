// Cross-entropy of each line of logits with its target, and its gradient; the softmax is never written.
//
// With m the largest logit and q the target's distribution, the loss Σ q (log Σ exp(x − m) + m − x) has no term below
// zero, so that large logits cancel nothing.
import type { Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import type { Tensor } from '../graph/tensor';
import type { Call } from './call';
import { linesOf, type Lines } from './lines';
import { literal } from './literal';

export interface CrossEntropyAttributes {
  readonly axis: number;
  /** Share of the target that is spread evenly over all classes. */
  readonly smoothing: number;
  /** Targets of this number count for nothing. */
  readonly ignoreIndex: number | null;
}

/** Logits and targets, and the weights of the classes where there are any. */
export interface CrossEntropyInputs {
  readonly x: Tensor;
  /** Class numbers (u32, one per line), or a distribution as large as x. */
  readonly target: Tensor;
  readonly weight: Tensor | undefined;
}

/** What the kernel knows of the targets. */
interface Target {
  /** Weighted share of class k in the line's target, lane by lane. */
  readonly share: (k: Index) => string;
  /** The same before smoothing: the class weight at the target, else 0. */
  readonly sharp: (k: Index) => string;
  /** 1, or 0 where the line is ignored; null where none can be. */
  readonly kept: string | null;
}

function targetOf(
  { kernel, at, place }: Lines,
  { x, target, weight }: CrossEntropyInputs,
  { axis, smoothing, ignoreIndex }: CrossEntropyAttributes,
): Target {
  const { builder, lanes, row, rowLanes } = kernel;
  const vector = (type: string, text: string, of: 1 | 4): string => `${of === 4 ? `vec4<${type}>` : type}(${text})`;
  const number = (value: number): string => vector('f32', literal(value, 'f32'), lanes);
  const hard = target.dtype === 'u32';
  const goal = hard ? builder.load(target, row, rowLanes) : '';
  const weighted = (k: Index, share: string): string =>
    builder.let(weight ? `${builder.load(weight, k, lanes)} * ${share}` : share);
  const smoothed = (k: Index, low: number, scale: number): string => {
    if (hard) return `select(${number(low)}, ${number(low + scale)}, ${place(k)} == ${vector('u32', goal, lanes)})`;
    return `fma(${builder.load(target, at(k), lanes)}, ${number(scale)}, ${number(low)})`;
  };
  const even = smoothing / (x.shape[axis] ?? 1);
  const targets = {
    share: (k: Index) => weighted(k, smoothed(k, even, 1 - smoothing)),
    sharp: (k: Index) => weighted(k, smoothed(k, 0, 1)),
  };
  if (!hard || ignoreIndex === null) return { ...targets, kept: null };
  const ignored = `${goal} == ${vector('u32', `${ignoreIndex >>> 0}u`, rowLanes)}`;
  const choice = `select(${vector('f32', '1.0', rowLanes)}, ${vector('f32', '0.0', rowLanes)}, ${ignored})`;
  return { ...targets, kept: builder.let(choice, 'kept') };
}

/** Per line: the loss, log Σ exp x, Σ q, and the weight that the line has in a mean. */
export function lowerCrossEntropy(
  lowering: Lowering,
  inputs: CrossEntropyInputs,
  attributes: CrossEntropyAttributes,
  [loss, logSum, mass, count]: readonly [Tensor, Tensor, Tensor, Tensor],
): Call[] {
  const { x } = inputs;
  const lines = linesOf(lowering, 'cross_entropy', x, attributes.axis);
  const { kernel, at } = lines;
  const { builder, lanes, row, rowLanes } = kernel;
  const { share, sharp, kept } = targetOf(lines, inputs, attributes);
  const [largest = ''] = kernel.fold(['max'], (k) => [builder.load(x, at(k), lanes)]);
  const [total = '', gap = '', shares = '', own = ''] = kernel.fold(['sum', 'sum', 'sum', 'sum'], (k) => {
    const logit = builder.load(x, at(k), lanes);
    const part = share(k);
    return [`exp(${logit} - ${largest})`, `${part} * (${largest} - ${logit})`, part, sharp(k)];
  });
  const keep = (value: string): string => builder.let(kept === null ? value : `(${value}) * ${kept}`);
  const spread = builder.let(`log(${total})`);
  const values = [
    [loss, keep(`fma(${shares}, ${spread}, ${gap})`)],
    [logSum, builder.let(`${largest} + ${spread}`)],
    [mass, keep(shares)],
    [count, keep(own)],
  ] as const;
  kernel.once(() => builder.store(values, row, rowLanes));
  return [kernel.finish(10 * x.size)];
}

/** dx = dy (Σ q · softmax(x) − q). */
export function lowerCrossEntropyGradient(
  lowering: Lowering,
  inputs: CrossEntropyInputs,
  attributes: CrossEntropyAttributes,
  [logSum, mass, dy]: readonly [Tensor, Tensor, Tensor],
  dx: Tensor,
): Call[] {
  const { x } = inputs;
  const lines = linesOf(lowering, 'cross_entropy_gradient', x, attributes.axis);
  const { kernel, at } = lines;
  const { builder, lanes, row, rowLanes } = kernel;
  const { share, kept } = targetOf(lines, inputs, attributes);
  const [logs, shares, given] = [logSum, mass, dy].map((tensor) => builder.load(tensor, row, rowLanes)) as [
    string,
    string,
    string,
  ];
  const flow = kept === null ? given : builder.let(`${given} * ${kept}`);
  kernel.each((k) => {
    const soft = builder.let(`exp(${builder.load(x, at(k), lanes)} - ${logs})`);
    builder.store([[dx, builder.let(`${flow} * (${shares} * ${soft} - ${share(k)})`)]], at(k), lanes);
  });
  return [kernel.finish(8 * x.size)];
}
