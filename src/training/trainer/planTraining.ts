// From a model's definition to planned programs: traced, differentiated, with as many blocks recomputed as the budget asks.
import { UserError } from '../../errors';
import { STAGING_BYTES } from '../../engine/device/buffers';
import { assemble, type Plan } from '../../engine/device/compile';
import { optimizerBytes, type OptimizerSettings } from '../../engine/device/optimizer';
import { Graph, type ParameterAttributes, type Recompute } from '../../engine/graph/graph';
import { Parameters } from '../../engine/graph/parameters';
import type { DType, Shape, Tensor } from '../../engine/graph/tensor';
import type { Target } from '../../engine/kernels/target';
import { concat, reshape } from '../../engine/ops/view';
import { gradients, trainable } from '../../engine/passes/gradient';
import { planProgram, type PlannedProgram } from '../../engine/passes/plan';
import { stagedBytes } from './stagedInputs';
import { StepOutcomes } from './stepOutcomes';

/**
 * What one batch gives the model: f32, or whole numbers (token ids, class numbers) as u32. `frames` says that it comes
 * as frames, for which the plan then counts buffers to wait in; `half` that it lies in memory as f16 where activations do.
 */
export type InputDefinition =
  Shape | { readonly shape: Shape; readonly dtype?: DType; readonly frames?: boolean; readonly half?: boolean };

/** A model for the trainer: what it reads, what it learns from, what it predicts. All traced, nothing run. */
export interface ModelDefinition {
  /** One batch's inputs by name. */
  readonly inputs: Readonly<Record<string, InputDefinition>>;
  /** The scalar loss in training mode and its parts by name. */
  loss(p: Parameters, inputs: Readonly<Record<string, Tensor>>): { total: Tensor; parts: ReadonlyMap<string, Tensor> };
  /**
   * The outputs in evaluation mode by name, of which each has the clips of the batch as its first axis; absent where
   * nobody asks for predictions. What it does not read (labels, say) a prediction needs not be given.
   */
  predict?(p: Parameters, inputs: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>>;
}

/** Name of the input that the loss scale is copied to before each step. */
export const LOSS_SCALE = 'loss scale';

export interface PlannedTraining {
  readonly training: TracedTraining;
  readonly planned: Plan;
  /** All buffers together. */
  readonly bytes: number;
}

interface TrainingChoices {
  readonly recompute: 'none' | 'all' | { readonly bytes: number };
  /** Batches whose gradients one step may add up. */
  readonly accumulation: number;
}

/** Traces and plans with all, none, or as few recomputed blocks as keep within a number of bytes. Throws UserError. */
export function planTraining(
  model: ModelDefinition,
  target: Target,
  settings: OptimizerSettings,
  { recompute, accumulation }: TrainingChoices,
): PlannedTraining {
  const evaluation = traced(model.inputs, target.half);
  const outputs = model.predict?.(evaluation.p, evaluation.inputs);
  const predict = outputs
    ? [planProgram({ name: 'predict', graph: evaluation.graph, results: new Map(Object.entries(outputs)) }, target)]
    : [];
  const attempt = (choice: Recompute): PlannedTraining => {
    const training = traceTraining(model, target.half, choice);
    const { graph, losses, gradients: found } = training;
    const results = new Map([['losses', losses]]);
    const spec = { name: 'train', graph, results, gradients: found, accumulate: accumulation > 1 };
    const planned = assemble([planProgram(spec, target), ...predict]);
    const waiting = accumulation * waitingBytes(model, planned.programs[0]!);
    const others = StepOutcomes.bytes(training.names.length, accumulation) + STAGING_BYTES + waiting;
    const bytes = planned.bytes + optimizerBytes(settings, planned.parameters.trainedBytes) + others;
    return { training, planned, bytes };
  };
  if (typeof recompute === 'string') return attempt(recompute);
  const none = attempt('none');
  if (none.bytes <= recompute.bytes) return none;
  let best = attempt('all');
  if (best.bytes > recompute.bytes) {
    const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
    throw new UserError(
      'memory-budget',
      `These settings need ${mebibytes(best.bytes)} MiB even with every layer recomputed; the budget is ${mebibytes(recompute.bytes)} MiB. Use a smaller batch or fewer frames, or raise the budget.`,
      { needed: best.bytes, budget: recompute.bytes },
    );
  }
  // More recomputed blocks never need more memory to speak of: halve the range in between.
  let [low, high] = [1, best.training.graph.blocks - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const tried = attempt(middle);
    if (tried.bytes <= recompute.bytes) {
      best = tried;
      high = middle - 1;
    } else low = middle + 1;
  }
  return best;
}

function traced(
  definitions: ModelDefinition['inputs'],
  halves: boolean,
  recompute: Recompute = 'none',
): { graph: Graph; p: Parameters; inputs: Record<string, Tensor> } {
  const graph = new Graph(recompute);
  const inputs = Object.entries(definitions).map(([name, definition]): [string, Tensor] => {
    const { shape, dtype = 'f32', half = false } = 'shape' in definition ? definition : { shape: definition };
    return [name, graph.input(name, shape, dtype, half && halves)];
  });
  return { graph, p: new Parameters(graph), inputs: Object.fromEntries(inputs) };
}

/** Bytes of the buffers in which the frames of one batch wait for their step. */
function waitingBytes({ inputs }: ModelDefinition, program: PlannedProgram): number {
  const bytes = Object.entries(inputs).map(([name, definition]) => {
    const input = program.inputs.get(name);
    if (!input || !('shape' in definition) || definition.frames !== true) return 0;
    return stagedBytes(input.tensor.size * (program.half(input.tensor) ? 2 : 4));
  });
  return bytes.reduce((sum, one) => sum + one, 0);
}

interface TracedTraining {
  readonly graph: Graph;
  readonly losses: Tensor;
  readonly names: readonly string[];
  readonly gradients: ReadonlyMap<string, Tensor>;
  /** Number of blocks that are computed again. */
  readonly recomputed: number;
}

function traceTraining(model: ModelDefinition, scaled: boolean, recompute: Recompute): TracedTraining {
  const { graph, p, inputs } = traced(model.inputs, scaled, recompute);
  const { total, parts } = model.loss(p, inputs);
  const lossScale = scaled ? graph.input(LOSS_SCALE, []) : undefined;
  const found = gradients(graph, total, trainable(graph), lossScale);
  const byName = new Map(
    [...found].map(([tensor, gradient]) => [(tensor.node.attributes as ParameterAttributes).name, gradient]),
  );
  const vector = [total, ...parts.values()].map((one) => reshape(one, [1]));
  const recomputed = recompute === 'all' ? graph.blocks : recompute === 'none' ? 0 : Math.min(recompute, graph.blocks);
  return { graph, losses: concat(vector, 0), names: ['loss', ...parts.keys()], gradients: byName, recomputed };
}
