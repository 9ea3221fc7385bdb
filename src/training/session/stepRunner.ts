// Submits training steps and collects their losses, keeping the GPU busy without running far ahead of the person.
import { invariant } from '../../errors';
import { heardLater } from '../../frames/heardLater';
import type { DeviceWatch } from './deviceWatch';
import type { Journal } from './journal';
import { NotFinite } from './notFinite';
import { randomAt, streams } from '../../samples/random';
import type { Batch, PreparedData, StagedBatch, StepLoss, Trainer } from '../runtime';
import { batchClips, batchesPerEpoch, epochOrder } from '../../samples/sampler';
import type { StepRecord, StepWaits } from '../protocol';
import type { SessionState } from './sessionState';
import { releaseLater, stageAll } from '../trainer/stageAll';
import { tick } from './tick';

/** Steps that may be on the GPU at once: what it is done with in this time, so that Pause stays quick. */
const waitMilliseconds = 100;
/** However fast they are; a quarter of those whose outcomes are kept. */
const mostInFlight = 16;
const tickMilliseconds = 30;

export interface StepRunnerParts {
  readonly trainer: Trainer;
  readonly data: PreparedData;
  readonly watch: DeviceWatch;
  readonly journal: Journal;
  readonly now: () => number;
  readonly seed: number;
  /** Batches per step. */
  readonly accumulation: number;
  /** Of all parameter groups. */
  readonly rates: (step: number) => readonly number[];
}

const nothingYet = () => ({ data: 0, submit: 0, gpu: 0 });

export class StepRunner {
  readonly #parts: StepRunnerParts;
  /** Largest learning rates of the steps that wait, and of those whose losses are being read. */
  #submitted: number[] = [];
  #collecting: { readonly rates: readonly number[]; readonly losses: Promise<readonly StepLoss[]> } | null = null;
  #order: { epoch: number; clips: Uint32Array } | null = null;
  /** The next step's batches on their way to the GPU. */
  #ahead: { readonly step: number; readonly batches: Promise<readonly StagedBatch[]> } | null = null;
  /** When the work began that the next losses end; null while nothing runs. */
  #since: number | null = null;
  #tickedAt: number;
  #milliseconds = 0;
  /** How often losses were read. */
  #lots = 0;
  /** Since losses were read last. */
  #waits = nothingYet();

  constructor(parts: StepRunnerParts) {
    this.#parts = parts;
    this.#tickedAt = parts.now();
  }

  get inFlight(): number {
    return this.#submitted.length + (this.#collecting?.rates.length ?? 0);
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

  /**
   * Submits the step after those done and in flight, once its batches are on the GPU.
   * @throws UserError for a file that went bad; DeviceLost.
   */
  async submit(state: SessionState): Promise<void> {
    const { trainer, rates, now, watch } = this.#parts;
    this.#since ??= now();
    const step = state.step + this.inFlight + 1;
    this.#stage(state, step);
    const asked = now();
    const batches = await watch.guard(this.#ahead!.batches);
    const begun = now();
    this.#waits.data += begun - asked;
    this.#ahead = null;
    const all = rates(step);
    const training = watch.guard(trainer.train(batches, step, all));
    // The next step's batches are made while JavaScript waits for its part in this one.
    if (trainer.hasHostStage === true && !this.#isLast(state, step)) this.#stage(state, step + 1);
    await training;
    this.#waits.submit += now() - begun;
    this.#submitted.push(Math.max(...all));
    this.#collect();
  }

  /** Shows the loss of the first step while its gradient's kernels are compiled; the step itself comes later. */
  async foretell(state: SessionState): Promise<void> {
    const { trainer, rates, watch, journal } = this.#parts;
    if (!trainer.foretell) return;
    const step = state.step + 1;
    this.#stage(state, step);
    const losses = await watch.guard(trainer.foretell(await watch.guard(this.#ahead!.batches), step));
    if (!losses || !Number.isFinite(losses.loss)) return;
    const learningRate = Math.max(...rates(step));
    journal.emit({
      type: 'firstLoss',
      record: { step, epoch: state.epoch, learningRate, ...losses, milliseconds: NaN },
    });
  }

  /**
   * Waits for the oldest steps in flight, records them, and returns the state after them.
   * @throws NotFinite at the first loss that is not a number; DeviceLost.
   */
  async advance(state: SessionState, stepsPerEpoch: number): Promise<SessionState> {
    const { watch, now } = this.#parts;
    if (!this.#collecting) return state;
    const { rates, losses } = this.#collecting;
    // The next step's batches are made while the GPU is busy.
    if (state.position + this.inFlight < stepsPerEpoch) this.#stage(state, state.step + this.inFlight + 1);
    const asked = now();
    const read = await losses;
    this.#collecting = null;
    this.#collect();
    const end = now();
    this.#waits.gpu += end - asked;
    const milliseconds = (end - (this.#since ?? end)) / rates.length;
    this.#since = end;
    // The first steps on a device are slow (drivers compile on first use) and say little about the others.
    const former = this.#lots > 1 ? this.#milliseconds : milliseconds;
    this.#milliseconds = 0.8 * former + 0.2 * milliseconds;
    this.#lots += 1;
    const after = await this.#record(state, read, rates, { milliseconds, waits: this.#takeWaits(rates.length) });
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
    this.#waits = nothingYet();
  }

  /** Lets go of the batches that wait for a step which is not going to come. */
  async release(): Promise<void> {
    const ahead = this.#ahead;
    this.#ahead = null;
    if (ahead) await releaseLater(ahead.batches);
  }

  /** Begins to bring a step's batches to the GPU, unless they are on their way. */
  #stage(state: SessionState, step: number): void {
    if (this.#ahead?.step === step) return;
    void this.release();
    const batches = heardLater(stageAll(this.#parts.trainer, this.#batchesOf(state, step)));
    this.#ahead = { step, batches };
  }

  /** Begins to read the losses of the steps that wait, so that reading one lot overlaps with computing the next. */
  #collect(): void {
    if (this.#collecting || this.#submitted.length === 0) return;
    const { trainer, watch } = this.#parts;
    const losses = heardLater(watch.guard(trainer.losses()));
    this.#collecting = { rates: this.#submitted, losses };
    this.#submitted = [];
  }

  async #record(
    state: SessionState,
    losses: readonly StepLoss[],
    rates: readonly number[],
    times: Pick<StepRecord, 'milliseconds' | 'waits'>,
  ): Promise<SessionState> {
    const { journal, trainer } = this.#parts;
    const { liveBytes: heldBytes } = trainer;
    invariant(losses.length === rates.length, `${losses.length} losses came back for ${rates.length} steps`);
    let after = state;
    for (const [i, { step, loss, parts, finite, skipped, gradientNorm }] of losses.entries()) {
      if (!finite || !Number.isFinite(loss)) {
        // The steps behind it learnt from broken weights: nobody wants their losses.
        await this.#collecting?.losses;
        throw new NotFinite(step, 'the loss');
      }
      invariant(step === after.step + 1, `the loss of step ${step} came after step ${after.step}`);
      const learningRate = rates[i]!;
      const { epoch } = after;
      const more = { ...(skipped === true && { skipped }), ...(gradientNorm !== undefined && { gradientNorm }) };
      journal.step({ step, epoch, learningRate, loss, parts, ...times, ...more, heldBytes });
      after = { ...after, step, position: after.position + 1, lossSum: after.lossSum + loss };
    }
    return after;
  }

  /** Of each of the steps whose losses have come. */
  #takeWaits(steps: number): StepWaits {
    const { data, submit, gpu } = this.#waits;
    this.#waits = nothingYet();
    return { data: data / steps, submit: submit / steps, gpu: gpu / steps };
  }

  /** As many batches as accumulate; what is left at the end of an epoch makes a step of its own. */
  #batchesOf(state: SessionState, step: number): Batch[] {
    const { data, trainer, seed, accumulation } = this.#parts;
    if (this.#order?.epoch !== state.epoch) this.#order = { epoch: state.epoch, clips: this.#orderOf(state.epoch) };
    const position = state.position + (step - state.step - 1);
    const { clips } = this.#order;
    const first = position * accumulation;
    const count = Math.min(accumulation, batchesPerEpoch(data.trainClips, trainer.batchSize) - first);
    return Array.from({ length: count }, (_, k) => {
      const random = randomAt(seed, streams.augmentation, (step - 1) * accumulation + k + 1);
      return data.trainBatch(batchClips(clips, trainer.batchSize, first + k), random);
    });
  }

  /** Whether an epoch ends with this step. */
  #isLast(state: SessionState, step: number): boolean {
    const { data, trainer, accumulation } = this.#parts;
    const position = state.position + (step - state.step);
    return position >= Math.ceil(batchesPerEpoch(data.trainClips, trainer.batchSize) / accumulation);
  }

  #orderOf(epoch: number): Uint32Array {
    const { data, seed } = this.#parts;
    const order = data.trainOrder?.(seed, epoch) ?? epochOrder(data.trainClips, seed, epoch);
    invariant(order.length === data.trainClips, `an epoch of ${data.trainClips} clips takes ${order.length}`);
    return order;
  }
}
