// The published networks at full size, 8 frames of 224 × 224: outputs, running statistics, and gradients by their norms.
import type { GoldenResult } from '../../helpers/golden';
import { compare, compareLengths, worstOf } from '../../helpers/golden';
import { readFixture, type MntsmFixture } from './fixture';
import { traceModel, type Traced } from './trace';

const fullFiles = ['full_small_050', 'full_small', 'full_medium'];

/** Every published network whose name holds `only`: an evaluation and one training step. */
export async function* fullCases(
  folder: string,
  device: () => Promise<GPUDevice>,
  only = '',
): AsyncIterable<GoldenResult> {
  for (const file of fullFiles) {
    const name = `mntsm/${file}`;
    if (only !== '' && !`${name}/`.includes(only) && !only.startsWith(`${name}/`)) continue;
    const fixture = readFixture(folder, file);
    const opened = await device();
    yield* evaluation(opened, fixture, name);
    yield* trainingStep(opened, fixture, name);
  }
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** Whole features, the weights of frames, the logit. */
async function outputs(traced: Traced, fixture: MntsmFixture, mode: 'eval' | 'train'): Promise<GoldenResult[]> {
  const want = (name: string): Float32Array => fixture.array(`output.${mode}.${name}`) ?? new Float32Array(0);
  return [
    compareLengths('features', await traced.read('features'), want('features'), 1e-3),
    compareLengths('alpha', await traced.read('alpha'), want('alpha'), 1e-3),
    compare('logit', await traced.read('logit'), want('logit'), { rtol: 1e-3, atol: 1e-3 }),
  ];
}

/** Of each block the norm and the first values of the first channel; ours has the channels last. */
async function blocks(traced: Traced, fixture: MntsmFixture, mode: 'eval' | 'train'): Promise<GoldenResult[]> {
  const results: GoldenResult[] = [];
  for (const name of traced.names.filter((one) => one.startsWith('block '))) {
    const block = name.slice('block '.length);
    const want = fixture.array(`output.${mode}.${block.replace(/^blocks/, 'block')}`) ?? new Float32Array(0);
    const got = await traced.read(name);
    const channels = traced.channels(name);
    results.push(compare(`${block} norm`, [norm(got)], want.slice(0, 1), { rtol: 1e-3 }));
    const first = Float32Array.from({ length: 8 }, (_, i) => got[i * channels] ?? NaN);
    const spread = (want[0] ?? 0) / Math.sqrt(got.length);
    results.push(compare(`${block} first`, first, want.slice(1), { rtol: 1e-3, atol: 1e-3 * spread }));
  }
  return results;
}

async function* evaluation(device: GPUDevice, fixture: MntsmFixture, label: string): AsyncIterable<GoldenResult> {
  const traced = await traceModel(device, fixture, { training: false, blocks: true });
  traced.run(0);
  const results = [...(await outputs(traced, fixture, 'eval')), ...(await blocks(traced, fixture, 'eval'))];
  traced.dispose();
  yield worstOf(`${label}/evaluation`, results);
}

async function* trainingStep(device: GPUDevice, fixture: MntsmFixture, label: string): AsyncIterable<GoldenResult> {
  const traced = await traceModel(device, fixture, { training: true, blocks: true });
  traced.run(0);
  const want = (name: string): Float32Array => fixture.array(name) ?? new Float32Array(0);
  const loss = compare('loss', await traced.read('loss'), want('loss.train'), { rtol: 1e-3 });
  yield worstOf(`${label}/training output and loss`, [
    loss,
    ...(await outputs(traced, fixture, 'train')),
    ...(await blocks(traced, fixture, 'train')),
  ]);
  yield worstOf(`${label}/running statistics`, await statistics(traced, fixture));
  const [norms, firsts]: [GoldenResult[], GoldenResult[]] = [[], []];
  let total = 0;
  for (const name of fixture.names.filter((one) => one.startsWith('grad.'))) {
    const key = name.slice('grad.'.length);
    const got = await traced.read(`grad ${key}`);
    const recorded = want(name);
    const length = norm(got);
    total += length ** 2;
    if (fixture.dead.has(key)) continue;
    norms.push(compare(key, [length], recorded.slice(0, 1), { rtol: 1e-2 }));
    const first = recorded.slice(1, 1 + Math.min(8, got.length));
    const allowed = (0.1 * (recorded[0] ?? 0)) / Math.sqrt(got.length);
    const { worst } = compare(key, got.slice(0, first.length), first, { atol: 1 });
    firsts.push({ name: key, worst: worst / allowed, tolerance: 1, ok: worst <= allowed });
  }
  traced.dispose();
  yield compare(`${label}/norm of all gradients`, [Math.sqrt(total)], [fixture.totalGradientNorm], { rtol: 5e-3 });
  yield worstOf(`${label}/gradient norms`, norms);
  yield worstOf(`${label}/first gradient values`, firsts);
}

async function statistics(traced: Traced, fixture: MntsmFixture): Promise<GoldenResult[]> {
  const results: GoldenResult[] = [];
  for (const name of fixture.names) {
    if (!name.startsWith('output.stats1.') || name.endsWith('num_batches_tracked')) continue;
    const key = name.slice('output.stats1.'.length);
    const update = `update ${key}`;
    const got = traced.names.includes(update) ? await traced.read(update) : fixture.weight(key);
    const want = fixture.array(name) ?? new Float32Array(0);
    results.push(compare(`${key} norm`, [norm(got)], want.slice(0, 1), { rtol: 1e-4 }));
    results.push(compare(key, got.slice(0, 8), want.slice(1), { rtol: 1e-4, atol: 1e-5 }));
  }
  return results;
}
