// Compiles a model with its loss as one program, for comparing everything inside with recorded values.
import { isSoftware, targetOf } from '../../src/engine/device/adapter';
import { compile, plan } from '../../src/engine/device/compile';
import { Graph, type ParameterAttributes, type Recompute } from '../../src/engine/graph/graph';
import { Parameters } from '../../src/engine/graph/parameters';
import type { Shape, Tensor } from '../../src/engine/graph/tensor';
import type { Target } from '../../src/engine/kernels/target';
import { gradients, trainable } from '../../src/engine/passes/gradient';

export interface TraceLossOptions {
  /** Value of each parameter and buffer. */
  readonly weight: (name: string) => Float32Array;
  readonly recompute?: Recompute;
  readonly target?: Target;
}

export interface TracedLoss {
  /** Parameters and buffers with their shapes, counters without axes. */
  readonly shapes: ReadonlyMap<string, Shape>;
  write(inputs: Readonly<Record<string, Float32Array | Uint32Array>>): void;
  run(): void;
  read(name: string): Promise<Float32Array>;
  /** By the parameters' names. */
  gradients(): Promise<ReadonlyMap<string, Float32Array>>;
  /** What running statistics become, by name. */
  updates(): Promise<ReadonlyMap<string, Float32Array>>;
  setWeight(name: string, value: Float32Array): void;
  dispose(): void;
}

/** `body` traces the model over its inputs and gives what shall be read, with `loss` differentiated where there is one. */
export async function traceLoss(
  device: GPUDevice,
  options: TraceLossOptions,
  body: (p: Parameters, graph: Graph) => Readonly<Record<string, Tensor>>,
): Promise<TracedLoss> {
  const graph = new Graph(options.recompute ?? 'none');
  const results = new Map<string, Tensor>(Object.entries(body(new Parameters(graph), graph)));
  const loss = results.get('loss');
  if (loss) {
    for (const [tensor, gradient] of gradients(graph, loss, trainable(graph)))
      results.set(`grad ${(tensor.node.attributes as ParameterAttributes).name}`, gradient);
  }
  for (const [name, value] of graph.updates) results.set(`update ${name}`, value);
  const target = options.target ?? targetOf(device, isSoftware(device.adapterInfo));
  const { programs, parameters, buffers } = await compile(device, plan([{ name: 'golden', graph, results }], target));
  for (const { name } of parameters.layout.places.values()) parameters.write(name, options.weight(name));
  const program = programs[0]!;
  const readAll = async (prefix: string): Promise<ReadonlyMap<string, Float32Array>> => {
    const found = new Map<string, Float32Array>();
    for (const name of results.keys())
      if (name.startsWith(prefix)) found.set(name.slice(prefix.length), await program.read(name));
    return found;
  };
  return {
    shapes: new Map([
      ...[...graph.parameters].map(([name, { shape }]): [string, Shape] => [name, shape]),
      ...[...graph.counters.keys()].map((name): [string, Shape] => [name, []]),
    ]),
    write(inputs) {
      for (const [name, data] of Object.entries(inputs)) if (graph.inputs.has(name)) program.write(name, data);
    },
    run: () => program.run(0, 1),
    read: (name) => program.read(name),
    gradients: () => readAll('grad '),
    updates: () => readAll('update '),
    setWeight: (name, value) => parameters.write(name, value),
    dispose: () => buffers.dispose(),
  };
}
