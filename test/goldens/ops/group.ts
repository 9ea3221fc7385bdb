// Runs all recorded cases of one file as one graph per target, and judges each case.
import { compare, largest, worstOf, type GoldenResult, type Tolerance } from '../../helpers/golden';
import type { Recording } from '../../helpers/recording';
import { gpuKernels, runGraph, targets, type Value } from '../../helpers/runGraph';
import { hostile } from '../../helpers/hostileDevice';
import type { Graph } from '../../../src/engine/graph/graph';
import { Tensor } from '../../../src/engine/graph/tensor';
import { copy } from '../../../src/engine/ops/arithmetic';
import type { Target } from '../../../src/engine/kernels/target';
import { failure, type OpenDevice } from '../group';
import type { Adapters, HostAdapters } from './adapter';

interface RecordedCase {
  readonly name: string;
  readonly op: string;
  readonly attrs: Record<string, unknown>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly grads: readonly string[];
  readonly tolerance: Readonly<Record<string, { readonly atol: number }>>;
  /** Error of PyTorch's float32 and largest value of each tensor. */
  readonly float32_err_and_scale: Readonly<Record<string, readonly [error: number, scale: number]>>;
}

/** Integers become u32, masks 0 and 1. */
function valueOf(file: Recording, name: string): Value {
  const data = file.given(name)!;
  return { shape: file.shape(name), data: file.tensors.get(name)!.dtype === 'I64' ? Uint32Array.from(data) : data };
}

/** Verdicts on all cases of a file; one whose operator has no adapter fails. */
export async function* groupCases(
  file: Recording,
  { adapters, hostAdapters }: { readonly adapters: Adapters; readonly hostAdapters: HostAdapters },
  open: OpenDevice,
): AsyncIterable<GoldenResult> {
  const all = file.json<RecordedCase[]>('cases');
  const group = file.metadata['group'] ?? '';
  for (const { op, name } of all)
    if (!adapters[op] && !hostAdapters[op]) yield failure(`${name}: there is no adapter for ${op}`);
  const device = await open();
  for (const one of all) {
    const { name, op, attrs, inputs: names } = one;
    const given = names.map((input) => [input, valueOf(file, `input.${name}.${input}`).data] as const);
    const results = Object.entries(hostAdapters[op]?.(Object.fromEntries(given), attrs) ?? {});
    if (results.length === 0) continue;
    const outputs = Object.fromEntries(results.map(([key, values]) => [`${name}.${key}`, values]));
    yield judge(name, one, { outputs, gradients: {} }, file);
  }
  const cases = all.filter(({ op }) => adapters[op]);
  if (cases.length === 0) return;
  const inputs: Record<string, Value> = {};
  const cotangents: Record<string, Float32Array> = {};
  const wanted: string[] = [];
  for (const { name, inputs: names, outputs, grads } of cases) {
    for (const one of names) inputs[`${name}.${one}`] = valueOf(file, `input.${name}.${one}`);
    for (const one of outputs) {
      const flow = file.given(`gradout.${name}.${one}`);
      if (flow) cotangents[`${name}.${one}`] = flow;
    }
    wanted.push(...grads.map((one) => `${name}.${one}`));
  }
  const hostility = hostile(device);
  for (const { name: variant, target, half } of variants(device, group)) {
    const body = (graph: Graph, given: Readonly<Record<string, Tensor>>): Record<string, Tensor> => {
      const results: Record<string, Tensor> = {};
      for (const { name, op, attrs, inputs: names } of cases) {
        const own = Object.fromEntries(names.map((one) => [one, given[`${name}.${one}`]!]));
        if (half) for (const one of names) if (own[one]!.dtype === 'f32') own[one] = copy(own[one]!);
        const made = graph.scope(name, () => adapters[op]!({ inputs: own, attrs }));
        const outputs = made instanceof Tensor ? { y: made } : made;
        for (const [key, tensor] of Object.entries(outputs)) results[`${name}.${key}`] = tensor;
      }
      return results;
    };
    const run = () => runGraph(device, target, inputs, body, cotangents, wanted, () => hostility.fillArenas());
    const got = await run();
    if (variant === gpuKernels) {
      hostility.backwards = true;
      const backwards = await run().finally(() => (hostility.backwards = false));
      for (const one of cases) yield sameBits(`${one.name} (gpu variants, workgroups backwards)`, one, got, backwards);
    }
    for (const one of cases) {
      if (half && !one.inputs.every((input) => survivesHalf(inputs[`${one.name}.${input}`]!.data))) continue;
      yield judge(`${one.name}${variant}`, one, got, file, half);
    }
  }
}

interface Variant {
  readonly name: string;
  readonly target: Target;
  /** What lies between the ops lies there as f16. */
  readonly half: boolean;
}

/** Groups whose results are activations and follow their inputs smoothly: a rounded input changes what a maximum takes. */
const halved = ['matmul', 'conv1d', 'conv2d', 'conv3d', 'attention', 'layernorm', 'batchnorm', 'softmax', 'scan'];

/** All variants of the kernels, and f16 storage where the adapter has it. */
function variants(device: GPUDevice, group: string): Variant[] {
  const all = targets(device).map((one) => ({ ...one, half: false }));
  const [first] = all;
  if (!first || !device.features.has('shader-f16') || !halved.includes(group)) return all;
  return [...all, { name: ' (f16 storage)', target: { ...first.target, half: true }, half: true }];
}

/** Whether f16 keeps what the values differ by: 1,000.01 and 1,000.02 become the same number. */
function survivesHalf(values: ArrayLike<number>): boolean {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const spread = Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length);
  const largest = list.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return list.length < 2 || largest * 2 ** -11 <= 0.01 * spread;
}

/**
 * f16 keeps 11 bits, 2^13 times fewer than f32 does: a tensor may be off by some roundings of its own largest value, and
 * one that is the difference of large terms by as many times PyTorch's own error in f32.
 */
function halfTolerance([error, scale]: readonly [number, number], { atol }: { readonly atol: number }): Tolerance {
  return { atol: Math.max(atol, HALF_ROUNDINGS * scale, HALF_GROWTH * error) };
}
const HALF_ROUNDINGS = 8e-3;
const HALF_GROWTH = 2 ** 13;

type Results = Awaited<ReturnType<typeof runGraph>>;

/** Whether two runs gave the same bits: what one workgroup reads no other of the same dispatch may write. */
function sameBits(label: string, { name, outputs, grads }: RecordedCase, one: Results, other: Results): GoldenResult {
  const bits = (values: Float32Array | undefined) => Buffer.from(values?.buffer ?? new ArrayBuffer(0));
  const same = (kind: keyof Results, key: string) => bits(one[kind][key]).equals(bits(other[kind][key]));
  const differing = [
    ...outputs.filter((key) => !same('outputs', `${name}.${key}`)),
    ...grads.filter((key) => !same('gradients', `${name}.${key}`)),
  ];
  return differing.length === 0
    ? { name: label, worst: 0, tolerance: 0, ok: true }
    : failure(`${label}: other bits in ${differing.join(', ')}`);
}

/** The tensor of the case that comes closest to its tolerance, or exceeds it most. */
function judge(
  label: string,
  { name, outputs, grads, tolerance, float32_err_and_scale: measured }: RecordedCase,
  got: Readonly<Record<'outputs' | 'gradients', Readonly<Record<string, ArrayLike<number>>>>>,
  file: Recording,
  half = false,
): GoldenResult {
  const parts = [
    ...outputs.map((one) => ({ kind: 'output', one, values: got.outputs[`${name}.${one}`] })),
    ...grads.map((one) => ({ kind: 'grad', one, values: got.gradients[`${name}.${one}`] })),
  ];
  const results = parts.map(({ kind, one, values = [] }) => {
    const want = file.want(`${kind}.${name}.${one}`);
    const allowed = tolerance[`${kind}.${one}`] ?? { atol: 0 };
    const own = measured[`${kind}.${one}`] ?? [0, largest(want)];
    return compare(`${kind} ${one}`, values, want, half ? halfTolerance(own, allowed) : allowed);
  });
  return worstOf(label, results);
}
