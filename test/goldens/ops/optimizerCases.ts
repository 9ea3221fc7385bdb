// Recorded optimiser steps: parameters after every step and moments after the last.
import { Buffers } from '../../../src/engine/device/buffers';
import { Optimizer, type OptimizerSettings } from '../../../src/engine/device/optimizer';
import { layoutParameters, ParameterStore } from '../../../src/engine/device/parameterStore';
import { Pipelines } from '../../../src/engine/device/pipelines';
import { Graph } from '../../../src/engine/graph/graph';
import { floatValues, type StoredTensor } from '../../../src/formats/safetensors';
import { compare, readGolden, type GoldenResult } from '../../helpers/golden';

interface Recipe {
  readonly op: string;
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
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

/** Settings of ours that mean the recorded recipe, and the learning rate to ask for; null where we have none. */
function settingsOf({ op, lr, betas, eps, groups, ...rest }: Recipe): [OptimizerSettings, number] | null {
  if (op !== 'adamw' && op !== 'adam') return null;
  const common = {
    name: op === 'adam' ? 'Adam' : 'AdamW',
    betas,
    epsilon: eps,
    clipNorm: rest.clip_grad_norm ?? 0,
  } as const;
  if (!groups) return [{ ...common, weightDecay: rest.weight_decay ?? 0 }, lr];
  const groupOf = (name: string): number => groups.findIndex(({ params }) => params.includes(Number(name.slice(1))));
  const scales = groups.map((group) => ({ learningRate: group.lr, weightDecay: group.weight_decay }));
  return [{ ...common, weightDecay: 1, groupOf, groups: scales }, 1];
}

/** Verdicts on the runs that our optimisers can do; the names of the others go into `missing`. */
export async function* optimizerCases(
  folder: string,
  device: GPUDevice,
  only: string | undefined,
  missing: string[],
): AsyncIterable<GoldenResult> {
  const { tensors, metadata } = readGolden(folder, 'optimizer');
  for (const run of JSON.parse(metadata['cases']!) as RecordedRun[]) {
    const settings = settingsOf(run.attrs);
    // Where a parameter lacks a gradient at some steps, it would need a step count of its own.
    if (!settings || run.name.endsWith('_missing')) missing.push(`optimizer/${run.name}`);
    else if (only === undefined || `optimizer ${run.name}`.includes(only))
      yield await judge(run, settings, tensors, device);
  }
}

function namesOf(tensors: ReadonlyMap<string, StoredTensor>): string[] {
  return [...tensors.keys()].flatMap((key) => /^input\.(p\d+)$/.exec(key)?.[1] ?? []);
}

async function judge(
  run: RecordedRun,
  [settings, learningRate]: [OptimizerSettings, number],
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
  const got: number[] = [];
  const want: number[] = [];
  for (let step = 1; step <= run.steps; step++) {
    for (const name of names) {
      const gradient = floatValues(tensors.get(`input.step${step}.g${name.slice(1)}`)!);
      device.queue.writeBuffer(gradients, layout.places.get(name)!.offset, Float32Array.from(gradient));
    }
    optimizer.prepare(learningRate);
    const encoder = device.createCommandEncoder();
    optimizer.encode(encoder);
    device.queue.submit([encoder.finish()]);
    const now = await parameters.read();
    for (const name of names) {
      const recorded = tensors.get(`output.${run.name}.step${step}.${name}`);
      if (!recorded) continue;
      got.push(...now.get(name)!);
      want.push(...floatValues(recorded));
    }
  }
  for (const [buffer, state] of [
    [optimizer.first, 'exp_avg'],
    [optimizer.second, 'exp_avg_sq'],
  ] as const) {
    const moments = new Float32Array(await buffers.read(buffer, 0, layout.trainedBytes));
    for (const name of names) {
      const { offset, bytes } = layout.places.get(name)!;
      got.push(...moments.subarray(offset / 4, (offset + bytes) / 4));
      want.push(...floatValues(tensors.get(`output.${run.name}.state.${state}.${name}`)!));
    }
  }
  buffers.dispose();
  return compare(`optimizer ${run.name}`, got, want, run.tolerance);
}
