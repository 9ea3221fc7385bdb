// Runs all recorded cases of one file as one graph per target, and judges each case.
import { readGolden, compare, type GoldenResult } from '../../helpers/golden';
import { runGraph, targets, type Value } from '../../helpers/runGraph';
import { Tensor } from '../../../src/engine/graph/tensor';
import { copy } from '../../../src/engine/ops/arithmetic';
import type { Target } from '../../../src/engine/kernels/target';
import { floatValues, type StoredTensor } from '../../../src/formats/storedTensor';
import type { Adapters, HostAdapters } from './adapter';

interface RecordedCase {
  readonly name: string;
  readonly op: string;
  readonly attrs: Record<string, unknown>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly grads: readonly string[];
  readonly tolerance: Record<string, { atol: number }>;
}

/** Integers become u32, masks 0 and 1. */
function valueOf({ dtype, shape, data }: StoredTensor): Value {
  if (dtype === 'I64') return { shape, data: Uint32Array.from(data as BigInt64Array, Number) };
  if (dtype === 'BOOL') return { shape, data: Float32Array.from(data as Uint8Array) };
  return { shape, data: floatValues({ dtype, shape, data }) };
}

/** Verdicts on the cases that the adapters know; the names of the others go into `missing`. */
export async function* groupCases(
  folder: string,
  group: string,
  { adapters, hostAdapters }: { adapters: Adapters; hostAdapters: HostAdapters },
  device: GPUDevice,
  only: string | undefined,
  missing: string[],
): AsyncIterable<GoldenResult> {
  const { tensors, metadata } = readGolden(folder, group);
  const all = JSON.parse(metadata['cases']!) as RecordedCase[];
  for (const { op, name } of all) if (!adapters[op] && !hostAdapters[op]) missing.push(`${group}/${name}`);
  const asked = all.filter(({ name }) => only === undefined || `${group} ${name}`.includes(only));
  const stored = (key: string): StoredTensor => {
    const tensor = tensors.get(key);
    if (!tensor) throw new Error(`${group} has no tensor ${key}`);
    return tensor;
  };
  for (const one of asked) {
    const { name, op, attrs, inputs: names } = one;
    const given = names.map((input) => [input, valueOf(stored(`input.${name}.${input}`)).data] as const);
    const results = Object.entries(hostAdapters[op]?.(Object.fromEntries(given), attrs) ?? {});
    if (results.length === 0) continue;
    const outputs = Object.fromEntries(results.map(([key, values]) => [`${name}.${key}`, values]));
    yield judge(`${group} ${name}`, one, { outputs, gradients: {} }, stored);
  }
  const cases = asked.filter(({ op }) => adapters[op]);
  if (cases.length === 0) return;
  const inputs: Record<string, Value> = {};
  const cotangents: Record<string, Float32Array> = {};
  const wanted: string[] = [];
  for (const { name, inputs: names, outputs, grads } of cases) {
    for (const one of names) inputs[`${name}.${one}`] = valueOf(stored(`input.${name}.${one}`));
    for (const one of outputs) {
      const flow = tensors.get(`gradout.${name}.${one}`);
      if (flow) cotangents[`${name}.${one}`] = floatValues(flow);
    }
    wanted.push(...grads.map((one) => `${name}.${one}`));
  }
  for (const { name: variant, target, half } of variants(device, group)) {
    const got = await runGraph(
      device,
      target,
      inputs,
      (graph, given) => {
        const results: Record<string, Tensor> = {};
        for (const { name, op, attrs, inputs: names } of cases) {
          const own = Object.fromEntries(names.map((one) => [one, given[`${name}.${one}`]!]));
          if (half) for (const one of names) if (own[one]!.dtype === 'f32') own[one] = copy(own[one]!);
          const made = graph.scope(name, () => adapters[op]!({ inputs: own, attrs }));
          const outputs = made instanceof Tensor ? { y: made } : made;
          for (const [key, tensor] of Object.entries(outputs)) results[`${name}.${key}`] = tensor;
        }
        return results;
      },
      cotangents,
      wanted,
    );
    for (const one of cases) {
      if (half && !one.inputs.every((input) => survivesHalf(inputs[`${one.name}.${input}`]!.data))) continue;
      yield judge(`${group} ${one.name}${variant}`, one, got, stored, half);
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

/** f16 keeps 11 bits; gradients sum the rounding of what they multiply. */
function halfTolerance(all: readonly ArrayLike<number>[]): number {
  let largest = 1e-3;
  for (const want of all) for (let i = 0; i < want.length; i++) largest = Math.max(largest, Math.abs(want[i]!));
  return 8e-3 * largest;
}

/** The tensor of the case that comes closest to its tolerance, or exceeds it most. */
function judge(
  label: string,
  { name, outputs, grads, tolerance }: RecordedCase,
  got: Readonly<Record<'outputs' | 'gradients', Readonly<Record<string, ArrayLike<number>>>>>,
  stored: (key: string) => StoredTensor,
  half = false,
): GoldenResult {
  const parts = [
    ...outputs.map((one) => ({ kind: 'output', one, values: got.outputs[`${name}.${one}`] })),
    ...grads.map((one) => ({ kind: 'grad', one, values: got.gradients[`${name}.${one}`] })),
  ];
  let worst: GoldenResult | null = null;
  const recordedAs = (kind: string, one: string): ArrayLike<number> => {
    const recorded = stored(`${kind}.${name}.${one}`);
    return recorded.dtype === 'I64' ? Array.from(recorded.data as BigInt64Array, Number) : floatValues(recorded);
  };
  // A gradient that is zero in exact arithmetic is as noisy as the others of its case.
  const slack = half ? halfTolerance(parts.map(({ kind, one }) => recordedAs(kind, one))) : 0;
  for (const { kind, one, values } of parts) {
    const want = recordedAs(kind, one);
    const { atol } = tolerance[`${kind}.${one}`] ?? { atol: 0 };
    const result = compare(`${label}: ${kind} ${one}`, values ?? [], want, { atol: half ? slack : atol });
    const share = (of: GoldenResult): number => (of.worst === 0 ? 0 : of.worst / of.tolerance);
    if (!worst || share(result) > share(worst) || (!result.ok && worst.ok)) worst = result;
  }
  return worst!;
}
