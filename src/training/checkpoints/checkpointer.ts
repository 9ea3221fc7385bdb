// Decides when a checkpoint is due, takes it from the trainer, and brings the trainer back to the newest good one.
import type { DeviceWatch } from '../session/deviceWatch';
import { NotFinite } from '../session/notFinite';
import type { RunContext } from '../session/runContext';
import type { ReadableTensor, Trainer } from '../runtime';
import type { SessionState } from '../session/sessionState';
import { areFinite, restoreState } from '../trainer/stateTensors';

/**
 * The first is due soon, since what goes wrong often does so at once; each next one after twice the time, up to the
 * longest. Never before twenty times what the last one cost.
 */
const firstSeconds = 2;
const longestSeconds = 30;
const dueShare = 20;

export class Checkpointer {
  readonly #run: RunContext;
  readonly #trainer: Trainer;
  readonly #watch: DeviceWatch;
  #step: number;
  #at: number;
  #cost = 0;
  #seconds = firstSeconds;
  #toldRefusal = false;

  /** `step` is that of the checkpoint which the trainer was restored from, -1 for none. */
  constructor(run: RunContext, trainer: Trainer, watch: DeviceWatch, step: number) {
    this.#run = run;
    this.#trainer = trainer;
    this.#watch = watch;
    this.#step = step;
    this.#at = run.host.now();
  }

  /** Whether the newest checkpoint is of the present step. */
  get current(): boolean {
    return this.#step === this.#run.state.step;
  }

  get due(): boolean {
    if (this.current) return false;
    const { state, loop, host } = this.#run;
    if (loop.checkpointEvery > 0 && state.step - this.#step >= loop.checkpointEvery) return true;
    return host.now() - this.#at >= Math.max(this.#seconds * 1000, dueShare * this.#cost);
  }

  /**
   * Writes a checkpoint of the present state, and the run's record after it.
   * @throws NotFinite when a weight is not a finite number: such a state is never kept.
   */
  async save(): Promise<void> {
    const run = this.#run;
    const started = run.host.now();
    run.state = { ...run.state, settings: run.settings, seconds: run.clock.seconds };
    const state = this.#trainer.state();
    const weights = state.weights.map((tensor) => this.#checked(tensor));
    const optimizerState = run.state.step === 0 ? null : state.optimizerState.map((tensor) => this.#checked(tensor));
    // The record goes first: after a crash in between, steps too many can be dropped, but none invented.
    await run.journal.save();
    const saved = await run.checkpoints.save({ state: run.state, weights, optimizerState }, run.ending !== null);
    run.journal.checkpoint(saved);
    if (saved.refused && !this.#toldRefusal)
      run.journal.notice(saved.refused.code, saved.refused.message, saved.refused.detail);
    this.#toldRefusal = saved.refused !== null;
    run.recoveries.saved(saved.step);
    // The one of step 0 is no progress that a loss could take.
    if (saved.step > 0) this.#seconds = Math.min(longestSeconds, 2 * this.#seconds);
    this.#step = saved.step;
    this.#at = run.host.now();
    this.#cost = this.#at - started;
    await run.journal.save();
  }

  /** Reading it ends with the device, and throws NotFinite. */
  #checked(tensor: ReadableTensor): ReadableTensor {
    const { step } = this.#run.state;
    const read: ReadableTensor['read'] = async (begin, end) => {
      const values = await this.#watch.guard(tensor.read(begin, end));
      if (!areFinite(values)) throw new NotFinite(step, tensor.name);
      return values;
    };
    return { ...tensor, read };
  }

  /** Puts the newest good checkpoint back after a loss that was not finite, and halves all learning rates. */
  async goBack({ step, message }: NotFinite): Promise<void> {
    const run = this.#run;
    run.recoveries.notFinite(step, Math.max(...run.rates(step)));
    const checkpoint = await newestCheckpoint(run);
    if (!checkpoint) throw new NotFinite(step, message);
    await this.#watch.guard(restoreState(this.#trainer.state(), checkpoint));
    const factor = run.state.rateFactor / 2;
    run.state = { ...run.state, rateFactor: factor };
    returnTo(run, checkpoint.state);
    this.#step = run.state.step;
    run.journal.notice(
      'restored-not-finite',
      `The loss at step ${step} was not a finite number: back to step ${run.state.step}. From here on learning rates are ${factor} of what the settings say.`,
      { step, backTo: run.state.step, factor, learningRate: Math.max(...run.rates(run.state.step + 1)) },
    );
  }
}

/** The newest checkpoint that can be read; the person hears of those that cannot. */
export async function newestCheckpoint(run: RunContext) {
  return await run.checkpoints.newest((step, error) => {
    run.journal.notice('checkpoint-broken', `The checkpoint of step ${step} cannot be read; an older one is taken.`, {
      step,
      reason: error.message,
    });
  });
}

/** Takes the run back to a former state; settings, the factor on rates and reasons to end are those of now. */
export function returnTo(run: RunContext, state: SessionState): void {
  const here = state.step === run.state.step && state.epoch === run.state.epoch;
  run.state = { ...state, settings: run.settings, rateFactor: run.state.rateFactor };
  run.journal.rewind(run.state);
  if (!here) run.ending = null;
  if (run.evaluated && run.evaluated.step > state.step) run.evaluated = null;
}
