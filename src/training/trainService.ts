// The train worker's calls, free of worker and browser: one run at a time, with the stores and devices it is given.
import { shippedWinners } from '../engine/device/shippedTuning';
import { Tuning, type TuningStore } from '../engine/device/tuning';
import { UserError } from '../errors';
import type { DataFile } from '../formats/dataFile';
import { openWeights } from '../formats/openWeights';
import type { Progress } from '../formats/progress';
import type { ExportFormat } from '../formats/writeWeights';
import type { Task } from '../models/task';
import type { CheckpointStore } from '../runs/checkpointStore';
import { HeldCheckpoints } from '../runs/heldCheckpoints';
import type { RunKeeper } from '../runs/runStore';
import { DeviceOwner, type DeviceSource } from './session/deviceOwner';
import type { CreateTrainer } from './trainer/createTrainer';
import { forecast, forecastDevice } from './trainer/forecast';
import { predictionShapes } from './trainer/planTraining';
import { exportWeights } from './weights/exportWeights';
import { checkWeights } from './weights/loadWeights';
import type { WeightReport } from './weights/weightReport';
import type { AdapterReport, Forecast, RunConfig, RunEvent, TrainApi, WeightKind } from './protocol';
import type { DataProblem, DataReport } from '../annotations/dataReport';
import type { DataSource } from '../annotations/dataSource';
import type { Settings, SettingValue } from '../models/settings';
import type { SessionHost } from './session/runContext';
import type { Planner } from './planning/planner';
import { PreparedStore, type HeldData } from './preparedStore';
import type { TaskRuntime } from './runtime';
import { Session } from './session/session';
import type { Finders } from './judging/finders';
import type { JudgeApi, JudgeConfig, JudgeEvent, WeightChoice, WeightsSaid } from './judging/judgeProtocol';
import { JudgeService } from './judging/judgeService';
import type { VideoStore } from '../frames/videoStore';

export interface TrainServiceParts {
  readonly tasks: readonly Task[];
  readonly loadRuntime: (name: string) => Promise<TaskRuntime | undefined>;
  readonly devices: DeviceSource;
  readonly createTrainer: CreateTrainer;
  readonly checkpoints: CheckpointStore;
  readonly runs: RunKeeper;
  /** Opens a store of videos for data that is read, which lasts until other data is. Absent where nothing decodes. */
  readonly openVideos?: (openDevice: () => Promise<GPUDevice>) => VideoStore;
  /** What finds faces and people in videos that are tried. */
  readonly finders?: Finders;
  /** Plans settings beside a run; without it they are planned in between. */
  readonly planner?: Planner;
  /** Where tuning keeps what it found. */
  readonly tunings?: TuningStore;
  /** Runs the work while no other tab trains; throws UserError when one does. */
  readonly whileTraining: (work: () => Promise<void>, runId: string) => Promise<void>;
  /** Hears of errors that the page's own listener threw. */
  readonly onListenerError: (error: unknown) => void;
}

/** Of damaged files a run tells so many by name; the page is no place for thousands. */
const mostDamagedTold = 10;

type Listener = (event: RunEvent) => unknown;

export class TrainService implements TrainApi, JudgeApi {
  readonly #parts: TrainServiceParts;
  readonly #devices: DeviceOwner;
  readonly #prepared: PreparedStore;
  readonly #checkpoints: HeldCheckpoints;
  readonly #judging: JudgeService;
  #busy = false;
  #session: Session | null = null;
  /** Events that the page has not taken yet; answers wait for them, so that they never overtake what they answer. */
  readonly #unheard = new Set<Promise<unknown>>();

  constructor(parts: TrainServiceParts) {
    this.#parts = parts;
    this.#devices = new DeviceOwner(parts.devices);
    this.#checkpoints = new HeldCheckpoints(parts.checkpoints);
    const { openVideos, tasks, loadRuntime, finders, tunings } = parts;
    const open = openVideos && (() => openVideos(async () => (await this.#devices.get()).device));
    this.#prepared = new PreparedStore(open, finders);
    this.#judging = new JudgeService({
      ...{ devices: this.#devices, checkpoints: this.#checkpoints, finders, openVideos: open },
      tasks: () => tasks.map((task) => ({ task, load: () => loadRuntime(task.name) })),
      openTuning: (adapter) => openTuning(adapter, undefined, tunings),
    });
  }

  async adapter(): Promise<AdapterReport> {
    return (await this.#devices.get()).adapter;
  }

  async check(
    name: string,
    data: DataSource,
    settings: Settings,
    onProgress: (done: number, total: number) => void = () => undefined,
  ): Promise<DataReport> {
    const [task, runtime] = [this.#task(name), await this.#runtime(name)];
    const damaged: DataProblem[] = [];
    const tell = ({ code, message, detail }: UserError): void =>
      void damaged.push({ path: String(detail['path'] ?? ''), code, message, detail });
    const progress: Progress = (_, done, total) => onProgress(done, total);
    const held = await this.#prepared.hold({ task, runtime, data, settings, tell, progress });
    held.release();
    const { report } = held.data;
    return { ...report, problems: [...report.problems, ...damaged] };
  }

  async sizeDemo(task: string): Promise<{ preset: string; settings: Settings }> {
    const [runtime, adapter] = await Promise.all([this.#runtime(task), this.adapter()]);
    return runtime.sizeDemo(adapter.gigaflops);
  }

  async forecast(task: string, settings: Settings): Promise<Forecast | null> {
    const [runtime, data] = [await this.#runtime(task), await this.#prepared.latest(task)];
    const adapter = await this.adapter().catch(() => null);
    const { facts = {}, trainClips = null } = data ?? {};
    const device = adapter && forecastDevice(adapter);
    const order = { settings, facts, trainClips, adapter: device };
    const { planner } = this.#parts;
    try {
      return await (planner ? planner.plan({ task, ...order }) : forecast({ runtime, ...order }));
    } catch (error) {
      // Some models are built from what their data says, which nobody has read yet.
      if (!data && !(error instanceof UserError)) return null;
      throw error;
    }
  }

  async matchWeights(task: string, settings: Settings, weights: readonly DataFile[]): Promise<WeightReport | null> {
    const [runtime, data] = [await this.#runtime(task), await this.#prepared.latest(task)];
    const source = await openWeights(weights);
    try {
      const shapes = predictionShapes(runtime.model(settings, data?.facts ?? runtime.demoFacts ?? {}));
      return checkWeights(source, shapes, runtime.weightRules);
    } catch (error) {
      if (!data && !(error instanceof UserError)) return null;
      throw error;
    }
  }

  async start(config: RunConfig, onEvent: Listener): Promise<void> {
    await this.#train(config, onEvent, false);
    await this.#heard();
  }

  async resume(config: RunConfig, onEvent: Listener): Promise<void> {
    await this.#train(config, onEvent, true);
    await this.#heard();
  }

  /** Does nothing, as the other calls below, when the run ended a moment before. */
  async pause(): Promise<void> {
    await this.#session?.pause();
    await this.#heard();
  }

  unpause(): Promise<void> {
    this.#session?.unpause();
    return Promise.resolve();
  }

  async step(): Promise<void> {
    await this.#session?.step();
    await this.#heard();
  }

  async stop(): Promise<void> {
    await this.#session?.stop();
    await this.#heard();
  }

  async set(key: string, value: SettingValue): Promise<void> {
    await Promise.resolve();
    this.#session?.set(key, value);
  }

  async exportWeights(
    runId: string,
    which: 'best' | 'last',
    format: ExportFormat = 'safetensors',
    weights: WeightKind = 'averaged',
  ): Promise<Blob> {
    const record = await this.#parts.runs.getRun(runId);
    const metricName = this.#parts.tasks.find(({ name }) => name === record?.task)?.metric.name ?? '';
    return await exportWeights(this.#checkpoints, runId, { which, format, weights, metricName });
  }

  async inspectWeights(weights: WeightChoice): Promise<WeightsSaid> {
    return await this.#judging.inspect(weights);
  }

  async judge(config: JudgeConfig, onEvent: (event: JudgeEvent) => unknown): Promise<void> {
    if (this.#busy) throw new UserError('run-under-way', 'A run is under way. Stop it before you start another.');
    await this.#judging.judge(config, (event) => this.#tell(onEvent, event));
    await this.#heard();
  }

  stopJudging(): Promise<void> {
    this.#judging.stop();
    return Promise.resolve();
  }

  async #train(config: RunConfig, onEvent: Listener, resuming: boolean): Promise<void> {
    const { createTrainer, runs, tunings, whileTraining } = this.#parts;
    if (this.#busy) throw new UserError('run-under-way', 'A run is under way. Stop it before you start another.');
    if (this.#judging.busy)
      throw new UserError('judging-under-way', 'Files are being judged. Cancel that before you start more.');
    this.#judging.release();
    const task = this.#task(config.task);
    this.#busy = true;
    let held: HeldData | undefined;
    try {
      const runtime = await this.#runtime(config.task);
      let told = 0;
      const tell = ({ code, message, detail }: UserError): void => {
        if (told++ < mostDamagedTold) this.#tell(onEvent, { type: 'notice', code, message, detail });
      };
      const host: SessionHost = {
        openDevice: () => this.#devices.get(),
        openHelper: async () => (await this.#parts.devices.open()).device,
        ...{ createTrainer, checkpoints: this.#checkpoints, runs },
        emit: (event) => this.#tell(onEvent, event),
        now: () => performance.now(),
        tuning: (adapter) => openTuning(adapter, config.tuning, tunings),
        prepareData: async (settings, progress) => {
          held = await this.#prepared.hold({ task, runtime, data: config.data, settings, progress, tell });
          return held.data;
        },
      };
      await whileTraining(async () => {
        this.#session = new Session({ config, task, runtime, host }, resuming);
        await this.#session.run();
      }, config.runId);
    } finally {
      held?.release();
      this.#session = null;
      this.#busy = false;
    }
  }

  /** Does not wait for the page: a slow page shall not slow the training. */
  #tell<Event>(onEvent: (event: Event) => unknown, event: Event): void {
    const heard = Promise.resolve()
      .then(() => onEvent(event))
      .catch((error: unknown) => this.#parts.onListenerError(error))
      .finally(() => this.#unheard.delete(heard));
    this.#unheard.add(heard);
  }

  async #heard(): Promise<void> {
    await Promise.all(this.#unheard);
  }

  #task(name: string): Task {
    const task = this.#parts.tasks.find((one) => one.name === name);
    if (!task) throw unknownTask(name);
    return task;
  }

  async #runtime(name: string): Promise<TaskRuntime> {
    const runtime = await this.#parts.loadRuntime(name);
    if (!runtime) throw unknownTask(name);
    return runtime;
  }
}

/**
 * Software adapters take long to compile a trial: they are tuned only when somebody asks for it. Switched off, kernels
 * are made by their best guesses alone.
 */
function openTuning(adapter: AdapterReport, wish: RunConfig['tuning'], store?: TuningStore): Promise<Tuning> {
  const { vendor, architecture, description, software, features } = adapter;
  const name = [vendor, architecture, description, ...features].join(' ');
  if (wish === 'off') return Tuning.open({ adapter: name, measure: false });
  const shipped = shippedWinners(adapter);
  return Tuning.open({ adapter: name, shipped, measure: wish === 'on' || !software, ...(store && { store }) });
}

function unknownTask(task: string): UserError {
  return new UserError('unknown-task', `There is no task named ${task} in this version.`, { task });
}
