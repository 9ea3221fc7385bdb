// The epochs of a run on one device: steps, validations, checkpoints, and answers to the person between them.
import { Checkpointer } from '../checkpoints/checkpointer';
import type { DeviceWatch } from './deviceWatch';
import { afterValidation, isBetter, shouldStop } from './earlyStop';
import { evaluate } from './evaluate';
import { countOf } from '../../formats/storedTensor';
import { NotFinite } from './notFinite';
import type { EpochRecord, Metrics } from '../protocol';
import type { RunContext } from './runContext';
import type { Evaluation, Trainer } from '../runtime';
import { StepRunner } from './stepRunner';
import { heldState, restoreState, type HeldState } from '../trainer/stateTensors';

/** How long the first step waits for the validation before it; of small models, since these can be put aside in memory. */
const soonMilliseconds = 500;
const lightBytes = 64 * 2 ** 20;

export class TrainLoop {
  readonly #run: RunContext;
  readonly #trainer: Trainer;
  readonly #watch: DeviceWatch;
  readonly #checkpointer: Checkpointer;
  #runner: StepRunner;
  /** The run stands after a single step. */
  #single = false;
  /** Predictions can be made; training may have gone ahead of that. */
  #predicts = false;
  /** The person stopped in the midst of a validation: the run ends without another one. */
  #abandoned = false;

  /** `savedStep` is the step of the checkpoint that the trainer was restored from, -1 for none. */
  constructor(run: RunContext, trainer: Trainer, watch: DeviceWatch, savedStep: number) {
    this.#run = run;
    this.#trainer = trainer;
    this.#watch = watch;
    this.#checkpointer = new Checkpointer(run, trainer, watch, savedStep);
    this.#runner = this.#newRunner();
    // Its failure is heard by those who wait for it.
    void trainer.predicts.then(
      () => (this.#predicts = true),
      () => undefined,
    );
  }

  /** To be called before `run`, which may have to wait for the kernels of a step. */
  async foretell(): Promise<void> {
    await this.#runner.foretell(this.#run.state);
  }

  /** Trains until the run ends, then validates once more and keeps everything. */
  async run(): Promise<void> {
    const { control, clock } = this.#run;
    control.begin();
    if (this.#run.state.step === 0 && !this.#checkpointer.current) await this.#checkpoint();
    if (!this.#run.evaluatedBefore && !this.#run.untrained) await this.#beforeNowOrLater();
    clock.start();
    this.#tell('running');
    for (;;) {
      try {
        while (this.#run.ending === null) await this.#epoch();
        await this.#finish();
        break;
      } catch (error) {
        const released = this.#runner.release();
        if (!(error instanceof NotFinite)) throw error;
        await released;
        await this.#checkpointer.goBack(error);
        this.#runner = this.#newRunner();
      }
    }
    clock.stop();
  }

  /** The untrained weights are judged first where that can begin soon; otherwise training goes ahead of it. */
  async #beforeNowOrLater(): Promise<void> {
    const state = this.#trainer.state();
    const bytes = state.weights.reduce((sum, { shape }) => sum + 4 * countOf(shape), 0);
    if (bytes <= lightBytes) {
      const moment = new Promise<void>((resolve) => setTimeout(resolve, soonMilliseconds));
      await this.#watch.guard(Promise.race([this.#trainer.predicts, moment]));
      if (!this.#predicts) {
        this.#run.untrained = await this.#watch.guard(heldState(state, 'as new'));
        return;
      }
    }
    await this.#before();
  }

  /** Judges the weights of before the first step; then those of now are back, bit for bit. */
  async #beforeAfterAll(untrained: HeldState): Promise<void> {
    const { clock } = this.#run;
    await this.#drain();
    clock.stop();
    const trained = await this.#watch.guard(heldState(this.#trainer.state(), 'with optimizer'));
    await this.#watch.guard(restoreState(this.#trainer.state(), untrained));
    await this.#before();
    await this.#watch.guard(restoreState(this.#trainer.state(), trained));
    this.#run.untrained = null;
    clock.start();
    if (this.#run.ending === null) this.#tell('running');
  }

  async #before(): Promise<void> {
    const evaluation = await this.#evaluate('before');
    if (!evaluation) {
      this.#run.ending = 'stopped';
      return;
    }
    this.#run.evaluatedBefore = true;
    this.#run.journal.before(evaluation.metrics);
    await this.#run.journal.save();
  }

  async #epoch(): Promise<void> {
    const run = this.#run;
    if (run.state.epoch > run.loop.epochs) {
      run.ending = 'all-epochs';
      return;
    }
    for (;;) {
      if (run.control.stopping || run.control.pausing || run.timeIsUp) await this.#drain();
      if (!(await this.#mayGoOn())) return;
      const over = run.state.position + this.#runner.inFlight >= run.stepsPerEpoch;
      if (run.untrained && (over || this.#predicts)) {
        await this.#beforeAfterAll(run.untrained);
        continue;
      }
      if (over) break;
      const single = run.control.stepping;
      await this.#runner.submit(run.state);
      const last = run.state.position + this.#runner.inFlight >= run.stepsPerEpoch;
      if (single || last) await this.#drain();
      else if (this.#runner.full) await this.#advance();
      if (single) run.control.stepDone();
      else if (!last && this.#checkpointer.due) {
        await this.#drain();
        await this.#checkpoint();
      }
    }
    await this.#closeEpoch();
  }

  /** Waits while the run is paused; false when it ends here. No step is in flight when it waits. */
  async #mayGoOn(): Promise<boolean> {
    const run = this.#run;
    for (;;) {
      if (run.control.stopping) run.ending ??= 'stopped';
      else if (run.timeIsUp) run.ending ??= 'time-limit';
      if (run.ending === null && !run.control.pausing) return true;
      await this.#drain();
      if (run.ending !== null) return false;
      await this.#stand('running');
    }
  }

  async #drain(): Promise<void> {
    while (this.#runner.inFlight > 0) await this.#advance();
  }

  async #advance(): Promise<void> {
    const run = this.#run;
    run.state = await this.#runner.advance(run.state, run.stepsPerEpoch);
    run.stepMilliseconds = this.#runner.stepMilliseconds;
    run.livePeakBytes = Math.max(run.livePeakBytes, this.#trainer.livePeakBytes);
    run.journal.sendSteps(this.#run.secondsLeft, 'ten a second');
  }

  async #stand(during: 'running' | 'evaluating'): Promise<void> {
    const { clock, journal, control } = this.#run;
    const ran = clock.running;
    clock.stop();
    this.#runner.rest();
    journal.state('paused', this.#run.secondsLeft);
    // Single steps follow one another quickly; the checkpoint of the pause before them is near enough.
    if (!this.#checkpointer.current && !this.#single) await this.#checkpointer.save();
    await control.stand();
    this.#single = control.stepping;
    if (ran) clock.start();
    this.#tell(during);
  }

  /** Validates the epoch that is done, where one is due, and moves on to the next. */
  async #closeEpoch(): Promise<void> {
    const run = this.#run;
    const { epoch, step, position, lossSum, epochStartSeconds } = run.state;
    const last = epoch >= run.loop.epochs;
    const due = last || epoch % run.loop.validateEvery === 0;
    const evaluation = due ? await this.#evaluate('now') : null;
    if (due && !evaluation) {
      run.ending = 'stopped';
      return;
    }
    const metrics = evaluation?.metrics ?? {};
    const { best, bestSoFar } = this.#judge(metrics);
    const seconds = run.clock.seconds - epochStartSeconds;
    run.journal.best(bestSoFar);
    run.journal.epoch({ epoch, step, trainLoss: lossSum / position, metrics, seconds, best });
    const { earlyStopPatience: patience, earlyStopMinDelta: minDelta } = run.loop;
    const rule = { patience, minDelta, better: run.task.metric.better };
    const earlyStop = due ? afterValidation(run.state.earlyStop, run.decisive(metrics), rule) : run.state.earlyStop;
    run.state = {
      ...run.state,
      epoch: epoch + 1,
      position: 0,
      lossSum: 0,
      epochStartSeconds: run.clock.seconds,
      best: bestSoFar,
      earlyStop,
    };
    if (last) run.ending = 'all-epochs';
    else if (due && shouldStop(earlyStop, rule)) run.ending = 'early-stop';
    if (best || run.ending !== null || this.#checkpointer.due) await this.#checkpoint();
    else await run.journal.save();
    if (run.ending === null) this.#tell('running');
  }

  /** The last validation, unless these very weights were validated already. */
  async #finish(): Promise<void> {
    const run = this.#run;
    await this.#drain();
    await this.#runner.release();
    if (!this.#checkpointer.current) await this.#checkpointer.save();
    if (run.untrained) await this.#beforeAfterAll(run.untrained);
    const known = run.evaluated;
    const weights = this.#trainer.plan.judges;
    if (known?.step === run.state.step) run.journal.view('after', weights, known.evaluation.view);
    else if (!this.#abandoned) await this.#closeRun();
    run.livePeakBytes = Math.max(run.livePeakBytes, this.#trainer.livePeakBytes);
  }

  /** Validates in the midst of an epoch, which the record then shows as far as it went. */
  async #closeRun(): Promise<void> {
    const run = this.#run;
    const evaluation = await this.#evaluate('after');
    if (!evaluation) return;
    const { best, bestSoFar } = this.#judge(evaluation.metrics);
    const record = this.#lastEpoch(evaluation.metrics, best);
    if (!record) return;
    if (best) {
      run.state = { ...run.state, best: bestSoFar && { ...bestSoFar, epoch: record.epoch } };
      run.journal.best(run.state.best);
    }
    run.journal.epoch(record);
    if (best) await this.#checkpoint();
  }

  /** The epoch as far as it went; between two epochs the former one, now with metrics. */
  #lastEpoch(metrics: Metrics, best: boolean): EpochRecord | null {
    const { state, clock, journal } = this.#run;
    const { epoch, step, position, lossSum, epochStartSeconds } = state;
    if (position > 0)
      return { epoch, step, trainLoss: lossSum / position, metrics, seconds: clock.seconds - epochStartSeconds, best };
    const former = journal.record.epochs.at(-1);
    return former ? { ...former, metrics, best: best || former.best } : null;
  }

  #judge(metrics: Metrics) {
    const { state, task } = this.#run;
    const value = this.#run.decisive(metrics);
    const best = isBetter(value, state.best?.value ?? null, task.metric.better);
    return { best, bestSoFar: best ? { epoch: state.epoch, step: state.step, value } : state.best };
  }

  /** Null when the person stopped meanwhile. */
  async #evaluate(moment: 'before' | 'now' | 'after'): Promise<Evaluation | null> {
    const run = this.#run;
    const { control, journal, host } = run;
    const stops = control.stops;
    this.#runner.rest();
    this.#tell('evaluating');
    const started = host.now();
    let paused = 0;
    const goOn = async (): Promise<boolean> => {
      const from = host.now();
      while (control.pausing) await this.#stand('evaluating');
      paused += host.now() - from;
      return control.stops === stops;
    };
    const ready = await this.#readyToPredict(goOn);
    const evaluation = ready && (await evaluate({ trainer: this.#trainer, data: run.data, watch: this.#watch, goOn }));
    if (!evaluation) {
      this.#abandoned = true;
      return null;
    }
    run.validationSeconds = (host.now() - started - paused) / 1000;
    if (moment !== 'before') run.evaluated = { step: run.state.step, evaluation };
    journal.view(moment, this.#trainer.plan.judges, evaluation.view);
    return evaluation;
  }

  /** Waits for the kernels of predictions, heeding the person; false when they stopped meanwhile. */
  async #readyToPredict(goOn: () => Promise<boolean>): Promise<boolean> {
    while (!this.#predicts) {
      await this.#watch.guard(Promise.race([this.#trainer.predicts, this.#run.control.asked()]));
      if (!(await goOn())) return false;
    }
    return true;
  }

  async #checkpoint(): Promise<void> {
    await this.#checkpointer.save();
    this.#runner.rest();
  }

  /** Tells what is done now, unless the person waits for it to end: then that stays on the page. */
  #tell(doing: 'running' | 'evaluating'): void {
    const { control, journal, secondsLeft } = this.#run;
    journal.state(control.stopping ? 'stopping' : control.pausing ? 'pausing' : doing, secondsLeft);
  }

  #newRunner(): StepRunner {
    const { data, journal, host, loop } = this.#run;
    return new StepRunner({
      trainer: this.#trainer,
      data,
      watch: this.#watch,
      journal,
      now: host.now,
      seed: loop.seed,
      accumulation: loop.accumulation,
      rates: (step) => this.#run.rates(step),
    });
  }
}
