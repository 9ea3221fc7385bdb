// Our engine as a row of the peer bench: `setup(device, workload)` as its README asks for.
import { isSoftware, targetOf } from '../../src/engine/device/adapter';
import { STAGING_BYTES } from '../../src/engine/device/buffers';
import { compile, plan } from '../../src/engine/device/compile';
import { shippedWinners } from '../../src/engine/device/shippedTuning';
import { Tuning, type Tuner } from '../../src/engine/device/tuning';
import { Graph } from '../../src/engine/graph/graph';
import { Parameters } from '../../src/engine/graph/parameters';
import type { Tensor } from '../../src/engine/graph/tensor';
import { explain } from '../../src/engine/passes/explain';
import { EngineTrainer } from '../../src/training/trainer/engineTrainer';
import type { NamedTensor } from '../../src/training/runtime';
import { compiledTraining, type Engine } from './engine';
import { trace, type Workload } from './workloads';

/** Traces and compiles the workload; without other tuning with the kernels that the page takes on this adapter. */
export async function setup(device: GPUDevice, w: Workload, tuning?: Tuner): Promise<Engine> {
  const known = tuning ?? (await shippedTuning(device));
  return w.kind === 'train' ? training(device, w, known) : inference(device, w, known);
}

/** What is shipped for the adapter, without trials. */
export function shippedTuning({ adapterInfo, features }: GPUDevice): Promise<Tuning> {
  const { vendor, architecture, description } = adapterInfo;
  const shipped = shippedWinners({ vendor, architecture, description, features: [...features] });
  return Tuning.open({ adapter: 'bench', shipped, measure: false });
}

async function training(device: GPUDevice, w: Workload, tuning: Tuner): Promise<Engine> {
  const { lr, b1, b2, eps, wd } = w.adamw;
  const batch = Object.fromEntries(Object.entries(w.inputs).map(([name, { data }]) => [name, data]));
  const trainer = await EngineTrainer.create(
    device,
    {
      inputs: Object.fromEntries(Object.entries(w.inputs).map(([name, { shape }]) => [name, shape])),
      loss: (p, inputs) => ({ total: trace(w, p, inputs), parts: new Map<string, Tensor>() }),
    },
    {
      batchSize: 1,
      seed: 0,
      random: () => 0.5,
      tuning,
      optimizer: { name: 'AdamW', betas: [b1, b2], epsilon: eps, weightDecay: wd, clipNorm: 0 },
    },
  );
  const weights = Object.entries({ ...w.params, ...w.buffers }).map(
    ([name, { shape, data }]): [string, NamedTensor] => [name, { dtype: 'F32', shape, data }],
  );
  trainer.restore(new Map(weights));
  let step = 0;
  return {
    async step() {
      await trainer.train([await trainer.stage(batch)], ++step, lr);
      return (await trainer.losses())[0]?.loss;
    },
    dispose: () => trainer.dispose(),
    compiled: compiledTraining(trainer),
  };
}

async function inference(device: GPUDevice, w: Workload, tuning: Tuner): Promise<Engine> {
  const graph = new Graph();
  // Weights of a model that is only run are inputs like others: then they may be halves.
  const half = w.dtype === 'f16';
  const inputs = Object.fromEntries(
    Object.entries({ ...w.inputs, ...(half && w.params) }).map(([name, { shape }]) => [
      name,
      graph.input(name, shape, 'f32', half),
    ]),
  );
  const output = trace(w, half ? null : new Parameters(graph), inputs);
  const target = { ...targetOf(device, isSoftware(device.adapterInfo)), choose: tuning.choose };
  const spec = { name: w.name, graph, results: new Map([['output', output]]) };
  let planned = plan([spec], target);
  if (await tuning.learn(device, planned.programs)) planned = plan([spec], target);
  const { programs, parameters, buffers } = await compile(device, planned);
  const program = programs[0] as (typeof programs)[number];
  for (const [name, { data }] of Object.entries(w.params)) {
    if (half) program.write(name, data);
    else parameters.write(name, data);
  }
  for (const [name, { data }] of Object.entries(w.inputs)) program.write(name, data);
  return {
    async step() {
      program.run(0, 0);
      await device.queue.onSubmittedWorkDone();
      return undefined;
    },
    async probe() {
      const values = await program.read('output');
      return (values[0] ?? NaN) + (values[values.length - 1] ?? NaN);
    },
    dispose: () => buffers.dispose(),
    compiled: {
      plannedBytes: planned.bytes + STAGING_BYTES,
      flops: program.plan.flops,
      profile: () => program.profile(),
      explain: () => explain(program.plan),
    },
  };
}
