// Runs all recorded cases of one file as one graph per target, and judges each case.
import { readGolden, compare, type GoldenResult } from '../../helpers/golden';
import { runGraph, targets, type Value } from '../../helpers/runGraph';
import { Tensor } from '../../../src/engine/graph/tensor';
import { floatValues, type StoredTensor } from '../../../src/formats/safetensors';
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
  for (const { name: variant, target } of targets(device)) {
    const got = await runGraph(
      device,
      target,
      inputs,
      (graph, given) => {
        const results: Record<string, Tensor> = {};
        for (const { name, op, attrs, inputs: names } of cases) {
          const own = Object.fromEntries(names.map((one) => [one, given[`${name}.${one}`]!]));
          const made = graph.scope(name, () => adapters[op]!({ inputs: own, attrs }));
          const outputs = made instanceof Tensor ? { y: made } : made;
          for (const [key, tensor] of Object.entries(outputs)) results[`${name}.${key}`] = tensor;
        }
        return results;
      },
      cotangents,
      wanted,
    );
    for (const one of cases) yield judge(`${group} ${one.name}${variant}`, one, got, stored);
  }
}

/** The tensor of the case that comes closest to its tolerance, or exceeds it most. */
function judge(
  label: string,
  { name, outputs, grads, tolerance }: RecordedCase,
  got: Readonly<Record<'outputs' | 'gradients', Readonly<Record<string, ArrayLike<number>>>>>,
  stored: (key: string) => StoredTensor,
): GoldenResult {
  const parts = [
    ...outputs.map((one) => ({ kind: 'output', one, values: got.outputs[`${name}.${one}`] })),
    ...grads.map((one) => ({ kind: 'grad', one, values: got.gradients[`${name}.${one}`] })),
  ];
  let worst: GoldenResult | null = null;
  for (const { kind, one, values } of parts) {
    const recorded = stored(`${kind}.${name}.${one}`);
    const want = recorded.dtype === 'I64' ? Array.from(recorded.data as BigInt64Array, Number) : floatValues(recorded);
    const { atol } = tolerance[`${kind}.${one}`] ?? { atol: 0 };
    const result = compare(`${label}: ${kind} ${one}`, values ?? [], want, { atol });
    const share = (of: GoldenResult): number => (of.worst === 0 ? 0 : of.worst / of.tolerance);
    if (!worst || share(result) > share(worst) || (!result.ok && worst.ok)) worst = result;
  }
  return worst!;
}
