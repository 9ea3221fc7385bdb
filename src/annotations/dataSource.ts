// Where a run's data comes from: the task's demo, or files that a person chose.
import type { DataFile } from '../formats/dataFile';

/** Where the training data comes from. Files keep the path that they had inside the dropped folder. */
export type DataSource = DemoData | ChosenData;

export interface DemoData {
  readonly kind: 'demo';
  /** Files beside those that the demo makes: labels that a person corrected. */
  readonly added?: readonly DataFile[];
}

export interface ChosenData {
  readonly kind: 'files';
  readonly name: string;
  readonly files: readonly DataFile[];
  /** Texts in GBK and UTF-8 that was encoded twice are read as they were meant. */
  readonly repairText?: boolean;
  /** Where they lie, if the browser lets the page come back to it. */
  readonly folder?: FileSystemDirectoryHandle;
}

/** The source with further files; they take the place of others of the same path. */
export function withFiles(data: DataSource, files: readonly DataFile[]): DataSource {
  const paths = new Set(files.map(({ path }) => path));
  const others = (data.kind === 'demo' ? (data.added ?? []) : data.files).filter(({ path }) => !paths.has(path));
  const all = [...others, ...files];
  return data.kind === 'demo' ? { ...data, added: all } : { ...data, files: all };
}
