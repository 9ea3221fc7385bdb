// A training run from reading its data to its summary; it survives lost devices and obeys the person in between.
import { Bug, UserError } from '../../errors';
import { openWeights, type WeightSource } from '../../formats/openWeights';
import { changeSetting } from './changeSetting';
import type { Checkpoint } from '../checkpoints/checkpoint';
import { newestCheckpoint, returnTo } from '../checkpoints/checkpointer';
import { Control } from './control';
import { DeviceLost, DeviceWatch } from './deviceWatch';
import { errorReport } from './errorReport';
import { FrameKeeping } from './frameKeeping';
import { Journal } from './journal';
import { loadWeights } from '../weights/loadWeights';
import { prepareRun, refuseWhenStopped, type SessionParts } from './prepareRun';
import type { Settings, SettingValue } from '../../models/settings';
import type { RunContext } from './runContext';
import type { Progress } from '../../formats/progress';
import { heardLater } from '../../frames/heardLater';
import type { AdapterReport } from '../protocol';
import type { Facts, Trainer } from '../runtime';
import { checkSameRun } from './sessionState';
import { restoreState } from '../trainer/stateTensors';
import { summarize } from './summary';
import { TrainLoop } from './trainLoop';

export type { SessionParts } from './prepareRun';
export type { SessionHost, SessionTask } from './runContext';

const reopenAttempts = 4;
const reopenMilliseconds = 1000;

/** A device in use, and what was made on it. */
interface Live {
  readonly watch: DeviceWatch;
  trainer: Trainer | null;
  released: boolean;
}

interface Made {
  readonly trainer: Trainer;
  readonly adapter: AdapterReport;
  readonly watch: DeviceWatch;
}

interface MakeOrder {
  readonly settings: Settings;
  readonly facts: Facts;
  /** In place of a device that was lost. */
  readonly again: boolean;
  /** Whether kernels may be tried out. */
  readonly tunes: boolean;
  /** Kept once nothing else needs the device. */
  readonly alone?: Promise<unknown>;
}

export class Session {
  readonly #parts: SessionParts;
  readonly #resuming: boolean;
  readonly #control = new Control();
  #journal: Journal;
  #run: RunContext | null = null;
  #live: Live | null = null;
  /** A trainer that is being made while the data is read; null where that is none, or it was taken. */
  #ahead: Promise<Made> | null = null;
  /** How often everything was let go of: what was being made then is for nobody. */
  #lettings = 0;
  /** Settings that were changed before the run could take them. */
  #early: Settings = {};

  /** `resuming` continues the run of `parts.config.runId` from its newest checkpoint. */
  constructor(parts: SessionParts, resuming = false) {
    this.#parts = parts;
    this.#resuming = resuming;
    this.#journal = new Journal(parts.host, parts.config);
  }

  /** Ends when the run does; a failure is told by the event `failed`. */
  async run(): Promise<void> {
    const { host, config } = this.#parts;
    try {
      this.#journal.state('preparing', NaN);
      const former = this.#resuming ? await host.runs.getRun(config.runId) : undefined;
      if (former) this.#journal = new Journal(host, config, former);
      const preparing = prepareRun(this.#parts, this.#resuming, former, this.#journal, this.#control);
      this.#makeAhead(preparing);
      const prepared = await preparing;
      const run = prepared.run;
      run.settings = { ...run.settings, ...this.#early };
      this.#run = run;
      const frames = new FrameKeeping(this.#journal, this.#control);
      try {
        await this.#train(run, prepared.checkpoint, frames);
      } finally {
        await frames.end();
      }
      this.#journal.finished(summarize(run));
      await this.#journal.save();
    } catch (error) {
      this.#run?.clock.stop();
      this.#journal.failed(errorReport(error));
      // A run that could not be continued stays as it was.
      if (this.#run?.plan) await this.#journal.save();
    } finally {
      this.#letGo();
      this.#control.end();
    }
  }

  /** Resolves when the step under way is done and a checkpoint is on its way. */
  async pause(): Promise<void> {
    const { told } = this.#journal;
    if (told === 'running' || told === 'evaluating') this.#journal.state('pausing', this.#run?.secondsLeft ?? NaN);
    await this.#control.pause();
  }

  unpause(): void {
    this.#control.unpause();
  }

  /** One training step while paused; resolves when the run stands again. */
  async step(): Promise<void> {
    await this.#control.step();
  }

  /** Resolves when the run has ended. */
  async stop(): Promise<void> {
    const { told } = this.#journal;
    if (told !== null && told !== 'finished' && told !== 'failed')
      this.#journal.state('stopping', this.#run?.secondsLeft ?? NaN);
    await this.#control.stop();
  }

  /**
   * Changes a setting from the next step on.
   * @throws UserError `setting-fixed` when it cannot change in mid-run, `setting-invalid` for a value that it cannot have.
   */
  set(key: string, value: SettingValue): void {
    const { task, config } = this.#parts;
    const former = this.#run?.settings ?? { ...config.settings, ...this.#early };
    const settings = changeSetting(task, former, key, value);
    if (!this.#run) {
      this.#early = { ...this.#early, [key]: settings[key]! };
      return;
    }
    this.#run.settings = settings;
    const [from, to] = [former[key], settings[key]];
    if (from !== undefined && to !== undefined) this.#journal.changed({ step: this.#run.state.step, key, from, to });
    // The number of steps may be another now.
    if (this.#run.plan) this.#tellPlan(this.#run);
  }

  /** Trains on one device after the other until the run ends. */
  async #train(run: RunContext, start: Checkpoint | null, frames: FrameKeeping): Promise<void> {
    let checkpoint = start;
    for (;;) {
      frames.begin(run.data);
      try {
        await this.#trainOnOneDevice(run, checkpoint);
        return;
      } catch (thrown) {
        const error = this.#live ? await this.#live.watch.explain(thrown) : thrown;
        this.#letGo();
        if (!(error instanceof DeviceLost)) throw error;
        run.clock.stop();
        run.recoveries.deviceLost(run.host.now(), error);
        checkpoint = await newestCheckpoint(run);
        if (checkpoint) returnTo(run, checkpoint.state);
        const { step } = run.state;
        const message = `The GPU was lost. A new one is being opened; training goes on from step ${step}.`;
        this.#journal.notice('device-lost', message, { step, reason: error.message });
      }
    }
  }

  async #trainOnOneDevice(run: RunContext, checkpoint: Checkpoint | null): Promise<void> {
    const again = run.plan !== null;
    const proceed = (): void => {
      if (!again) refuseWhenStopped(this.#control);
    };
    const weights = !checkpoint && run.config.weights ? await openWeights(run.config.weights) : null;
    this.#journal.state('compiling', NaN);
    const order = { settings: run.settings, facts: run.data.facts, again, tunes: !checkpoint };
    const { trainer, adapter, watch } = await (this.#takeAhead(run.data.facts) ?? this.#make(order));
    proceed();
    const { trainClips, validationClips, facts } = run.data;
    const about = { trainClips, validationClips, facts, batch: trainer.batchSize };
    if (checkpoint) {
      checkSameRun(checkpoint.state, run.config, about);
      await watch.guard(restoreState(trainer.state(), checkpoint));
    } else {
      run.state = { ...run.state, ...about };
      if (weights) await watch.guard(this.#loadWeights(weights, trainer, run, proceed));
    }
    run.adapter = adapter;
    const tellPlan = (): void => {
      run.plan = trainer.plan;
      this.#tellPlan(run);
    };
    tellPlan();
    const loop = new TrainLoop(run, trainer, watch, checkpoint?.state.step ?? -1);
    if (run.state.step === 0) await loop.foretell();
    proceed();
    if (Object.keys(this.#journal.record.baselines).length === 0)
      this.#journal.baselines(await run.data.baselines(this.#journal.progress('prepare', proceed)));
    if (trainer.complete) {
      await watch.guard(trainer.complete());
      proceed();
      tellPlan();
    }
    if (run.config.debug === true) await this.#tellKernels(trainer, watch);
    await loop.run();
  }

  /** What the model of a demo is built from is known before its data: it is compiled while that is made. */
  #makeAhead(preparing: Promise<unknown>): void {
    const { config, runtime } = this.#parts;
    const { data, settings } = config;
    const alone = preparing.catch(() => undefined);
    if (this.#resuming || data.kind !== 'demo' || data.added || !runtime.demoFacts) return;
    this.#ahead = heardLater(this.#make({ settings, facts: runtime.demoFacts, again: false, tunes: true, alone }));
  }

  /** The trainer that was made ahead, where it is for these facts. */
  #takeAhead(facts: Facts): Promise<Made> | null {
    if (!this.#ahead) return null;
    const expected = JSON.stringify(this.#parts.runtime.demoFacts) === JSON.stringify(facts);
    if (!expected) this.#letGo();
    const ahead = this.#ahead;
    this.#ahead = null;
    return ahead;
  }

  async #make({ settings, facts, again, tunes, alone }: MakeOrder): Promise<Made> {
    const { host, runtime } = this.#parts;
    const lettings = this.#lettings;
    const { device, adapter } = again ? await this.#reopen() : await host.openDevice();
    const watch = new DeviceWatch(device);
    const live: Live = { watch, trainer: null, released: lettings !== this.#lettings };
    if (live.released) watch.release();
    else this.#live = live;
    const proceed = (): void => {
      if (live.released) throw new Bug('a trainer was let go while it was made');
      if (!again) refuseWhenStopped(this.#control);
    };
    const step = this.#journal.progress('compile', proceed);
    // Goes on beside training, which ends in its own way.
    const predictions = this.#journal.progress('compile', () => undefined);
    const progress: Progress = (what, done, total) =>
      (what === 'predictionKernels' ? predictions : step)(what, done, total);
    const known = await host.tuning?.(adapter);
    const tuning = tunes ? known : known?.settled;
    const { openHelper } = host;
    const helped = { ...(tuning && { tuning }), ...(openHelper && { openHelper }), ...(alone && { alone }) };
    const order = { device, runtime, settings, facts, progress, early: true, ...helped };
    const making = host.createTrainer(order);
    // Where nobody waits for it any more, whenever it comes.
    void making.then(
      (trainer) => {
        if (live.released) trainer.dispose();
        else live.trainer = trainer;
      },
      () => undefined,
    );
    const trainer = await watch.guard(making);
    return { trainer, adapter, watch };
  }

  async #loadWeights(source: WeightSource, trainer: Trainer, run: RunContext, proceed: () => void): Promise<void> {
    const progress = this.#journal.progress('prepare', proceed);
    const report = await loadWeights(source, trainer, run.runtime.weightRules, progress);
    // A moving average of the weights begins at those of the file.
    trainer.state().resetOptimizer();
    this.#journal.weights(report);
  }

  /** The browser may need a moment until it offers a device again. */
  async #reopen() {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#parts.host.openDevice();
      } catch (error) {
        if (attempt === reopenAttempts) throw error;
        await new Promise((resolve) => setTimeout(resolve, reopenMilliseconds));
      }
    }
  }

  #tellPlan({ plan, adapter, steps, stepsPerEpoch }: RunContext): void {
    if (plan && adapter) this.#journal.emit({ type: 'plan', plan, adapter, steps, stepsPerEpoch });
  }

  async #tellKernels(trainer: Trainer, watch: DeviceWatch): Promise<void> {
    try {
      const kernels = await watch.guard(trainer.kernels?.() ?? Promise.resolve([]));
      this.#journal.emit({ type: 'kernels', kernels });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#journal.notice(error.code, error.message, error.detail);
    }
  }

  #letGo(): void {
    const live = this.#live;
    this.#live = null;
    this.#ahead = null;
    this.#lettings += 1;
    if (!live) return;
    live.released = true;
    live.watch.release();
    live.trainer?.dispose();
  }
}
