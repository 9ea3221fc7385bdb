// Submits training steps and collects their losses, keeping the GPU busy without running far ahead of the person.
import { invariant } from '../errors';
import type { DeviceWatch } from './deviceWatch';
import type { Journal } from './journal';
import { NotFinite } from './notFinite';
import { randomAt, streams } from './random';
import type { Batch, PreparedData, Trainer } from './runtime';
import { batchClips, epochOrder } from './sampler';
import type { SessionState } from './sessionState';
import { tick } from './tick';

/** Steps that may be on the GPU at once; fewer when they are slow, so that Pause stays quick. */
const mostInFlight = 3;
const waitMilliseconds = 100;
const tickMilliseconds = 30;

export interface StepRunnerParts {
  readonly trainer: Trainer;
  readonly data: PreparedData;
  readonly watch: DeviceWatch;
  readonly journal: Journal;
  readonly now: () => number;
  readonly seed: number;
  readonly learningRate: (step: number) => number;
}

export class StepRunner {
  readonly #parts: StepRunnerParts;
  #submitted: number[] = [];
  #order: { epoch: number; clips: Uint32Array } | null = null;
  #ahead: { step: number; batch: Batch } | null = null;
  /** When the work began that the next losses end; null while nothing runs. */
  #since: number | null = null;
  #tickedAt: number;
  #milliseconds = 0;

  constructor(parts: StepRunnerParts) {
    this.#parts = parts;
    this.#tickedAt = parts.now();
  }

  get inFlight(): number {
    return this.#submitted.length;
  }

  /** Time of a step by the latest ones; 0 before the first. */
  get stepMilliseconds(): number {
    return this.#milliseconds;
  }

  /** Whether to wait for losses before the next step. */
  get full(): boolean {
    const few = this.#milliseconds === 0 ? 1 : Math.floor(waitMilliseconds / this.#milliseconds);
    return this.inFlight >= Math.max(1, Math.min(mostInFlight, few));
  }

  /** Submits the step after those done and submitted. */
  submit(state: SessionState): void {
    const { trainer, learningRate, now } = this.#parts;
    this.#since ??= now();
    const step = state.step + this.inFlight + 1;
    const batch = this.#ahead?.step === step ? this.#ahead.batch : this.#batchOf(state, step);
    this.#ahead = null;
    const rate = learningRate(step);
    trainer.train(batch, step, rate);
    this.#submitted.push(rate);
  }

  /**
   * Waits for the submitted steps, records them, and returns the state after them.
   * @throws NotFinite at the first loss that is not a number; DeviceLost.
   */
  async drain(state: SessionState, batchesPerEpoch: number): Promise<SessionState> {
    const count = this.inFlight;
    if (count === 0) return state;
    const { trainer, watch, journal, now } = this.#parts;
    const waiting = watch.guard(trainer.losses());
    // The next batch is made while the GPU is busy.
    const ahead = state.step + count + 1;
    if (state.position + count < batchesPerEpoch) this.#ahead = { step: ahead, batch: this.#batchOf(state, ahead) };
    const losses = await waiting;
    invariant(losses.length === count, `${losses.length} losses came back for ${count} steps`);
    const end = now();
    const milliseconds = (end - (this.#since ?? end)) / count;
    this.#since = end;
    this.#milliseconds = this.#milliseconds === 0 ? milliseconds : 0.8 * this.#milliseconds + 0.2 * milliseconds;
    const rates = this.#submitted;
    this.#submitted = [];
    let after = state;
    for (const [i, { step, loss, parts, finite }] of losses.entries()) {
      if (!finite || !Number.isFinite(loss)) throw new NotFinite(step, 'the loss');
      invariant(step === after.step + 1, `the loss of step ${step} came after step ${after.step}`);
      journal.step({ step, epoch: after.epoch, learningRate: rates[i]!, loss, parts, milliseconds });
      after = { ...after, step, position: after.position + 1, lossSum: after.lossSum + loss };
    }
    watch.check();
    if (end - this.#tickedAt > tickMilliseconds) {
      await tick();
      this.#tickedAt = now();
    }
    return after;
  }

  /** What comes next is no training: its time does not count as a step's. */
  rest(): void {
    this.#since = null;
  }

  #batchOf(state: SessionState, step: number): Batch {
    const { data, trainer, seed } = this.#parts;
    if (this.#order?.epoch !== state.epoch)
      this.#order = { epoch: state.epoch, clips: epochOrder(data.trainClips, seed, state.epoch) };
    const position = state.position + (step - state.step - 1);
    const clips = batchClips(this.#order.clips, trainer.batchSize, position);
    return data.trainBatch(clips, randomAt(seed, streams.augmentation, step));
  }
}
