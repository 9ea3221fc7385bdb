// Recorded optimiser steps: parameters after every step and moments after the last.
import { Buffers } from '../../../src/engine/device/buffers';
import { Optimizer, OUTCOME_BYTES, type OptimizerSettings, type Rates } from '../../../src/engine/device/optimizer';
import type { OptimizerRule } from '../../../src/engine/kernels/optimizer';
import { PagedBuffer } from '../../../src/engine/device/pagedBuffer';
import { layoutParameters, ParameterStore } from '../../../src/engine/device/parameterStore';
import { Pipelines } from '../../../src/engine/device/pipelines';
import { Graph } from '../../../src/engine/graph/graph';
import { compare, largest, worstOf, type GoldenResult } from '../../helpers/golden';
import type { Recording } from '../../helpers/recording';
import type { OpenDevice } from '../group';

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
  /** Of moving averages: "the parameters of case adamw after each step; …". */
  readonly source?: string;
  /** "p1 has an all-zero gradient at step 3 (…); p2 has NO gradient at steps 2 and 4: …" */
  readonly note?: string;
  readonly groups?: readonly { params: readonly number[]; lr: number; weight_decay: number }[];
}
interface RecordedRun {
  readonly name: string;
  readonly attrs: Recipe;
  readonly steps: number;
  readonly tolerance: { atol: number };
  readonly grad_norms_before_clipping?: readonly number[];
}

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
function settingsOf({ attrs: recipe }: RecordedRun, runs: readonly RecordedRun[]): [OptimizerSettings, Rates] {
  const { groups, lr, clip_grad_norm: clipNorm = 0, weight_decay: weightDecay = 0, op, decay, source = '' } = recipe;
  if (op === 'ema') {
    const averaged = runs.find(({ name }) => name === /of case (\w+)/.exec(source)?.[1]);
    if (!averaged) throw new Error(`no recorded run for "${source}"`);
    const [settings, rate] = settingsOf(averaged, runs);
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
  return [{ ...rule, clipNorm, weightDecay, ...(gapsOf(recipe).length > 0 && { groupOf: number }) }, lr];
}

interface Gap {
  readonly parameter: string;
  readonly kind: 'zero' | 'none';
  readonly steps: readonly number[];
}

/** Parameters whose gradient is all zero or absent at some steps, as a recipe's note tells. */
function gapsOf({ note = '' }: Recipe): Gap[] {
  return [...note.matchAll(/(p\d+) has (an all-zero|NO) gradient at steps? ([\d, and]+\d|\d+)/g)].map(
    ([, parameter = '', kind, steps = '']) => ({
      parameter,
      kind: kind === 'NO' ? 'none' : 'zero',
      steps: (steps.match(/\d+/g) ?? []).map(Number),
    }),
  );
}

/** Verdicts on all recorded runs. */
export async function* optimizerCases(file: Recording, open: OpenDevice): AsyncIterable<GoldenResult> {
  const runs = file.json<RecordedRun[]>('cases');
  for (const run of runs) yield await judge(run, settingsOf(run, runs), file, await open());
}

async function judge(
  run: RecordedRun,
  [settings, rates]: [OptimizerSettings, Rates],
  file: Recording,
  device: GPUDevice,
): Promise<GoldenResult> {
  const names = file.after('input.').filter((name) => /^p\d+$/.test(name));
  const gaps = gapsOf(run.attrs);
  const missing = (kind: Gap['kind'], step: number, name: string): boolean =>
    gaps.some((gap) => gap.kind === kind && gap.parameter === name && gap.steps.includes(step));
  const graph = new Graph();
  for (const name of names) {
    const shape = file.shape(`input.${name}`);
    graph.parameter({ name, shape, initializer: { kind: 'constant', value: 0 }, trainable: true });
  }
  const layout = layoutParameters(graph, new Set(names));
  const buffers = new Buffers(device);
  const parameters = new ParameterStore(buffers, layout);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  const gradients = new PagedBuffer(buffers, 'gradients', layout.pages, usage);
  const optimizer = await Optimizer.create(settings, buffers, new Pipelines(device), parameters, gradients);
  for (const name of names) parameters.write(name, file.given(`input.${name}`)!);
  const read = async (array: PagedBuffer) => new Float32Array(await array.read(0, layout.trainedBytes));
  optimizer.reset();
  const averages = run.attrs.op === 'ema';
  const results: GoldenResult[] = [];
  for (let step = 1; step <= run.steps; step++) {
    for (const name of names) {
      const gradient = file.given(`input.step${step}.g${name.slice(1)}`)!;
      const { offset } = layout.places.get(name)!;
      gradients.write(offset, missing('zero', step, name) ? new Float32Array(gradient.length) : gradient);
    }
    optimizer.prepare(rates, { sitsOut: (group) => missing('none', step, `p${group}`) });
    const encoder = device.createCommandEncoder();
    optimizer.encode(encoder);
    device.queue.submit([encoder.finish()]);
    const norm = run.grad_norms_before_clipping?.[step - 1];
    if (norm !== undefined) {
      const { gradientNorm } = Optimizer.outcome(await buffers.read(optimizer.state, 0, OUTCOME_BYTES), 0);
      results.push(compare(`norm at step ${step}`, [gradientNorm], [norm], { rtol: 1e-6 }));
    }
    const saved = averages ? await read(optimizer.arrays.get('ema')!) : null;
    const now = await parameters.read();
    for (const name of names) {
      const recorded = `output.${run.name}.step${step}.${name}`;
      if (!file.has(recorded)) continue;
      const { offset, bytes } = layout.places.get(name)!;
      const values = saved ? saved.subarray(offset / 4, (offset + bytes) / 4) : now.get(name)!;
      results.push(file.compare(recorded, values, run.tolerance));
    }
  }
  for (const [array, buffer] of optimizer.arrays) {
    const data = await read(buffer);
    for (const name of names) {
      const recorded = `output.${run.name}.state.${array}.${name}`;
      if (!file.has(recorded)) continue;
      const { offset, bytes } = layout.places.get(name)!;
      // The tolerance is for values around 1; a momentum buffer of 23 has an f32 spacing of 2e-6 itself.
      const atol = run.tolerance.atol * Math.max(1, largest(file.given(recorded)!));
      results.push(file.compare(recorded, data.subarray(offset / 4, (offset + bytes) / 4), { atol }));
    }
  }
  buffers.dispose();
  return worstOf(run.name, results);
}
