// A traced graph with its gradients as one program: everything that the recordings hold of it, by their names.
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { compile, plan } from '../../../src/engine/device/compile';
import { Graph, type InputAttributes, type ParameterAttributes, type Recompute } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import type { Shape, Tensor } from '../../../src/engine/graph/tensor';
import type { Target } from '../../../src/engine/kernels/target';
import { gradients, trainable } from '../../../src/engine/passes/gradient';
import type { Tap } from '../../../src/models/adatad/backbone';
import type { AdatadConfig } from '../../../src/models/adatad/config';
import { detectionLoss } from '../../../src/models/adatad/loss';
import { adatad, type DetectorOutput } from '../../../src/models/adatad/model';
import { pointCount, pointLevels } from '../../../src/models/adatad/points';
import { initializeTo, type Recorded } from './fixture';

export interface Value {
  readonly shape: Shape;
  readonly data: Float32Array;
}

export interface TraceOptions {
  readonly recompute?: Recompute;
  readonly target?: Target;
}

export interface Traced {
  readonly names: readonly string[];
  read(name: string): Promise<Float32Array>;
  dispose(): void;
}

export type Inputs = Readonly<Record<string, Tensor>>;

/** What a body makes: results to be read, and the scalar whose gradients are wanted. */
export interface Body {
  readonly results: ReadonlyMap<string, Tensor>;
  readonly loss?: Tensor;
  /** Inputs whose gradients are wanted beside the parameters', by name. */
  readonly sources?: ReadonlyMap<string, Tensor>;
}

/** Compiles and runs once: results by name, `grad.<key>` of every trained parameter, `update.<key>` of buffers. */
export async function trace(
  device: GPUDevice,
  recorded: Recorded,
  inputs: Readonly<Record<string, Value>>,
  body: (p: Parameters, inputs: Inputs) => Body,
  options: TraceOptions = {},
): Promise<Traced> {
  const graph = new Graph(options.recompute ?? 'none');
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [name, graph.input(name, shape)]),
  );
  const made = body(new Parameters(graph), tensors);
  const results = new Map(made.results);
  for (const [name, value] of graph.updates) results.set(`update.${name}`, value);
  if (made.loss) {
    const sources = [...trainable(graph), ...(made.sources?.values() ?? [])];
    for (const [tensor, gradient] of gradients(graph, made.loss, sources))
      results.set(`grad.${(tensor.node.attributes as ParameterAttributes | InputAttributes).name}`, gradient);
  }
  const target = options.target ?? targetOf(device, isSoftware(device.adapterInfo));
  const { programs, parameters, buffers } = await compile(device, plan([{ name: 'golden', graph, results }], target));
  initializeTo(parameters, recorded);
  const [program] = programs;
  if (!program) throw new Error('nothing compiled');
  for (const [name, { data }] of Object.entries(inputs)) program.write(name, data);
  program.run(0, 1);
  return {
    names: [...results.keys()],
    read: (name) => program.read(name),
    dispose: () => buffers.dispose(),
  };
}

/** A window's inputs: pieces of so many chunks each, the mask, the targets. */
export function inputShapes(config: AdatadConfig, samples: number, sizes: readonly number[]): Record<string, Shape> {
  const { frames, side, detector } = config;
  const points = pointCount(pointLevels(frames, detector.levels));
  return {
    ...Object.fromEntries(sizes.map((size, k) => [`chunks.${k}`, [size, 16, 3, side, side]])),
    mask: [samples, frames],
    classes: [samples, points, detector.classes],
    distances: [samples, points, 2],
  };
}

/** The model on inputs of those names. */
export function modelOf(
  p: Parameters,
  inputs: Inputs,
  config: AdatadConfig,
  options: { training: boolean; tap?: Tap },
): DetectorOutput {
  const pieces = Object.entries(inputs).flatMap(([name, tensor]) => (name.startsWith('chunks.') ? [tensor] : []));
  return adatad(p, pieces, inputs['mask'] as Tensor, config, options);
}

export function lossOf(p: Parameters, output: DetectorOutput, inputs: Inputs): ReturnType<typeof detectionLoss> {
  const [classes, distances] = [inputs['classes'], inputs['distances']] as [Tensor, Tensor];
  return detectionLoss(p.at('rpn_head'), output, { classes, distances });
}
