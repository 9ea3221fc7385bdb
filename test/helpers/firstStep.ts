// Loss and every gradient of a traced model by name, run once on a device: for tests of what a step computes.
import { compile, plan } from '../../src/engine/device/compile';
import type { Location } from '../../src/engine/device/bind';
import { Graph, type ParameterAttributes } from '../../src/engine/graph/graph';
import { Parameters } from '../../src/engine/graph/parameters';
import type { Tensor } from '../../src/engine/graph/tensor';
import type { Target } from '../../src/engine/kernels/target';
import { gradients, trainable } from '../../src/engine/passes/gradient';
import { dispatchesOf } from '../../src/engine/passes/plan';
import { hashValues } from './hashValues';

type Values = Float32Array | Uint32Array;

export interface FirstStep {
  readonly loss: number;
  readonly gradients: Readonly<Record<string, Float32Array>>;
  /** Further results that the model gave. */
  readonly results: Readonly<Record<string, Float32Array>>;
  readonly pipelines: number;
  readonly dispatches: number;
  readonly arenaBytes: number;
  readonly bytes: number;
}

export interface StepInputs {
  readonly arrays?: Readonly<Record<string, Values>>;
  /** What is there piece by piece. */
  readonly streams?: Readonly<Record<string, Float32Array>>;
}

/** Weights are hashed by their names, so that two ways of writing a model start alike. */
export async function firstStep(
  device: GPUDevice,
  target: Target,
  model: (p: Parameters, graph: Graph) => { loss: Tensor; results?: Readonly<Record<string, Tensor>> },
  { arrays = {}, streams = {} }: StepInputs,
  recompute: 'none' | 'all' = 'none',
): Promise<FirstStep> {
  const graph = new Graph(recompute);
  const { loss, results = {} } = model(new Parameters(graph), graph);
  const found = gradients(graph, loss, trainable(graph));
  const byName = new Map(
    [...found].map(([{ node }, gradient]) => [(node.attributes as ParameterAttributes).name, gradient]),
  );
  const wanted = new Map([['loss', loss], ...Object.entries(results)]);
  const planned = plan([{ name: 'step', graph, results: wanted, gradients: byName }], target);
  const { programs, buffers, parameters, gradients: buffer, pipelines } = await compile(device, planned);
  const program = programs[0]!;
  for (const { name, bytes } of parameters.layout.places.values())
    parameters.write(
      name,
      Float32Array.from(hashValues(`w:${name}`, bytes / 4), (value) => value * 0.5),
    );
  for (const [name, data] of Object.entries(arrays)) program.write(name, data);
  const waiting = new Map<string, GPUBuffer>();
  for (const [name, data] of Object.entries(streams)) {
    const { COPY_SRC, COPY_DST } = GPUBufferUsage;
    const one = device.createBuffer({ size: data.byteLength, usage: COPY_SRC | COPY_DST });
    device.queue.writeBuffer(one, 0, data as Float32Array<ArrayBuffer>);
    waiting.set(name, one);
  }
  const piece = (name: string, number: number): Location => {
    const { bytes } = program.input(name);
    return { buffer: waiting.get(name)!, offset: number * bytes, bytes };
  };
  const batch = Object.fromEntries(Object.entries(arrays));
  await program.runStages(3, 1, {
    piece,
    batch,
    start: (encoder) => {
      buffer?.clear(encoder);
    },
  });
  const read = async (name: string): Promise<Float32Array> => program.read(name);
  const step: FirstStep = {
    loss: (await read('loss'))[0]!,
    gradients: {},
    results: {},
    pipelines: pipelines.count,
    dispatches: dispatchesOf(program.plan),
    arenaBytes: planned.arenaBytes.reduce((a, b) => a + b, 0),
    bytes: planned.bytes,
  };
  for (const name of Object.keys(results)) (step.results as Record<string, Float32Array>)[name] = await read(name);
  for (const { name, offset, bytes } of parameters.layout.places.values()) {
    if (offset >= parameters.layout.trainedBytes) continue;
    const values = new Float32Array(await buffer!.read(offset, bytes));
    (step.gradients as Record<string, Float32Array>)[name] = values;
  }
  buffers.dispose();
  for (const one of waiting.values()) one.destroy();
  return step;
}

/** Largest difference of two steps' losses and gradients, relative to the largest value of each tensor. */
export function worstDifference(a: FirstStep, b: FirstStep): number {
  const names = new Set([...Object.keys(a.gradients), ...Object.keys(b.gradients)]);
  const parts = [...names].map((name) => {
    const [x, y] = [a.gradients[name], b.gradients[name]];
    if (!x || !y) return Infinity;
    const scale = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0);
    return worst === 0 ? 0 : worst / scale;
  });
  return Math.max(Math.abs(a.loss - b.loss) / Math.abs(a.loss), ...parts);
}
