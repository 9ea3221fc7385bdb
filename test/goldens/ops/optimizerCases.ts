// Recorded optimiser steps: parameters after every step and moments after the last.
import { Buffers } from '../../../src/engine/device/buffers';
import { Optimizer, type OptimizerSettings, type Rates } from '../../../src/engine/device/optimizer';
import type { OptimizerRule } from '../../../src/engine/kernels/optimizer';
import { layoutParameters, ParameterStore } from '../../../src/engine/device/parameterStore';
import { Pipelines } from '../../../src/engine/device/pipelines';
import { Graph } from '../../../src/engine/graph/graph';
import { floatValues, type StoredTensor } from '../../../src/formats/storedTensor';
import { compare, readGolden, type GoldenResult } from '../../helpers/golden';

interface Recipe {
  readonly op: string;
  readonly lr: number;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly alpha?: number;
  readonly decay?: number | string;
  readonly weight_decay?: number;
  readonly clip_grad_norm?: number;
  readonly groups?: readonly { params: readonly number[]; lr: number; weight_decay: number }[];
}
interface RecordedRun {
  readonly name: string;
  readonly attrs: Recipe;
  readonly steps: number;
  readonly tolerance: { atol: number };
}

/** The recipe whose parameters the recorded moving averages follow. */
const averaged: Recipe = { op: 'adamw', lr: 0.01, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.05 };

function ruleOf({
  op,
  betas = [0.9, 0.999],
  eps = 1e-8,
  momentum = 0,
  nesterov = false,
  alpha = 0.99,
}: Recipe): OptimizerRule {
  if (op === 'sgd') return { name: 'SGD', momentum, nesterov };
  if (op === 'rmsprop') return { name: 'RMSprop', alpha, momentum, epsilon: eps };
  return { name: op === 'adam' ? 'Adam' : 'AdamW', betas, epsilon: eps };
}

/** Settings of ours that mean the recorded recipe, and the learning rates to ask for. */
function settingsOf(recipe: Recipe, missing: boolean): [OptimizerSettings, Rates] {
  const { groups, lr, clip_grad_norm: clipNorm = 0, weight_decay: weightDecay = 0, op, decay } = recipe;
  if (op === 'ema') {
    const [settings, rate] = settingsOf(averaged, false);
    return [{ ...settings, ema: Number(decay) }, rate];
  }
  const rule = ruleOf(recipe);
  const number = (name: string): number => Number(name.slice(1));
  if (groups) {
    const groupOf = (name: string): number => groups.findIndex(({ params }) => params.includes(number(name)));
    const decays = groups.map((group) => ({ weightDecay: group.weight_decay }));
    return [{ ...rule, clipNorm, weightDecay, groupOf, groups: decays }, groups.map((group) => group.lr)];
  }
  // A parameter that sits out some steps forms a group of its own.
  return [{ ...rule, clipNorm, weightDecay, ...(missing && { groupOf: number }) }, lr];
}

/** Verdicts on all recorded runs. */
export async function* optimizerCases(
  folder: string,
  device: GPUDevice,
  only: string | undefined,
): AsyncIterable<GoldenResult> {
  const { tensors, metadata } = readGolden(folder, 'optimizer');
  for (const run of JSON.parse(metadata['cases']!) as RecordedRun[]) {
    if (only !== undefined && !`optimizer ${run.name}`.includes(only)) continue;
    yield await judge(run, settingsOf(run.attrs, run.name.endsWith('_missing')), tensors, device);
  }
}

function namesOf(tensors: ReadonlyMap<string, StoredTensor>): string[] {
  return [...tensors.keys()].flatMap((key) => /^input\.(p\d+)$/.exec(key)?.[1] ?? []);
}

/** The step's gradient; one run has its own: p1's is all zero at step 3. */
function gradientOf(tensors: ReadonlyMap<string, StoredTensor>, run: string, step: number, name: string): StoredTensor {
  const stored = tensors.get(`input.step${step}.g${name.slice(1)}`)!;
  const zero = run.endsWith('_missing') && name === 'p1' && step === 3;
  return zero ? { ...stored, dtype: 'F32', data: new Float32Array(floatValues(stored).length) } : stored;
}

async function judge(
  run: RecordedRun,
  [settings, rates]: [OptimizerSettings, Rates],
  tensors: ReadonlyMap<string, StoredTensor>,
  device: GPUDevice,
): Promise<GoldenResult> {
  const names = namesOf(tensors);
  const graph = new Graph();
  for (const name of names) {
    const { shape } = tensors.get(`input.${name}`)!;
    graph.parameter({ name, shape, initializer: { kind: 'constant', value: 0 }, trainable: true });
  }
  const layout = layoutParameters(graph, new Set(names));
  const buffers = new Buffers(device);
  const parameters = new ParameterStore(buffers, layout);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  const gradients = buffers.create('gradients', layout.trainedBytes, usage);
  const optimizer = await Optimizer.create(settings, buffers, new Pipelines(device), parameters, gradients);
  for (const name of names) parameters.write(name, floatValues(tensors.get(`input.${name}`)!));
  const read = async (array: GPUBuffer) => new Float32Array(await buffers.read(array, 0, layout.trainedBytes));
  const got: number[] = [];
  const want: number[] = [];
  optimizer.reset();
  const averages = run.attrs.op === 'ema';
  // As the recording's note says: p2 has no gradient at steps 2 and 4.
  const sitsOut =
    (step: number) =>
    (group: number): boolean =>
      run.name.endsWith('_missing') && group === 2 && (step === 2 || step === 4);
  for (let step = 1; step <= run.steps; step++) {
    for (const name of names) {
      const gradient = floatValues(gradientOf(tensors, run.name, step, name));
      device.queue.writeBuffer(gradients, layout.places.get(name)!.offset, Float32Array.from(gradient));
    }
    optimizer.prepare(rates, { sitsOut: sitsOut(step) });
    const encoder = device.createCommandEncoder();
    optimizer.encode(encoder);
    device.queue.submit([encoder.finish()]);
    const saved = averages ? await read(optimizer.arrays.get('ema')!) : null;
    const now = await parameters.read();
    for (const name of names) {
      const recorded = tensors.get(`output.${run.name}.step${step}.${name}`);
      if (!recorded) continue;
      const { offset, bytes } = layout.places.get(name)!;
      got.push(...(saved ? saved.subarray(offset / 4, (offset + bytes) / 4) : now.get(name)!));
      want.push(...floatValues(recorded));
    }
  }
  const judged = compare(`optimizer ${run.name}`, got, want, run.tolerance);
  const results = [judged];
  for (const [array, buffer] of optimizer.arrays) {
    const data = await read(buffer);
    for (const name of names) {
      const recorded = tensors.get(`output.${run.name}.state.${array}.${name}`);
      if (!recorded) continue;
      const { offset, bytes } = layout.places.get(name)!;
      const values = floatValues(recorded);
      // The tolerance is for values around 1; a momentum buffer of 23 has an f32 spacing of 2e-6 itself.
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      const own = data.subarray(offset / 4, (offset + bytes) / 4);
      results.push(compare(`optimizer ${run.name} ${array}`, own, values, { atol: run.tolerance.atol * largest }));
    }
  }
  buffers.dispose();
  return results.reduce((worst, one) => (one.worst / one.tolerance > worst.worst / worst.tolerance ? one : worst));
}
