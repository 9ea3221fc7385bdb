// What a place that keeps checkpoints can do, whatever it is made of: the browser's own files, memory, a folder on disk.
import type { FileInPieces } from '../formats/writeWeights';

export interface CheckpointFile {
  readonly step: number;
  readonly bytes: number;
}

/** Checkpoints of runs, one file for each kept step. */
export interface CheckpointStore {
  /**
   * Keeps `content` whole or not at all: a crash or an error in the midst leaves every former checkpoint as it was.
   * @throws UserError `storage-full` when there is no room, and what `content` throws.
   */
  write(runId: string, step: number, content: FileInPieces): Promise<void>;
  /** What is kept of a run, newest step first. */
  list(runId: string): Promise<CheckpointFile[]>;
  /** The file itself, to be read piece by piece. Throws UserError `checkpoint-missing`. */
  open(runId: string, step: number): Promise<Blob>;
  remove(runId: string, step: number): Promise<void>;
  removeRun(runId: string): Promise<void>;
}
