// A 40-step training curve, and the published 16.2-million-parameter model at 243 frames.
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { compile, plan } from '../../../src/engine/device/compile';
import { Graph, type ParameterAttributes } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import { sizeOf, type Tensor } from '../../../src/engine/graph/tensor';
import { slice, reshape } from '../../../src/engine/ops/view';
import { gradients, trainable } from '../../../src/engine/passes/gradient';
import { poseLoss } from '../../../src/models/pose/loss';
import { poseModel } from '../../../src/models/pose/model';
import { stepDecay } from '../../../src/optim/schedules';
import { stageAll } from '../../../src/training/trainer/stageAll';
import { compare, worstOf, type GoldenResult } from '../../helpers/golden';
import { hashValues } from '../../helpers/hashValues';
import { initializeTo, readFixture, type PoseFixture } from './fixture';
import { trainerOf } from './modelCases';

/** Loss and rate of each step, and the output after the last. */
export async function* curveCases(folder: string, device: () => Promise<GPUDevice>): AsyncIterable<GoldenResult> {
  const fixture = readFixture(folder, 'curve');
  const { config, batch } = fixture;
  const wanted = fixture.array('loss.curve') as Float32Array;
  const rates = fixture.array('lr.curve') as Float32Array;
  const trainer = await trainerOf(await device(), fixture);
  const size = batch * config.frames * 17;
  const clips = Array.from({ length: 8 }, (_, k) => {
    const pose2d = Float32Array.from(hashValues(`cv:s${k}:pose2d`, size * config.dimIn));
    const noise = hashValues(`cv:s${k}:pose3d`, size * 3);
    const pose3d = Float32Array.from(noise, (value, i) => {
      const joint = Math.floor(i / 3);
      const x = pose2d[joint * config.dimIn] ?? 0;
      const y = pose2d[joint * config.dimIn + 1] ?? 0;
      return 0.25 * value + 0.3 * ([x, y, x * y][i % 3] ?? 0);
    });
    return { pose2d, pose3d };
  });
  const schedule = stepDecay(1e-3, 3, 0.9);
  const losses: number[] = [];
  const used: number[] = [];
  for (let step = 0; step < wanted.length; step++) {
    const rate = schedule(Math.floor(step / 8));
    used.push(rate);
    await trainer.train(await stageAll(trainer, [clips[step % 8]!]), step + 1, rate);
    losses.push((await trainer.losses())[0]?.loss ?? NaN);
  }
  const evaluation = Float32Array.from(hashValues('cv:eval:pose2d', size * config.dimIn));
  const { pose3d: output } = await trainer.predict(await trainer.stage({ pose2d: evaluation }));
  trainer.dispose();
  yield compare('pose/curve/loss', losses, wanted, { rtol: fixture.tolerance['loss.curve']?.['rtol'] ?? 0 });
  yield compare('pose/curve/rate', used, rates, { rtol: 1e-6 });
  yield compare('pose/curve/output after the last step', output!, fixture.array('output.eval_after') ?? [], {
    rtol: 2e-3,
    atol: 2e-3,
  });
}

/** Share of values that differ by at most `tolerance` decides: a neighbour more or less is allowed (spec section 5). */
function percentile(
  name: string,
  got: Float32Array,
  want: Float32Array,
  share: number,
  tolerance: number,
): GoldenResult {
  const differences = Float32Array.from(want, (value, i) => Math.abs((got[i] ?? Infinity) - value)).sort();
  const worst = differences[Math.min(want.length - 1, Math.floor(share * want.length))] ?? Infinity;
  return { name, worst, tolerance, ok: worst <= tolerance };
}

/** Evaluation and one training step of the published model, gradients by norm and first values. */
export async function* fullCases(folder: string, device: () => Promise<GPUDevice>): AsyncIterable<GoldenResult> {
  const fixture = readFixture(folder, 'full_243');
  const opened = await device();
  yield await evaluation(opened, fixture);
  yield* trainStep(opened, fixture);
  yield* threeSteps(opened, fixture);
}

async function evaluation(device: GPUDevice, fixture: PoseFixture): Promise<GoldenResult> {
  const graph = new Graph();
  const { config, batch, tolerance } = fixture;
  const pose2d = graph.input('pose2d', [batch, config.frames, 17, config.dimIn]);
  const output = poseModel(new Parameters(graph), pose2d, config, { training: false });
  const target = targetOf(device, isSoftware(device.adapterInfo));
  const { programs, parameters, buffers } = await compile(
    device,
    plan([{ name: 'eval', graph, results: new Map([['output', output]]) }], target),
  );
  initializeTo(parameters, fixture);
  programs[0]?.write('pose2d', fixture.pose2d);
  programs[0]?.run(0, 1);
  const got = (await programs[0]?.read('output')) ?? new Float32Array(0);
  buffers.dispose();
  const want = fixture.array('output.eval') as Float32Array;
  return worstOf('pose/full_243/evaluation', [
    percentile('99 %', got, want, 0.99, tolerance['output']?.['p99_abs'] ?? 0),
    percentile('all', got, want, 1, tolerance['output']?.['max_abs'] ?? 0),
  ]);
}

async function* trainStep(device: GPUDevice, fixture: PoseFixture): AsyncIterable<GoldenResult> {
  const graph = new Graph('all');
  const { config, batch, tolerance } = fixture;
  const pose2d = graph.input('pose2d', [batch, config.frames, 17, config.dimIn]);
  const pose3d = graph.input('pose3d', [batch, config.frames, 17, 3]);
  const results = new Map<string, Tensor>();
  const output = poseModel(new Parameters(graph), pose2d, config, {
    training: true,
    tap: (name, value) => {
      if (fixture.names.includes(`output.train.${name}.head`))
        results.set(`head ${name}`, slice(reshape(value, [value.size]), 0, 0, 31));
    },
  });
  const { total } = poseLoss(output, pose3d, fixture.lossWeights);
  results.set('output', output);
  results.set('loss', total);
  for (const [name, value] of graph.updates) results.set(`update ${name}`, value);
  for (const [tensor, gradient] of gradients(graph, total, trainable(graph))) {
    results.set(`grad.${(tensor.node.attributes as ParameterAttributes).name}`, gradient);
  }
  const target = targetOf(device, isSoftware(device.adapterInfo));
  const { programs, parameters, buffers } = await compile(device, plan([{ name: 'train', graph, results }], target));
  initializeTo(parameters, fixture);
  const [program] = programs;
  if (!program) return;
  program.write('pose2d', fixture.pose2d);
  program.write('pose3d', fixture.pose3d);
  program.run(0, 1);
  const norms: GoldenResult[] = [];
  const firsts: GoldenResult[] = [];
  const heads: GoldenResult[] = [];
  const statistics: GoldenResult[] = [];
  const outputs: GoldenResult[] = [];
  for (const [key, tensor] of results) {
    const got = await program.read(key);
    if (key === 'output') {
      const want = fixture.array('output.train') as Float32Array;
      outputs.push(percentile('99 %', got, want, 0.99, tolerance['output']?.['p99_abs'] ?? 0));
      outputs.push(percentile('all', got, want, 1, tolerance['output']?.['max_abs'] ?? 0));
    } else if (key === 'loss')
      outputs.push(compare('loss', got, fixture.array('loss.total') as Float32Array, tolerance['loss'] ?? {}));
    else if (key.startsWith('head ')) {
      const want = fixture.array(`output.train.${key.slice(5)}.head`) as Float32Array;
      heads.push(percentile(key, got, want.slice(1), 0.9, 1e-3));
    } else if (key.startsWith('update ')) {
      const want = fixture.array(`after_forward.${key.slice(7)}`) as Float32Array;
      statistics.push(compare(key, got.slice(0, want.length), want, { rtol: 1e-3, atol: 1e-4 }));
    } else {
      const want = fixture.array(key) as Float32Array;
      const norm = Math.hypot(...chunkNorms(got));
      norms.push(compare(key, [norm], want.slice(0, 1), { rtol: tolerance['grad']?.['norm_rtol'] ?? 0 }));
      const first = want.slice(1, 1 + Math.min(8, sizeOf(tensor.shape)));
      const largest = first.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const allowed = 1e-2 * largest + 1e-4 * (want[0] ?? 0);
      const { worst } = compare(key, got.slice(0, first.length), first, { atol: 1 });
      firsts.push({ name: key, worst: worst / allowed, tolerance: 1, ok: worst <= allowed });
    }
  }
  buffers.dispose();
  yield worstOf('pose/full_243/training output and loss', outputs);
  yield worstOf('pose/full_243/layer outputs', heads);
  yield worstOf('pose/full_243/running statistics', statistics);
  yield worstOf('pose/full_243/gradient norms', norms);
  yield worstOf('pose/full_243/first gradient values', firsts);
}

/** Three steps of the trainer with every layer recomputed: finite losses from the recorded one on, memory as planned. */
async function* threeSteps(device: GPUDevice, fixture: PoseFixture): AsyncIterable<GoldenResult> {
  const trainer = await trainerOf(device, fixture, { recompute: 'all', predictions: false });
  const batch = { pose2d: fixture.pose2d, pose3d: fixture.pose3d };
  for (let step = 1; step <= 3; step++) await trainer.train([await trainer.stage(batch)], step, 5e-4);
  const losses = (await trainer.losses()).map(({ loss }) => loss);
  const { plannedPeakBytes, parameters } = trainer.plan;
  const live = trainer.livePeakBytes;
  trainer.dispose();
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  const first = losses.slice(0, 1);
  const loss = compare('', first, fixture.array('loss.total') ?? [], fixture.tolerance['loss'] ?? {});
  const note = `[${losses.map((one) => one.toFixed(4)).join(' ')}]`;
  yield {
    ...loss,
    name: `pose/full_243/three steps ${note}`,
    ok: loss.ok && losses.length === 3 && losses.every(Number.isFinite),
  };
  const planned = `${parameters} parameters, plan ${mebibytes(plannedPeakBytes)} MiB of 700`;
  yield {
    name: `pose/full_243/${planned}`,
    worst: plannedPeakBytes,
    tolerance: 700 * 2 ** 20,
    ok: plannedPeakBytes < 700 * 2 ** 20,
  };
  const off = Math.abs(live / plannedPeakBytes - 1);
  yield { name: `pose/full_243/live peak ${mebibytes(live)} MiB`, worst: off, tolerance: 0.05, ok: off <= 0.05 };
}

/** Euclidean norms of pieces, so that no argument list grows too long. */
function chunkNorms(values: Float32Array): number[] {
  const norms: number[] = [];
  for (let start = 0; start < values.length; start += 4096) {
    let sum = 0;
    for (let i = start; i < Math.min(values.length, start + 4096); i++) sum += (values[i] ?? 0) ** 2;
    norms.push(Math.sqrt(sum));
  }
  return norms;
}
