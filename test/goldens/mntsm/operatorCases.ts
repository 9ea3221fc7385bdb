// Recorded operators of the clip classifier: temporal shift, losses at any logit, poolings, all with their gradients.
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { interpolate } from '../../../src/engine/ops/interpolate';
import { permute } from '../../../src/engine/ops/view';
import { temporalShift } from '../../../src/layers/temporalShift';
import { sigmoidFocalLoss } from '../../../src/losses/binaryCrossEntropy';
import type { Pooling } from '../../../src/models/mntsm/config';
import { clipLoss } from '../../../src/models/mntsm/loss';
import { poolFrames, upstreamProbability } from '../../../src/models/mntsm/pooling';
import { compile, plan } from '../../../src/engine/device/compile';
import { Graph, type ParameterAttributes } from '../../../src/engine/graph/graph';
import { gradients, trainable } from '../../../src/engine/passes/gradient';
import { worstOf, type GoldenResult, type Tolerance } from '../../helpers/golden';
import { toleranceOf, type Recording } from '../../helpers/recording';
import { runGraph, type Value } from '../../helpers/runGraph';
import type { OpenDevice } from '../group';

/** "rtol 1e-5 atol 1e-6 for shift/resize/aug (hue atol 1e-5), rtol 1e-4 atol 1e-6 for losses", by what it is for. */
export function allowedFor(file: Recording, what: string): Tolerance {
  const { suggest } = file.json<{ suggest: string }>('tolerance');
  const parts = [...suggest.matchAll(/(rtol [\d.e-]+ atol [\d.e-]+) for ([\w/]+)/g)];
  const found = parts.find(([, , names]) => names!.split('/').includes(what));
  if (!found) throw new Error(`${file.label} states no tolerance for ${what}`);
  return toleranceOf(found[1]);
}

/** What of the file of operators runs on the GPU: shift, losses, poolings, resize. */
export async function* operatorCases(file: Recording, open: OpenDevice): AsyncIterable<GoldenResult> {
  const device = await open();
  const groups = { shift: shiftCases, losses: lossCases, poolings: poolingCases, resize: resizeCases };
  for (const [group, run] of Object.entries(groups)) {
    const results = await run(file, device);
    if (results.length > 0) yield worstOf(group, results);
  }
}

function valueOf(file: Recording, name: string): Value & { readonly data: Float32Array<ArrayBuffer> } {
  return { shape: file.shape(name), data: file.given(name)! };
}

/** Both layouts of images, every kind of ends and direction that is recorded. */
async function shiftCases(file: Recording, device: GPUDevice): Promise<GoldenResult[]> {
  const target = targetOf(device, isSoftware(device.adapterInfo));
  const allowed = allowedFor(file, 'shift');
  const results: GoldenResult[] = [];
  for (const name of file.after('output.shift.')) {
    const [size, edge, first] = name.split('.') as [string, 'replicate' | 'zero', 'past' | 'future'];
    const [segments, foldDivisor] = /^T(\d+)C\d+d(\d+)$/.exec(size)!.slice(1).map(Number) as [number, number];
    for (const channels of ['first', 'last'] as const) {
      const { outputs, gradients: found } = await runGraph(
        device,
        target,
        { x: valueOf(file, `input.shift.${size}`) },
        (_graph, { x }) => {
          const options = { segments, foldDivisor, first, edges: edge === 'zero' ? 'zeros' : edge, channels } as const;
          const image = channels === 'last' ? permute(x as Tensor, [0, 2, 3, 1]) : (x as Tensor);
          const y = temporalShift(image, options);
          return { y: channels === 'last' ? permute(y, [0, 3, 1, 2]) : y };
        },
        { y: file.given(`input.shift.${size}.gout`)! },
        ['x'],
      );
      results.push(file.compare(`output.shift.${name}`, outputs['y'] ?? [], allowed));
      results.push(file.compare(`grad.shift.${name}`, found['x'] ?? [], allowed));
    }
  }
  return results;
}

/** All focuses and weights of positives in one program. */
async function lossCases(file: Recording, device: GPUDevice): Promise<GoldenResult[]> {
  const names = [...file.tensors.keys()].filter((name) => /^loss\.y/.test(name));
  const allowed = allowedFor(file, 'losses');
  const logits = valueOf(file, 'input.loss.z');
  const { outputs, gradients: found } = await runGraph(
    device,
    targetOf(device, isSoftware(device.adapterInfo)),
    Object.fromEntries(names.map((name) => [name, logits])),
    (graph, inputs) =>
      Object.fromEntries(
        names.map((name) => {
          const [, label, gamma, weight] = /y(\d)\.g([\d.]+)\.pw(.+)$/.exec(name) ?? [];
          const x = inputs[name] as Tensor;
          const target = graph.constant(new Float32Array(x.size).fill(Number(label)), x.shape);
          const options = { alpha: -1, gamma: Number(gamma), reduction: 'none' } as const;
          const positiveWeight = weight === 'None' ? {} : { positiveWeight: graph.scalar(Number(weight)) };
          return [name, sigmoidFocalLoss(x, target, { ...options, ...positiveWeight })];
        }),
      ),
    Object.fromEntries(names.map((name) => [name, new Float32Array(logits.data.length).fill(1)])),
    names,
  );
  return names.flatMap((name) => [
    file.compare(name, outputs[name] ?? [], allowed),
    file.compare(`grad.${name}`, found[name] ?? [], allowed),
  ]);
}

async function poolingCases(file: Recording, device: GPUDevice): Promise<GoldenResult[]> {
  const results: GoldenResult[] = [];
  for (const pooling of file.after('loss.pool.')) results.push(...(await poolingOf(file, device, pooling as Pooling)));
  return results;
}

async function poolingOf(file: Recording, device: GPUDevice, pooling: Pooling): Promise<GoldenResult[]> {
  const graph = new Graph();
  const [features, label] = [valueOf(file, 'input.pool.f'), valueOf(file, 'input.pool.y')];
  const f = graph.input('f', features.shape);
  const config = { pooling, dropout: 0, headStart: 'linear' } as const;
  const { logit, alpha, frameLogits } = poolFrames(new Parameters(graph), f, config, true);
  const weight = graph.constant(new Float32Array(label.data.length).fill(1), label.shape);
  const gamma = Number(/loss\.pool = focal BCE gamma ([\d.]*\d)/.exec(file.notes)?.[1] ?? 2);
  const loss = clipLoss(logit, graph.input('y', label.shape), { gamma, weight });
  const results = new Map([
    [`output.pool.${pooling}.logit`, logit],
    [`output.pool.${pooling}.alpha`, alpha],
    [`loss.pool.${pooling}`, loss],
  ]);
  if (pooling !== 'learned') {
    const name = pooling === 'logit' ? 'attention' : pooling;
    results.set(`output.pool.prob_upstream.${name}`, upstreamProbability(frameLogits, pooling));
  }
  for (const [tensor, gradient] of gradients(graph, loss, [...trainable(graph), f])) {
    const name = tensor === f ? 'f' : (tensor.node.attributes as ParameterAttributes).name;
    results.set(`grad.pool.${pooling}.${name}`, gradient);
  }
  const target = targetOf(device, isSoftware(device.adapterInfo));
  const { programs, parameters, buffers } = await compile(device, plan([{ name: 'pooling', graph, results }], target));
  for (const { name } of parameters.layout.places.values()) parameters.write(name, file.given(`input.pool.${name}`)!);
  const program = programs[0]!;
  program.write('f', features.data);
  program.write('y', label.data);
  program.run(0, 1);
  const compared: GoldenResult[] = [];
  for (const name of results.keys())
    compared.push(file.compare(name, await program.read(name), allowedFor(file, 'losses')));
  buffers.dispose();
  return compared;
}

async function resizeCases(file: Recording, device: GPUDevice): Promise<GoldenResult[]> {
  const sizes = file.after('output.resize.');
  const { outputs } = await runGraph(
    device,
    targetOf(device, isSoftware(device.adapterInfo)),
    { x: valueOf(file, 'input.resize') },
    (_graph, { x }) =>
      Object.fromEntries(
        sizes.map((name) => [name, interpolate(x as Tensor, { mode: 'linear', size: name.split('x').map(Number) })]),
      ),
  );
  return sizes.map((name) => file.compare(`output.resize.${name}`, outputs[name] ?? [], allowedFor(file, 'resize')));
}
