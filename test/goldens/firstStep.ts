// The first forward and backward pass of a recorded model against all that its file has of them.
import { compare, equalLists, length, type GoldenResult } from '../helpers/golden';
import { Headings } from './group';
import { traceTraining, type GoldenModel, type Moment, type TraceChoices, type Traced } from './model';

/** Judges those results of a run that the file holds. */
export async function judged(
  model: GoldenModel,
  traced: Traced,
  results: Iterable<string>,
  nameOf: (result: string) => string,
): Promise<{ kind: string; found: readonly GoldenResult[] }[]> {
  const all: { kind: string; found: readonly GoldenResult[] }[] = [];
  for (const result of results) {
    const name = nameOf(result);
    if (!model.recording.has(name)) continue;
    const found = model.judge(name, await traced.read(result), traced.shapes.get(result) ?? []);
    all.push({ kind: result.startsWith('update ') ? 'running statistics' : kindOf(name), found });
  }
  return all;
}

const kindOf = (name: string): string => (name.startsWith('loss.') ? 'losses' : 'outputs');

/** Outputs, losses, gradients and buffers of the batches of the first step. */
export async function* firstStep(
  device: GPUDevice,
  model: GoldenModel,
  prefix = '',
  choices: TraceChoices = {},
): AsyncIterable<GoldenResult> {
  const { recording, run } = model;
  const traced = await traceTraining(device, model, choices);
  const headings = new Headings();
  const gradients = [...traced.shapes.keys()].filter((name) => name.startsWith('gradient '));
  const others = [...traced.shapes.keys()].filter((name) => !name.startsWith('gradient '));
  const sums = new Map<string, Float32Array>();
  for (let batch = 0; batch < run.accumulation; batch++) {
    const moment = { step: 1, batch };
    const nameOf = (result: string) => model.trainedName(result, moment);
    traced.run(model.batch(batch));
    for (const { kind, found } of await judged(model, traced, others, nameOf)) headings.add(kind, ...found);
    if (batch === 0) headings.add('running statistics', ...unmoved(model, traced));
    for (const result of gradients) {
      const gradient = await traced.read(result);
      const name = nameOf(result);
      if (recording.has(name)) headings.add('gradients', ...model.judge(name, gradient, traced.shapes.get(result)!));
      const sum = sums.get(result);
      sums.set(
        result,
        gradient.map((value, i) => (sum?.[i] ?? 0) + value / run.accumulation),
      );
    }
  }
  const key = (result: string) => result.slice('gradient '.length);
  for (const [result, sum] of sums)
    if (recording.has(`grad.${key(result)}`))
      headings.add('gradients', ...model.judge(`grad.${key(result)}`, sum, traced.shapes.get(result)!));
  headings.add('gradients', equalLists('which there are', gradients.map(key).sort(), recording.after('grad.').sort()));
  headings.add('gradients', ...lengthOfAll(model, sums.values()));
  traced.dispose();
  yield* headings.lines(prefix);
}

/** Buffers that the first batch leaves alone, and how many batches are counted. */
function unmoved(model: GoldenModel, { graph, shapes }: Traced): GoldenResult[] {
  const { recording } = model;
  const moment: Moment = { step: 1, batch: 0 };
  const results: GoldenResult[] = [];
  for (const [name, perBatch] of graph.counters) {
    const recorded = model.trainedName(`update ${name}`, moment);
    if (recording.has(recorded)) results.push(recording.compare(recorded, [perBatch], { atol: 0 }));
  }
  for (const [name, { shape }] of graph.parameters) {
    const recorded = model.trainedName(`update ${name}`, moment);
    if (shapes.has(`update ${name}`) || !recording.has(recorded)) continue;
    results.push(...model.judge(recorded, recording.weight(name, shape) ?? new Float32Array(), shape));
  }
  return results;
}

/** The norm of all gradients together, where the file states it. */
function lengthOfAll({ recording }: GoldenModel, gradients: Iterable<Float32Array>): GoldenResult[] {
  const want = recording.json<number>('total_grad_norm', NaN);
  if (Number.isNaN(want)) return [];
  const { suggest } = recording.json<{ suggest: { total_grad_norm: string } }>('tolerance');
  const rtol = Number(/rtol ([\d.e-]+)/.exec(suggest.total_grad_norm)?.[1]);
  return [compare('norm of all', [Math.hypot(...[...gradients].map(length))], [want], { rtol })];
}
