// What happens before a device is needed: reading the data, and the checkpoint of a run that goes on.
import { UserError } from '../../errors';
import { openWeights } from '../../formats/openWeights';
import type { Checkpoint } from '../checkpoints/checkpoint';
import { Checkpoints } from '../checkpoints/checkpoints';
import { Clock } from './clock';
import type { Control } from './control';
import type { Journal } from './journal';
import type { RunConfig, RunRecord } from '../protocol';
import type { Settings } from '../../models/settings';
import { Recoveries } from './recoveries';
import { RunContext, type SessionHost, type SessionTask } from './runContext';
import type { PreparedData, TaskRuntime } from '../runtime';
import { changeableOnResume, readSessionSettings } from './sessionSettings';
import { checkSameRun, initialState } from './sessionState';

export interface SessionParts {
  readonly config: RunConfig;
  readonly task: SessionTask;
  readonly runtime: TaskRuntime;
  readonly host: SessionHost;
}

export interface PreparedRun {
  readonly run: RunContext;
  /** What the trainer goes on from; null for a new run. */
  readonly checkpoint: Checkpoint | null;
}

/** `former` is the record of the run that goes on; undefined for a new run. */
export async function prepareRun(
  parts: SessionParts,
  resuming: boolean,
  former: RunRecord | undefined,
  journal: Journal,
  control: Control,
): Promise<PreparedRun> {
  const { config, task, runtime, host } = parts;
  const checkpoints = new Checkpoints(host.checkpoints, config.runId);
  if (!resuming) await checkpoints.clear();
  const checkpoint = resuming ? await lastCheckpoint(checkpoints, journal) : null;
  const settings = checkpoint
    ? resumedSettings(checkpoint.state.settings, config.settings, task, journal)
    : { ...config.settings, ...(await toldByWeights(parts)) };
  readSessionSettings(settings);
  journal.settings(settings);
  const proceed = (): void => refuseWhenStopped(control);
  const progress = journal.progress('prepare', proceed);
  const data = await host.prepareData(settings, progress);
  journal.emit({ type: 'data', report: data.report });
  proceed();
  checkClips(data);
  const { trainClips, validationClips, facts } = data;
  // The trainer that is not made yet says the batch; it is checked then.
  if (checkpoint)
    checkSameRun(checkpoint.state, config, { trainClips, validationClips, facts, batch: checkpoint.state.batch });
  if (former) journal.baselines(former.baselines);
  const seed = checkpoint?.state.random.seed ?? readSessionSettings(settings).seed;
  const about = { trainClips, validationClips, facts, batch: 0 };
  const state = checkpoint ? { ...checkpoint.state, settings } : initialState({ ...config, settings }, seed, about);
  const run = new RunContext({
    ...{ config, task, runtime, host, journal, control, checkpoints, data, settings, state },
    clock: new Clock(host.now, state.seconds),
    recoveries: new Recoveries(),
  });
  // Weights that were trained say nothing of what was before.
  run.evaluatedBefore = state.step > 0 || Object.keys(former?.metricsBefore ?? {}).length > 0;
  if (checkpoint) {
    journal.rewind(state);
    journal.resumed(checkpoint.state, settings);
  }
  return { run, checkpoint };
}

/** Settings that the weights which a new run starts from decide. */
async function toldByWeights({ config, runtime }: SessionParts): Promise<Settings> {
  if (!config.weights || !runtime.settingsFrom) return {};
  return runtime.settingsFrom(await openWeights(config.weights), config.settings);
}

/** @throws UserError `stopped-before-training` when the person pressed Stop meanwhile. */
export function refuseWhenStopped(control: Control): void {
  if (control.stopping)
    throw new UserError('stopped-before-training', 'The run was stopped before its first step; nothing was trained.');
}

async function lastCheckpoint(checkpoints: Checkpoints, journal: Journal): Promise<Checkpoint> {
  const checkpoint = await checkpoints.newest((step, error) => {
    const message = `The checkpoint of step ${step} cannot be read; an older one is taken.`;
    journal.notice('checkpoint-broken', message, { step, reason: error.message });
  });
  if (checkpoint) return checkpoint;
  throw new UserError('no-checkpoint', 'No checkpoint of this run is kept, so it cannot be continued. Start it again.');
}

/** The settings of the run as it was, but with those that may change taken from what is asked for now. */
function resumedSettings(kept: Settings, asked: Settings, task: SessionTask, journal: Journal): Settings {
  const changeable = new Set(changeableOnResume);
  for (const setting of task.settings) if (setting.midRun) changeable.add(setting.key);
  const settings = { ...kept };
  const ignored: string[] = [];
  for (const [key, value] of Object.entries(asked)) {
    if (changeable.has(key)) settings[key] = value;
    else if (JSON.stringify(value) !== JSON.stringify(kept[key])) ignored.push(key);
  }
  if (ignored.length > 0) {
    const keys = ignored.join(', ');
    journal.notice('settings-kept', `A continued run keeps its own settings: ${keys}.`, { keys });
  }
  return settings;
}

function checkClips({ trainClips, validationClips }: PreparedData): void {
  if (trainClips === 0)
    throw new UserError('no-train-clips', 'The data gives no clip to train on. See the list of files for the reasons.');
  if (validationClips === 0)
    throw new UserError(
      'no-validation-clips',
      'The data gives no clip to validate with. Add files, or choose another split.',
    );
}
