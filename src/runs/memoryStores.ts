// Keeps runs and checkpoints in memory only: for headless training that keeps nothing, and for tests.
import { UserError } from '../errors';
import { piecesToBlob } from '../formats/writeWeights';
import type { RunRecord } from '../training/protocol';
import type { CheckpointStore } from './checkpointStore';
import type { RunKeeper } from './runStore';

export function memoryCheckpoints(): CheckpointStore {
  const runs = new Map<string, Map<number, Blob>>();
  return {
    async write(runId, step, content) {
      const file = await piecesToBlob(content.pieces());
      const files = runs.get(runId) ?? new Map<number, Blob>();
      runs.set(runId, files.set(step, file));
    },
    list(runId) {
      const files = [...(runs.get(runId) ?? [])].map(([step, file]) => ({ step, bytes: file.size }));
      return Promise.resolve(files.sort((a, b) => b.step - a.step));
    },
    open(runId, step) {
      const file = runs.get(runId)?.get(step);
      return file ? Promise.resolve(file) : Promise.reject(missingCheckpoint(step));
    },
    remove(runId, step) {
      runs.get(runId)?.delete(step);
      return Promise.resolve();
    },
    removeRun(runId) {
      runs.delete(runId);
      return Promise.resolve();
    },
  };
}

export function memoryRuns(): RunKeeper {
  const records = new Map<string, RunRecord>();
  return {
    getRun: (runId) => Promise.resolve(records.get(runId)),
    putRun(record) {
      records.set(record.runId, record);
      return Promise.resolve();
    },
    putView: () => Promise.resolve(),
  };
}

function missingCheckpoint(step: number): UserError {
  return new UserError('checkpoint-missing', `There is no checkpoint of step ${step} any more.`, { step });
}
