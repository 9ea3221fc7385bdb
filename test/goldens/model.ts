// What a recorded model must say of itself, and its programs with recorded weights: all that is shared by models' goldens.
import { isSoftware, targetOf } from '../../src/engine/device/adapter';
import { compile, plan } from '../../src/engine/device/compile';
import type { OptimizerSettings } from '../../src/engine/device/optimizer';
import { Graph, type ParameterAttributes, type Recompute } from '../../src/engine/graph/graph';
import { Parameters } from '../../src/engine/graph/parameters';
import type { Shape, Tensor } from '../../src/engine/graph/tensor';
import type { Target } from '../../src/engine/kernels/target';
import { gradients, trainable } from '../../src/engine/passes/gradient';
import type { InputDefinition, ModelDefinition } from '../../src/training/trainer/planTraining';
import type { NamedTensors } from '../../src/training/runtime';
import type { GoldenResult, Tolerance } from '../helpers/golden';
import type { Recording } from '../helpers/recording';

type Tensors = Readonly<Record<string, Tensor>>;

/** Where in the recorded run something is: steps count from 1, 0 is before the first; batches from 0 over all steps. */
export interface Moment {
  readonly step: number;
  readonly batch: number;
}

export interface GoldenModel {
  readonly recording: Recording;
  /** What the product gives its trainer. */
  readonly definition: ModelDefinition;
  readonly run: GoldenRun;
  /** The loss in training mode, and what else is recorded of it, by names of the model's own. */
  train(p: Parameters, inputs: Tensors, choices: { readonly recompute: Recompute }): TrainedOutput;
  /** What is recorded in evaluation mode. */
  evaluate(p: Parameters, inputs: Tensors): ReadonlyMap<string, Tensor>;
  batch(number: number): Readonly<Record<string, Float32Array<ArrayBuffer>>>;
  /** Under which name the file may hold a result: of `train`, `loss`, `gradient <key>`, `update <key>`. */
  trainedName(result: string, moment: Moment): string;
  /** The same for a result of `evaluate` after a number of steps. */
  evaluatedName(result: string, step: number): string;
  /** Verdicts on a result that is recorded under a name. */
  judge(name: string, got: Float32Array, shape: Shape): readonly GoldenResult[];
  /** Of the loss that the trainer reports. */
  readonly lossTolerance: Tolerance;
  /** Verdicts on a weight or buffer after steps; `travel` is the sum of the rates. */
  judgeAfter(name: string, key: string, got: Float32Array, travel: number): readonly GoldenResult[];
  /** Verdicts on what the trainer predicts for the first batch after a number of steps. */
  judgePrediction(prediction: Readonly<Record<string, Float32Array>>, step: number): readonly GoldenResult[];
  /** Evaluates with the recorded weights after steps, where the trained ones hold noise that evaluation sees. */
  readonly evaluateRecorded?: boolean;
}

export interface TrainedOutput {
  readonly total: Tensor;
  readonly results: ReadonlyMap<string, Tensor>;
}

export interface GoldenRun {
  readonly optimizer: OptimizerSettings;
  readonly rate: number;
  readonly accumulation: number;
  /** 0 where no optimiser step is recorded. */
  readonly steps: number;
  readonly batchSize: number;
}

export interface TraceChoices {
  readonly recompute?: Recompute;
  readonly target?: Target;
}

/** One compiled program with weights. */
export interface Traced {
  readonly graph: Graph;
  readonly shapes: ReadonlyMap<string, Shape>;
  run(inputs: Readonly<Record<string, Float32Array<ArrayBuffer>>>): void;
  read(result: string): Promise<Float32Array>;
  /** Replaces weights; names that the program has not are no matter. */
  write(weights: NamedTensors): void;
  dispose(): void;
}

/** One of the inputs that a definition names. */
export function inputOf(graph: Graph, name: string, one: InputDefinition): Tensor {
  return 'shape' in one ? graph.input(name, one.shape, one.dtype ?? 'f32') : graph.input(name, one);
}

/** Everything in training mode: results, `loss`, `gradient <key>`, `update <key>`. */
export function traceTraining(device: GPUDevice, model: GoldenModel, choices: TraceChoices = {}): Promise<Traced> {
  return trace(device, model, choices, (p, inputs) => {
    const { graph } = p;
    const { total, results } = model.train(p, inputs, { recompute: choices.recompute ?? 'none' });
    const all = new Map(results).set('loss', total);
    for (const [key, value] of graph.updates) all.set(`update ${key}`, value);
    for (const [tensor, gradient] of gradients(graph, total, trainable(graph)))
      all.set(`gradient ${(tensor.node.attributes as ParameterAttributes).name}`, gradient);
    return all;
  });
}

export function traceEvaluation(device: GPUDevice, model: GoldenModel): Promise<Traced> {
  return trace(device, model, {}, (p, inputs) => model.evaluate(p, inputs));
}

async function trace(
  device: GPUDevice,
  { recording, definition }: GoldenModel,
  { recompute = 'none', target = targetOf(device, isSoftware(device.adapterInfo)) }: TraceChoices,
  build: (p: Parameters, inputs: Tensors) => ReadonlyMap<string, Tensor>,
): Promise<Traced> {
  const graph = new Graph(recompute);
  const inputs = Object.entries(definition.inputs).map(([name, one]): [string, Tensor] => [
    name,
    inputOf(graph, name, one),
  ]);
  const results = build(new Parameters(graph), Object.fromEntries(inputs));
  const { programs, parameters, buffers } = await compile(device, plan([{ name: 'golden', graph, results }], target));
  const [program] = programs;
  if (!program) throw new Error('nothing compiled');
  // What no recording and no formula holds are fixed matrices, which come out of the initialisation.
  parameters.initialize(() => 0.5);
  for (const { name, shape } of parameters.layout.places.values()) {
    const start = recording.weight(name, shape);
    if (start) parameters.write(name, start);
  }
  return {
    graph,
    shapes: new Map([...results].map(([name, { shape }]) => [name, shape])),
    run(values) {
      for (const [name, data] of Object.entries(values)) if (program.plan.inputs.has(name)) program.write(name, data);
      program.run(0, 1);
    },
    read: (name) => program.read(name),
    write(weights) {
      for (const [name, { data }] of weights)
        if (parameters.layout.places.has(name) && data instanceof Float32Array) parameters.write(name, data);
    },
    dispose: () => buffers.dispose(),
  };
}
