// From a model's definition to planned programs: traced, differentiated, with as many blocks recomputed as the budget asks.
import { invariant, UserError } from '../../errors';
import { STAGING_BYTES } from '../../engine/device/buffers';
import { assemble, type Plan } from '../../engine/device/compile';
import { optimizerBytes, type OptimizerSettings } from '../../engine/device/optimizer';
import { Graph, type ParameterAttributes, type Recompute } from '../../engine/graph/graph';
import { stacked } from '../../engine/graph/loop';
import { Parameters } from '../../engine/graph/parameters';
import type { Shape, Tensor } from '../../engine/graph/tensor';
import type { Target } from '../../engine/kernels/target';
import { concat } from '../../engine/ops/concat';
import { reshape } from '../../engine/ops/view';
import { gradients, trainable } from '../../engine/passes/gradient';
import { planProgram, type PlannedProgram } from '../../engine/passes/plan';
import { PRESENT, type InputDefinition, type ModelDefinition } from './modelDefinition';
import { stagedBytes } from './stagedInputs';
import { StepOutcomes } from './stepOutcomes';

/** Name of the input that the loss scale is copied to before each step. */
export const LOSS_SCALE = 'loss scale';

/** Name of the program that makes what follows from frozen weights alone. */
export const FIXED = 'fixed';

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
  // Predictions come last: they are compiled while the others run.
  const others = [...planFixed(model, target), ...(model.predict ? [planPredicting(model, target).program] : [])];
  const together = model.wholeStep === true ? accumulation : 1;
  const attempt = (choice: Recompute): PlannedTraining => {
    const training = traceTraining(model, target.half, choice, together);
    const { graph, losses, gradients: found } = training;
    const results = new Map([['losses', losses]]);
    const spec = { name: 'train', graph, results, gradients: found, accumulate: accumulation > together };
    const planned = assemble([planProgram(spec, target), ...others], target);
    const [program] = planned.programs;
    // While JavaScript has its turn the next step's batches arrive.
    const sets = program!.hosts.length > 0 ? 2 : 1;
    const waiting = sets * (accumulation / together) * waitingBytes(model, program!);
    const held = StepOutcomes.bytes(training.names.length, accumulation / together) + STAGING_BYTES + waiting;
    const bytes = planned.bytes + optimizerBytes(settings, planned.parameters) + held;
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

/** Names and shapes of the state_dict that predictions read, counters with the shape []. Needs no device. */
export function predictionShapes(model: ModelDefinition): ReadonlyMap<string, readonly number[]> {
  const { graph, p, inputs } = traced(model, false);
  invariant(model.predict?.(p, inputs), 'the model says nothing of predictions');
  const counters = [...graph.counters.keys()].map((name): [string, readonly number[]] => [name, []]);
  return new Map([...[...graph.parameters].map(([name, { shape }]) => [name, shape] as const), ...counters]);
}

/** Plans the outputs in evaluation mode alone; `bytes` are of all buffers of a predictor. Throws UserError. */
export function planPrediction(
  model: ModelDefinition,
  target: Target,
): { readonly plan: Plan; readonly graph: Graph; readonly bytes: number } {
  const { program, graph } = planPredicting(model, target);
  const plan = assemble([program, ...planFixed(model, target)], target);
  return { plan, graph, bytes: plan.bytes + STAGING_BYTES + waitingBytes(model, program, false) };
}

function planPredicting(model: ModelDefinition, target: Target): { program: PlannedProgram; graph: Graph } {
  const { graph, p, inputs } = traced(model, target.half);
  const outputs = model.predict?.(p, inputs);
  invariant(outputs, 'the model says nothing of predictions');
  return { program: planProgram({ name: 'predict', graph, results: new Map(Object.entries(outputs)) }, target), graph };
}

/** The program of what follows from frozen weights alone; none for most models. */
function planFixed(model: ModelDefinition, target: Target): PlannedProgram[] {
  if (!model.fixed) return [];
  const graph = new Graph();
  const results = new Map(Object.entries(model.fixed(new Parameters(graph))));
  return [planProgram({ name: FIXED, graph, results }, target)];
}

/**
 * Starts a trace with the inputs of `together` batches, one after the other along their first axes. Fixed values are
 * inputs too; what makes them is traced for the names of its weights, and dropped since nothing reads it.
 */
function traced(
  model: ModelDefinition,
  halves: boolean,
  recompute: Recompute = 'none',
  together = 1,
): { graph: Graph; p: Parameters; inputs: Record<string, Tensor> } {
  const graph = new Graph(recompute);
  const p = new Parameters(graph);
  const inputs = Object.entries(model.inputs).map(([name, definition]): [string, Tensor] => {
    const { shape, dtype, half = false, pieces = 1 } = complete(definition);
    const all = stacked(shape, together);
    const stored = half && halves;
    if (pieces > 1) return [name, graph.stream(name, all, pieces * together, dtype, stored)];
    return [name, graph.input(name, all, dtype, stored)];
  });
  if (together > 1) inputs.push([PRESENT, graph.input(PRESENT, [together])]);
  for (const [name, { shape, dtype }] of Object.entries(model.fixed?.(p) ?? {}))
    inputs.push([name, graph.input(name, shape, dtype)]);
  return { graph, p, inputs: Object.fromEntries(inputs) };
}

function complete(definition: InputDefinition): Exclude<InputDefinition, Shape> {
  return 'shape' in definition ? definition : { shape: definition };
}

/** Bytes of the buffers in which what one run takes waits on the GPU: whatever comes in pieces, and `frames` where they do. */
function waitingBytes({ inputs }: ModelDefinition, program: PlannedProgram, framesWait = true): number {
  const bytes = Object.entries(inputs).map(([name, definition]) => {
    const input = program.inputs.get(name);
    const { frames = false, pieces = 1 } = complete(definition);
    if (!input || (pieces === 1 && !(frames && framesWait))) return 0;
    const size = input.tensor.size / input.pieces;
    return stagedBytes({ bytes: size * (program.half(input.tensor) ? 2 : 4), pieces: input.pieces });
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

function traceTraining(
  model: ModelDefinition,
  scaled: boolean,
  recompute: Recompute,
  together: number,
): TracedTraining {
  const { graph, p, inputs } = traced(model, scaled, recompute, together);
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
