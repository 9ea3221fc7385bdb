// Narrow FG-CLIP over videos: both paths of regions, two micro-batches, three steps in four groups of parameters.
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { groupDecays, groupRates, parameterGroup } from '../../../src/models/fgclip-vad/parameterGroups';
import { EngineTrainer } from '../../../src/training/trainer/engineTrainer';
import { stageAll } from '../../../src/training/trainer/stageAll';
import { compare, worstOf, type GoldenResult } from '../../helpers/golden';
import type { OpenDevice } from '../group';
import {
  compareAfterStep,
  compareGradients,
  compareKeys,
  compareToLargest,
  compareUntouched,
} from '../../helpers/recorded';
import type { Recording } from '../../helpers/recording';
import { startFrom } from '../../helpers/startFrom';
import { traceLoss, type TraceLossOptions } from '../../helpers/traceLoss';
import { readFixture, selectRows, type FgclipFixture } from './fixture';
import { inputShapes, inputsOf, videoModel, type RegionPath } from './videoModel';

/** Recorded values that hold only the regions that count. */
const selected = new Set(['region_embeds', 'region_text_embeds']);

/** One of both recordings; recomputation and the other kernel variants are tried on the first. */
export async function* videoCases(file: Recording, device: OpenDevice): AsyncIterable<GoldenResult> {
  const path = file.has('input.m0.region_videos') ? 'clips' : 'roi';
  const fixture = readFixture(file);
  const opened = await device();
  const base = targetOf(opened, isSoftware(opened.adapterInfo));
  const ways: Record<string, Partial<TraceLossOptions>> = {
    '': {},
    ...(path === 'roi' && {
      'recomputed: ': { recompute: 'all' },
      'other variants: ': { target: { ...base, software: !base.software } },
    }),
  };
  for (const [way, options] of Object.entries(ways)) yield* firstStep(opened, fixture, path, way, options);
  yield* optimizerSteps(opened, fixture, path);
}

async function* firstStep(
  device: GPUDevice,
  fixture: FgclipFixture,
  path: RegionPath,
  way: string,
  options: Partial<TraceLossOptions>,
): AsyncIterable<GoldenResult> {
  const { recorded } = fixture;
  const traced = await traceLoss(device, { weight: recorded.weight, ...options }, (p, graph) => {
    const inputs = Object.entries(inputShapes(fixture, path)).map(([key, one]) => {
      const { shape, dtype } = 'shape' in one ? one : { shape: one, dtype: undefined };
      return [key, graph.input(key, shape, dtype)] as const;
    });
    const { inside, total, parts } = videoModel(p, Object.fromEntries(inputs), fixture, path);
    return { ...inside, ...Object.fromEntries(parts), loss: total };
  });
  const results: GoldenResult[] = [];
  const sums = new Map<string, Float32Array>();
  for (const micro of [0, 1]) {
    traced.write(inputsOf(fixture, micro, path));
    traced.run();
    const prefix = `output.m${micro}.`;
    for (const key of recorded.names.filter((one) => one.startsWith(prefix) && !one.endsWith('region_select'))) {
      const ours = key.slice(prefix.length);
      const got = await traced.read(ours);
      const rows = recorded.wholes(`${prefix}region_select`);
      const kept = selected.has(ours) ? selectRows(got, rows, fixture.config.features) : got;
      results.push(compareToLargest(key, kept, recorded.floats(key), 1e-4));
    }
    for (const [ours, theirs] of Object.entries({ loss: 'total', global: 'global', region: 'region' }))
      results.push(
        compareToLargest(
          `${theirs} ${micro}`,
          await traced.read(ours),
          recorded.floats(`loss.m${micro}.${theirs}`),
          1e-4,
        ),
      );
    for (const [key, gradient] of await traced.gradients()) {
      const before = sums.get(key);
      sums.set(
        key,
        gradient.map((value, i) => value / 2 + (before?.[i] ?? 0)),
      );
    }
  }
  yield worstOf(`${way}outputs and losses`, results);
  yield worstOf(`${way}gradients`, compareGradients(recorded, sums, 1e-3));
  yield compareUntouched(recorded, sums);
  yield compareKeys(`${way}names`, recorded, traced.shapes, unused);
  traced.dispose();
}

/** Parameters that upstream registers for what this recording does not do. */
const unused = /^(logit_scale_hardneg|roi_projection\.weight)$/;

async function* optimizerSteps(
  device: GPUDevice,
  fixture: FgclipFixture,
  path: RegionPath,
): AsyncIterable<GoldenResult> {
  const { recorded } = fixture;
  const definition = {
    inputs: inputShapes(fixture, path),
    loss: (p: Parameters<typeof videoModel>[0], inputs: Parameters<typeof videoModel>[1]) =>
      videoModel(p, inputs, fixture, path),
  };
  const trainer = await EngineTrainer.create(device, definition, {
    batchSize: fixture.upstream.B,
    accumulation: 2,
    seed: 0,
    random: Math.random,
    optimizer: {
      name: 'AdamW',
      betas: [0.9, 0.999],
      epsilon: 1e-8,
      weightDecay: 0.1,
      clipNorm: 1,
      groupOf: parameterGroup,
      groups: groupDecays(0.1),
    },
  });
  await startFrom(trainer, recorded);
  const steps: GoldenResult[] = [];
  const after: GoldenResult[] = [];
  for (let step = 1; step <= 3; step++) {
    const batches = [0, 1].map((micro) => inputsOf(fixture, micro, path));
    await trainer.train(await stageAll(trainer, batches), step, groupRates(1e-3, 5e-4));
    const [record] = await trainer.losses();
    const [loss, norm] = [record?.loss ?? NaN, record?.gradientNorm ?? NaN];
    steps.push(
      compare(`loss ${step}`, [loss], recorded.floats(`loss.step${step}`), { rtol: 1e-4 }),
      compare(`norm ${step}`, [norm], recorded.floats(`output.grad_norm_step${step}`), { rtol: 1e-3 }),
    );
    after.push(...compareAfterStep(recorded, step, await trainer.weights(), 5e-5));
  }
  trainer.dispose();
  yield worstOf('steps', steps);
  yield worstOf(
    'after steps',
    after.filter((one) => !unused.test(one.name.replace(/^after\d\.(.*) is missing$/, '$1'))),
  );
}
