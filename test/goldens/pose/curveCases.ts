// A training curve: loss and rate of every step, and the output after the last.
import { exponential, stepDecay, type Schedule } from '../../../src/optim/schedules';
import { stageAll } from '../../../src/training/trainer/stageAll';
import { compare, type GoldenResult } from '../../helpers/golden';
import { hashValues } from '../../helpers/hashValues';
import { toleranceOf, type Recording } from '../../helpers/recording';
import type { OpenDevice } from '../group';
import { trainerOf } from '../steps';
import { recordedPose } from './model';

interface Recipe {
  readonly optimizer: string;
  readonly lr: number;
  readonly scheduler: string;
  readonly steps_per_epoch: number;
}

/** The number that follows a word in a text. */
function numberAfter(word: string, text: string): number {
  const found = new RegExp(`${word}\\s*=?\\s*([\\d.][\\d.e-]*)`).exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${word} in "${text}"`);
  return Number(found);
}

/** Rates by epoch. */
function scheduleOf({ lr, scheduler }: Recipe): Schedule {
  const gamma = numberAfter('gamma', scheduler);
  if (scheduler.startsWith('StepLR')) return stepDecay(lr, numberAfter('step', scheduler), gamma);
  if (scheduler.startsWith('ExponentialLR')) return exponential(lr, gamma);
  throw new Error(`the schedule "${scheduler}" is not known here`);
}

/** The batches as the notes describe them, drawn from hash values under names that they quote. */
function batchesOf({ notes }: Recording, tokens: number, channels: number) {
  const quoted = (pattern: RegExp): string => {
    const found = pattern.exec(notes)?.[1];
    if (found === undefined) throw new Error(`the notes name no ${pattern.source}`);
    return found;
  };
  const [name2d, name3d] = [quoted(/pose2d ?= ?u\("([^"]+)"\)/), quoted(/u\("([^"]+pose3d)"\)/)];
  const [noise, slope] = [quoted(/pose3d ?= ?([\d.]+)\*u/), quoted(/\+ ?([\d.]+)\*\(x, y, x\*y\)/)].map(Number);
  return {
    training(number: number) {
      const pose2d = Float32Array.from(hashValues(name2d.replace('<k>', String(number)), tokens * channels));
      const pose3d = Float32Array.from(hashValues(name3d.replace('<k>', String(number)), tokens * 3), (value, i) => {
        const at = Math.floor(i / 3) * channels;
        const [x, y] = [pose2d[at]!, pose2d[at + 1]!];
        return noise! * value + slope! * [x, y, x * y][i % 3]!;
      });
      return { pose2d, pose3d };
    },
    evaluation: () => Float32Array.from(hashValues(quoted(/output on u\("([^"]+)"\)/), tokens * channels)),
  };
}

/** Trains as recorded. */
export async function* curveCases(file: Recording, open: OpenDevice): AsyncIterable<GoldenResult> {
  const recipe = file.json<Recipe>('recipe');
  const {
    batch,
    n_frames: frames,
    dim_in: channels,
  } = file.json<Record<'batch' | 'n_frames' | 'dim_in', number>>('config');
  const model = recordedPose(file, {
    optimizer: {
      name: recipe.optimizer.startsWith('AdamW') ? 'AdamW' : 'Adam',
      betas: [0.9, 0.999],
      epsilon: 1e-8,
      weightDecay: numberAfter('wd', recipe.optimizer),
      clipNorm: 0,
    },
    rate: recipe.lr,
    accumulation: 1,
    steps: 0,
    batchSize: batch,
  });
  const batches = batchesOf(file, batch * frames * 17, channels);
  const schedule = scheduleOf(recipe);
  const trainer = await trainerOf(await open(), model);
  const wanted = file.want('loss.curve');
  const [losses, rates]: [number[], number[]] = [[], []];
  for (let step = 0; step < wanted.length; step++) {
    const rate = schedule(Math.floor(step / recipe.steps_per_epoch));
    rates.push(rate);
    await trainer.train(await stageAll(trainer, [batches.training(step % recipe.steps_per_epoch)]), step + 1, rate);
    losses.push((await trainer.losses())[0]?.loss ?? NaN);
  }
  await trainer.predicts;
  const { pose3d: output } = await trainer.predict(await trainer.stage({ pose2d: batches.evaluation() }));
  trainer.dispose();
  const tolerance = toleranceOf(file.json<Record<string, object>>('tolerance')['loss.curve']);
  yield compare('loss', losses, wanted, tolerance);
  yield file.compare('loss.curve_float64', losses, tolerance);
  // The file holds rates in f32.
  yield file.compare('lr.curve', rates, { rtol: 1e-7 });
  yield file.compare('output.eval_after', output!, outputTolerance);
}

/** The file states none; the models' files allow this of outputs after their last step. */
const outputTolerance = { rtol: 1e-4, atol: 2e-5 };
