// Tries weights on files, free of worker and browser: one model is kept between calls, items go through it in turn.
import type { Tuning } from '../../engine/device/tuning';
import { UserError } from '../../errors';
import { openWeights, type WeightSource } from '../../formats/openWeights';
import type { DataFile } from '../../formats/dataFile';
import type { VideoStore } from '../../frames/videoStore';
import type { CheckpointStore } from '../../runs/checkpointStore';
import type { AdapterReport } from '../protocol';
import type { TaskRuntime } from '../runtime';
import type { DeviceOwner } from '../session/deviceOwner';
import { DeviceLost, DeviceWatch } from '../session/deviceWatch';
import { errorReport } from '../session/errorReport';
import { Predictor } from '../trainer/predictor';
import { predictionShapes } from '../trainer/planTraining';
import { exportWeights } from '../weights/exportWeights';
import { inspectWeights, type KnownTask } from '../weights/inspectWeights';
import { checkWeights, loadWeights } from '../weights/loadWeights';
import type { Finders } from './finders';
import { judgeItem } from './judgeItem';
import type { JudgeConfig, JudgeEvent, WeightChoice, WeightsSaid } from './judgeProtocol';
import { ResultTeller } from './resultTeller';
import { itemVideos } from './itemVideos';
import type { JudgeItem, TaskJudge } from './taskJudge';

export interface JudgeServiceParts {
  readonly devices: DeviceOwner;
  readonly tasks: () => readonly KnownTask[];
  readonly checkpoints: CheckpointStore;
  readonly openTuning: (adapter: AdapterReport) => Promise<Tuning>;
  readonly openVideos?: (() => VideoStore) | undefined;
  readonly finders?: Finders | undefined;
}

interface Standing {
  readonly key: string;
  readonly device: GPUDevice;
  readonly predictor: Predictor;
}

/** Clips of a batch: few, so that a first result comes soon; one where a CPU plays the GPU. */
const mostClips = 4;

export class JudgeService {
  readonly #parts: JudgeServiceParts;
  #standing: Standing | null = null;
  #stop: AbortController | null = null;

  constructor(parts: JudgeServiceParts) {
    this.#parts = parts;
  }

  get busy(): boolean {
    return this.#stop !== null;
  }

  async inspect(weights: WeightChoice): Promise<WeightsSaid> {
    return await inspectWeights(await this.#open(weights), this.#parts.tasks());
  }

  stop(): void {
    this.#stop?.abort();
  }

  /** Frees the model: training needs the memory. */
  release(): void {
    this.#standing?.predictor.dispose();
    this.#standing = null;
  }

  async judge(wanted: JudgeConfig, tell: (event: JudgeEvent) => void): Promise<void> {
    if (this.busy)
      throw new UserError('judging-under-way', 'Files are being judged. Cancel that before you start more.');
    const stop = (this.#stop = new AbortController());
    const videos = this.#parts.openVideos?.();
    try {
      const { runtime, judge } = await this.#task(wanted.task);
      const config = await this.#adapted(wanted, runtime, judge);
      const items = judge.items?.(config.files) ?? config.files.map(asItem);
      tell({ type: 'items', names: items.map(({ name }) => name) });
      for (const [number, item] of items.entries()) {
        if (stop.signal.aborted) break;
        const again = await this.#judgeOne({ config, runtime, judge, videos, stop }, number, item, tell);
        // A device that went away is opened anew, once.
        if (again) await this.#judgeOne({ config, runtime, judge, videos, stop }, number, item, tell, true);
      }
    } finally {
      videos?.dispose();
      this.#stop = null;
    }
  }

  /** With what weights without a card tell of settings, and what settings and files change of the facts. */
  async #adapted(config: JudgeConfig, runtime: TaskRuntime, judge: TaskJudge): Promise<JudgeConfig> {
    const { weights, files } = config;
    const asks = weights.kind === 'files' && runtime.settingsFrom !== undefined;
    const told = asks ? runtime.settingsFrom?.(await this.#open(weights), config.settings) : {};
    const settings = { ...config.settings, ...told };
    return { ...config, settings, facts: (await judge.factsFor?.(config.facts, settings, files)) ?? config.facts };
  }

  /** True where the device was lost and the item is worth another attempt. */
  async #judgeOne(
    order: {
      readonly config: JudgeConfig;
      readonly runtime: TaskRuntime;
      readonly judge: TaskJudge;
      readonly videos: VideoStore | undefined;
      readonly stop: AbortController;
    },
    number: number,
    item: JudgeItem,
    tell: (event: JudgeEvent) => void,
    lastAttempt = false,
  ): Promise<boolean> {
    const { config, runtime, judge, videos, stop } = order;
    const { predictor, device } = await this.#stand(config, runtime, tell);
    const watch = new DeviceWatch(device);
    const own = videos && itemVideos(videos);
    const { finders } = this.#parts;
    const teller = new ResultTeller(config, item.name, (result, secondsLeft) =>
      tell({ type: 'result', item: number, result, secondsLeft }),
    );
    try {
      if (!own) throw new UserError('no-decoder', 'Videos are decoded in a browser only.');
      const opened = await judge.open(item, {
        ...{ settings: config.settings, facts: config.facts, videos: own.videos, signal: stop.signal },
        ...(finders && { finders }),
        tell: (problem) => teller.notice(problem),
        found: (share) => tell({ type: 'finding', item: number, share }),
      });
      tell({ type: 'opened', item: number, head: opened.head });
      teller.begin(opened);
      const judged = await judgeItem(opened, {
        ...{ predictor, signal: stop.signal },
        guard: (promise) => watch.guard(promise),
        told: (until) => teller.tell(until),
      });
      await teller.end(judged);
      return false;
    } catch (error) {
      const cause = await watch.explain(error);
      if (cause instanceof DeviceLost) {
        this.release();
        if (!lastAttempt) return true;
      }
      if (stop.signal.aborted) return false;
      tell({ type: 'refused', item: number, error: errorReport(cause) });
      return false;
    } finally {
      watch.release();
      own?.close();
    }
  }

  /** The model of these weights: the one that stands, or a new one in its place. */
  async #stand(config: JudgeConfig, runtime: TaskRuntime, tell: (event: JudgeEvent) => void): Promise<Standing> {
    const { devices, openTuning } = this.#parts;
    const { device, adapter } = await devices.get();
    const key = JSON.stringify([config.task, identity(config.weights), config.settings, config.facts]);
    if (this.#standing?.key === key && this.#standing.device === device) return this.#standing;
    this.release();
    const batch = adapter.software ? 1 : Math.max(1, Math.min(mostClips, Number(config.settings['batch'] ?? 1)));
    const model = runtime.model({ ...config.settings, batch }, config.facts);
    const source = await this.#open(config.weights);
    checkWeights(source, predictionShapes(model), runtime.weightRules);
    const progress = (what: string, done: number, total: number): void => tell({ type: 'compile', what, done, total });
    const predictor = await Predictor.create(device, model, {
      ...{ batchSize: batch, progress, tuning: await openTuning(adapter) },
      mixedPrecision: config.settings['mixedPrecision'] === true,
    });
    this.#standing = { key, device, predictor };
    await loadWeights(source, predictor, runtime.weightRules, progress);
    const { plannedBytes, weightBytes } = predictor;
    tell({ type: 'ready', plannedBytes, weightBytes, batch });
    return this.#standing;
  }

  async #open(weights: WeightChoice): Promise<WeightSource> {
    if (weights.kind === 'files') return await openWeights(weights.files);
    const { runId, which, weights: kind } = weights;
    const wish = { which, format: 'safetensors', weights: kind, metricName: '' } as const;
    const blob = await exportWeights(this.#parts.checkpoints, runId, wish);
    return await openWeights([{ path: `${which}.safetensors`, blob }]);
  }

  async #task(name: string): Promise<{ readonly runtime: TaskRuntime; readonly judge: TaskJudge }> {
    const runtime = await this.#parts
      .tasks()
      .find(({ task }) => task.name === name)
      ?.load();
    if (runtime?.judge) return { runtime, judge: runtime.judge };
    throw new UserError('no-judge', `Weights of ${name} cannot be tried in this version.`, { task: name });
  }
}

function asItem(file: DataFile): JudgeItem {
  return { name: file.path, files: [file] };
}

function identity(weights: WeightChoice): unknown {
  if (weights.kind === 'run') return weights;
  return weights.files.map(({ path, blob }) => [path, blob.size, blob instanceof File ? blob.lastModified : 0]);
}
