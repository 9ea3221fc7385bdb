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
import type { SafetensorsFile } from '../../../src/formats/safetensors';
import { floatValues } from '../../../src/formats/storedTensor';
import { compare, readGolden, worstOf, type GoldenResult } from '../../helpers/golden';
import { runGraph, type Value } from '../../helpers/runGraph';

const plainTolerance = { rtol: 1e-5, atol: 1e-6 };
const lossTolerance = { rtol: 1e-4, atol: 1e-6 };

/** What of the file of operators is the model's own; colours and images belong to the data's recordings. */
export async function* operatorCases(
  folder: string,
  device: () => Promise<GPUDevice>,
  only = '',
): AsyncIterable<GoldenResult> {
  const groups = { shift: shiftCases, losses: lossCases, poolings: poolingCases, resize: resizeCases };
  for (const [group, run] of Object.entries(groups)) {
    const name = `mntsm/operators/${group}`;
    if (!name.includes(only)) continue;
    yield worstOf(name, await run(readGolden(folder, 'ops'), await device()));
  }
}

function reader({ tensors }: SafetensorsFile): (name: string) => Value & { readonly data: Float32Array } {
  return (name) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`${name} is not recorded`);
    return { shape: tensor.shape, data: Float32Array.from(floatValues(tensor)) };
  };
}

/** Both layouts of images, both kinds of ends, both directions. */
async function shiftCases(file: SafetensorsFile, device: GPUDevice): Promise<GoldenResult[]> {
  const get = reader(file);
  const target = targetOf(device, isSoftware(device.adapterInfo));
  const results: GoldenResult[] = [];
  for (const [size, segments, foldDivisor] of [
    ['T4C10d4', 4, 4],
    ['T8C16d8', 8, 8],
  ] as const) {
    const kinds = (['replicate', 'zero'] as const).flatMap((edge) =>
      (['past', 'future'] as const).flatMap((first) =>
        (['first', 'last'] as const).map((channels) => ({ edge, first, channels })),
      ),
    );
    for (const { edge, first, channels } of kinds) {
      const { outputs, gradients: found } = await runGraph(
        device,
        target,
        { x: get(`input.shift.${size}`) },
        (_graph, { x }) => {
          const options = { segments, foldDivisor, first, edges: edge === 'zero' ? 'zeros' : edge, channels } as const;
          const image = channels === 'last' ? permute(x as Tensor, [0, 2, 3, 1]) : (x as Tensor);
          const y = temporalShift(image, options);
          return { y: channels === 'last' ? permute(y, [0, 3, 1, 2]) : y };
        },
        { y: get(`input.shift.${size}.gout`).data },
        ['x'],
      );
      const name = `shift.${size}.${edge}.${first}`;
      results.push(compare(`${name} ${channels}`, outputs['y'] ?? [], get(`output.${name}`).data, plainTolerance));
      results.push(
        compare(`gradient of ${name} ${channels}`, found['x'] ?? [], get(`grad.${name}`).data, plainTolerance),
      );
    }
  }
  return results;
}

/** All focuses and weights of positives in one program. */
async function lossCases(file: SafetensorsFile, device: GPUDevice): Promise<GoldenResult[]> {
  const get = reader(file);
  const names = [...file.tensors.keys()].filter((name) => /^loss\.y/.test(name));
  const logits = get('input.loss.z');
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
    compare(name, outputs[name] ?? [], get(name).data, lossTolerance),
    compare(`gradient of ${name}`, found[name] ?? [], get(`grad.${name}`).data, lossTolerance),
  ]);
}

async function poolingCases(file: SafetensorsFile, device: GPUDevice): Promise<GoldenResult[]> {
  const results: GoldenResult[] = [];
  for (const pooling of ['learned', 'logit', 'mean', 'max'] as const)
    results.push(...(await poolingOf(file, device, pooling)));
  return results;
}

async function poolingOf(file: SafetensorsFile, device: GPUDevice, pooling: Pooling): Promise<GoldenResult[]> {
  const get = reader(file);
  const graph = new Graph();
  const [features, label] = [get('input.pool.f'), get('input.pool.y')];
  const f = graph.input('f', features.shape);
  const config = { pooling, dropout: 0, headStart: 'linear' } as const;
  const { logit, alpha, frameLogits } = poolFrames(new Parameters(graph), f, config, true);
  const weight = graph.constant(new Float32Array(label.data.length).fill(1), label.shape);
  const loss = clipLoss(logit, graph.input('y', label.shape), { gamma: 2, weight });
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
  for (const { name } of parameters.layout.places.values()) parameters.write(name, get(`input.pool.${name}`).data);
  const [program] = programs;
  program?.write('f', features.data);
  program?.write('y', label.data);
  program?.run(0, 1);
  const compared: GoldenResult[] = [];
  for (const name of results.keys())
    compared.push(compare(name, (await program?.read(name)) ?? [], get(name).data, lossTolerance));
  buffers.dispose();
  return compared;
}

async function resizeCases(file: SafetensorsFile, device: GPUDevice): Promise<GoldenResult[]> {
  const get = reader(file);
  const sizes = [
    [28, 28],
    [20, 17],
    [7, 9],
  ] as const;
  const { outputs } = await runGraph(
    device,
    targetOf(device, isSoftware(device.adapterInfo)),
    { x: get('input.resize') },
    (_graph, { x }) =>
      Object.fromEntries(
        sizes.map(([h, w]) => [`${h}x${w}`, interpolate(x as Tensor, { mode: 'linear', size: [h, w] })]),
      ),
  );
  return sizes.map(([h, w]) =>
    compare(`${h}x${w}`, outputs[`${h}x${w}`] ?? [], get(`output.resize.${h}x${w}`).data, plainTolerance),
  );
}
