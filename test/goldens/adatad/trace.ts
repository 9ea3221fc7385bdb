// A traced graph with its gradients as one program: everything that the recordings hold of it, by their names.
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { compile, plan } from '../../../src/engine/device/compile';
import { Graph, type InputAttributes, type ParameterAttributes, type Recompute } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import type { Shape, Tensor } from '../../../src/engine/graph/tensor';
import type { Target } from '../../../src/engine/kernels/target';
import { gradients, trainable } from '../../../src/engine/passes/gradient';
import { CHUNK_FRAMES, type AdatadConfig } from '../../../src/models/adatad/config';
import { trainedBy } from '../../../src/engine/passes/plan';
import { detectionLoss } from '../../../src/models/adatad/loss';
import { adatad, type AdatadOptions, type DetectorOutput } from '../../../src/models/adatad/model';
import { pointCount, pointLevels } from '../../../src/models/adatad/points';
import { initializeTo, type Recorded } from './fixture';

export interface Value {
  readonly shape: Shape;
  readonly data: Float32Array;
}

export interface TraceOptions {
  readonly recompute?: Recompute;
  readonly target?: Target;
  /** Of the input `chunks`. */
  readonly pieces?: number;
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
  const { pieces = 1 } = options;
  const isStream = (name: string): boolean => name === 'chunks' && pieces > 1;
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [
      name,
      isStream(name) ? graph.stream(name, shape, pieces) : graph.input(name, shape),
    ]),
  );
  const made = body(new Parameters(graph), tensors);
  const results = new Map(made.results);
  for (const [name, value] of graph.updates) results.set(`update.${name}`, value);
  const ofParameters = new Map<string, Tensor>();
  if (made.loss) {
    const sources = [...(made.sources?.values() ?? [])];
    for (const [tensor, gradient] of gradients(graph, made.loss, [...trainable(graph), ...sources])) {
      const { name } = tensor.node.attributes as ParameterAttributes | InputAttributes;
      if (sources.includes(tensor)) results.set(`grad.${name}`, gradient);
      else ofParameters.set(name, gradient);
    }
  }
  const target = options.target ?? targetOf(device, isSoftware(device.adapterInfo));
  const spec = { name: 'golden', graph, results, ...(made.loss && { gradients: ofParameters }) };
  const { programs, parameters, buffers, gradients: kept } = await compile(device, plan([spec], target));
  initializeTo(parameters, recorded);
  const [program] = programs;
  if (!program) throw new Error('nothing compiled');
  const streamed = new Map<string, GPUBuffer>();
  for (const [name, { data }] of Object.entries(inputs)) {
    if (isStream(name)) streamed.set(name, waiting(device, data));
    else program.write(name, data);
  }
  program.run(0, 1, {
    start(encoder) {
      kept?.clear(encoder);
    },
    piece(name, number) {
      const { bytes } = program.input(name);
      return { buffer: streamed.get(name)!, offset: number * bytes, bytes };
    },
  });
  const trained = new Set(trainedBy(program.plan));
  return {
    names: [...results.keys(), ...[...trained].map((name) => `grad.${name}`)],
    async read(name) {
      const place = parameters.layout.places.get(name.replace(/^grad\./, ''));
      if (!name.startsWith('grad.') || !place) return program.read(name);
      return new Float32Array(await kept!.read(place.offset, place.bytes));
    },
    dispose() {
      buffers.dispose();
      for (const buffer of streamed.values()) buffer.destroy();
    },
  };
}

/** Data of a stream, all of its pieces. */
function waiting(device: GPUDevice, data: Float32Array): GPUBuffer {
  const { COPY_SRC, COPY_DST } = GPUBufferUsage;
  const buffer = device.createBuffer({ size: data.byteLength, usage: COPY_SRC | COPY_DST });
  device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
  return buffer;
}

/** Inputs of a batch: chunks of all windows, the mask, the targets. */
export function inputShapes({ frames, side, detector }: AdatadConfig, samples: number): Record<string, Shape> {
  const points = pointCount(pointLevels(frames, detector.levels));
  return {
    chunks: [(samples * frames) / CHUNK_FRAMES, CHUNK_FRAMES, 3, side, side],
    mask: [samples, frames],
    classes: [samples, points, detector.classes],
    distances: [samples, points, 2],
  };
}

/** The model on inputs of those names. */
export function modelOf(p: Parameters, inputs: Inputs, config: AdatadConfig, options: AdatadOptions): DetectorOutput {
  return adatad(p, inputs['chunks'] as Tensor, inputs['mask'] as Tensor, config, options);
}

export function lossOf(p: Parameters, output: DetectorOutput, inputs: Inputs): ReturnType<typeof detectionLoss> {
  const [classes, distances] = [inputs['classes'], inputs['distances']] as [Tensor, Tensor];
  return detectionLoss(p.at('rpn_head'), output, { classes, distances });
}
