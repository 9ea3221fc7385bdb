// Keeps runs and checkpoints in memory only: for headless training that keeps nothing, and for tests.
import { UserError } from '../errors';
import type { RunRecord } from '../training/protocol';
import type { CheckpointStore } from './checkpointStore';
import type { RunKeeper } from './runStore';

export function memoryCheckpoints(): CheckpointStore {
  const runs = new Map<string, Map<number, Uint8Array<ArrayBuffer>>>();
  return {
    write(runId, step, content) {
      const files = runs.get(runId) ?? new Map<number, Uint8Array<ArrayBuffer>>();
      runs.set(runId, files.set(step, content.slice()));
      return Promise.resolve();
    },
    list(runId) {
      const files = [...(runs.get(runId) ?? [])].map(([step, content]) => ({ step, bytes: content.byteLength }));
      return Promise.resolve(files.sort((a, b) => b.step - a.step));
    },
    read(runId, step) {
      const content = runs.get(runId)?.get(step);
      return content ? Promise.resolve(content.slice()) : Promise.reject(missingCheckpoint(step));
    },
    open(runId, step) {
      const content = runs.get(runId)?.get(step);
      return content ? Promise.resolve(new Blob([content])) : Promise.reject(missingCheckpoint(step));
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
  };
}

function missingCheckpoint(step: number): UserError {
  return new UserError('checkpoint-missing', `There is no checkpoint of step ${step} any more.`, { step });
}
