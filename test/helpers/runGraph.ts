// Runs a small traced graph once on a device: for tests of ops, passes and kernels.
import { compile, plan } from '../../src/engine/device/compile';
import { isSoftware, targetOf } from '../../src/engine/device/adapter';
import { Graph } from '../../src/engine/graph/graph';
import type { DType, Shape, Tensor } from '../../src/engine/graph/tensor';
import type { Target } from '../../src/engine/kernels/target';
import { multiply, add } from '../../src/engine/ops/arithmetic';
import { sum } from '../../src/engine/ops/reduce';
import { reshape } from '../../src/engine/ops/view';
import { gradients } from '../../src/engine/passes/gradient';

export interface Value {
  readonly shape: Shape;
  readonly data: Float32Array | Uint32Array;
}

/** Marks the kernels of the other kind of adapter: on a CPU, those for GPUs. */
export const gpuKernels = ' (gpu variants)';

/** Variations that must not change any result. */
export function targets(device: GPUDevice): { name: string; target: Target }[] {
  const base = targetOf(device, isSoftware(device.adapterInfo));
  const none = { subgroupSize: 0, quads: false, neighbours: 1 };
  const withoutSubgroups = (software: boolean): Target => ({ ...base, ...none, software });
  return [
    { name: '', target: base },
    { name: ' (no fusion)', target: { ...base, fusion: false } },
    { name: gpuKernels, target: { ...base, software: !base.software } },
    ...(base.quads ? [{ name: ' (gpu variants, no subgroups)', target: withoutSubgroups(!base.software) }] : []),
    // What tuning might choose, taken to the extreme: the least likely way of every kernel.
    { name: ' (tuned)', target: { ...base, choose: (_key, variants) => variants[variants.length - 1] } },
    ...(base.quads ? [{ name: ' (no subgroups)', target: withoutSubgroups(base.software) }] : []),
  ];
}

/**
 * Traces `body` over the inputs, runs it, and returns its outputs and the gradients of
 * sum(cotangent · output) for the inputs named in `wanted`. Whole numbers come back as f32. `before` is called when
 * all is compiled and nothing written yet.
 */
export async function runGraph(
  device: GPUDevice,
  target: Target,
  inputs: Readonly<Record<string, Value>>,
  body: (graph: Graph, inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>,
  cotangents: Readonly<Record<string, Float32Array>> = {},
  wanted: readonly string[] = [],
  before: () => void = () => undefined,
): Promise<{ outputs: Record<string, Float32Array>; gradients: Record<string, Float32Array> }> {
  const graph = new Graph();
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => {
      const dtype: DType = data instanceof Uint32Array ? 'u32' : 'f32';
      return [name, graph.input(name, shape, dtype)];
    }),
  );
  const outputs = body(graph, tensors);
  const results = new Map<string, Tensor>(Object.entries(outputs).map(([name, tensor]) => [`out ${name}`, tensor]));
  if (wanted.length > 0) {
    let loss: Tensor = graph.scalar(0);
    for (const [name, tensor] of Object.entries(outputs)) {
      const weights = cotangents[name];
      if (!weights) continue;
      loss = add(loss, sum(multiply(tensor, reshape(graph.constant(weights, [weights.length]), tensor.shape))));
    }
    const found = gradients(
      graph,
      loss,
      wanted.map((name) => tensors[name] as Tensor),
    );
    for (const name of wanted) {
      const gradient = found.get(tensors[name] as Tensor);
      if (gradient) results.set(`grad ${name}`, gradient);
    }
  }
  const planned = plan([{ name: 'test', graph, results }], target);
  const { programs, buffers } = await compile(device, planned);
  const [program] = programs;
  if (!program) throw new Error('nothing compiled');
  before();
  for (const [name, { data }] of Object.entries(inputs)) program.write(name, data);
  program.run(0, 1);
  const read: { outputs: Record<string, Float32Array>; gradients: Record<string, Float32Array> } = {
    outputs: {},
    gradients: {},
  };
  for (const [key, { dtype }] of results) {
    const [kind, name] = [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)];
    const values = await program.read(key);
    read[kind === 'out' ? 'outputs' : 'gradients'][name] =
      dtype === 'f32' ? values : Float32Array.from(new Uint32Array(values.buffer));
  }
  buffers.dispose();
  return read;
}
