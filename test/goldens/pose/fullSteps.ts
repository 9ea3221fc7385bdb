// Steps of the published model with every layer recomputed: its loss from the recorded one on, memory as planned.
import type { ModelDefinition } from '../../../src/training/trainer/planTraining';
import { compare, type GoldenResult } from '../../helpers/golden';
import type { GoldenModel } from '../model';
import { trainerOf } from '../steps';

const MOST_BYTES = 700 * 2 ** 20;
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

/** Three steps: the first loss is recorded, the others finite; the plan within a budget, and kept. */
export async function* fullSteps(model: GoldenModel, device: GPUDevice): AsyncIterable<GoldenResult> {
  const { definition: whole } = model;
  // Nobody asks for predictions: the program for them is left out of the plan.
  const definition: ModelDefinition = { inputs: whole.inputs, loss: (p, inputs) => whole.loss(p, inputs) };
  const trainer = await trainerOf(device, { ...model, definition }, { recompute: 'all' });
  for (let step = 1; step <= 3; step++) await trainer.train([await trainer.stage(model.batch(0))], step, 5e-4);
  const losses = (await trainer.losses()).map((one) => one.loss);
  const { plannedPeakBytes, parameters } = trainer.plan;
  const live = trainer.livePeakBytes;
  trainer.dispose();
  const first = compare('', losses.slice(0, 1), model.recording.want('loss.total'), model.lossTolerance);
  yield {
    ...first,
    name: `three steps [${losses.map((one) => one.toFixed(4)).join(' ')}]`,
    ok: first.ok && losses.length === 3 && losses.every(Number.isFinite),
  };
  yield {
    ...compare('', [plannedPeakBytes], [0], { atol: MOST_BYTES }),
    name: `${parameters} parameters, plan ${mebibytes(plannedPeakBytes)} MiB of ${mebibytes(MOST_BYTES)}`,
  };
  yield compare(`live peak ${mebibytes(live)} MiB`, [live], [plannedPeakBytes], { rtol: 0.05 });
}
