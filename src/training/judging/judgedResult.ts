// What a model said of one item: plain JSON that is kept, leaves as a file and opens again.
import { UserError, type ErrorDetail } from '../../errors';
import type { Settings } from '../../models/settings';
import type { Facts } from '../batch';

/** What an item is, known before anything is judged. */
export interface ItemHead {
  /** Where its first frame lies in the file's time, and how long it lasts. */
  readonly startSeconds: number;
  readonly seconds: number;
  /** Frames of the file. */
  readonly frames: number;
  /** Size of the picture; 0 where there is none. */
  readonly width: number;
  readonly height: number;
}

/** The weights that judged. */
export interface JudgedBy {
  /** A run's name or a file's. */
  readonly name: string;
  readonly settings: Settings;
  readonly facts: Facts;
}

export interface JudgedResult<Findings = unknown> {
  readonly format: 'tabtune-result';
  readonly version: 1;
  readonly resultId: string;
  readonly task: string;
  /** Of the item. */
  readonly name: string;
  readonly createdAt: number;
  readonly by: JudgedBy;
  readonly head: ItemHead;
  /** Up to where it was judged; less than its length where the person cancelled. */
  readonly untilSeconds: number;
  readonly whole: boolean;
  /** What the person should know of the file. */
  readonly notices: readonly { readonly code: string; readonly message: string; readonly detail: ErrorDetail }[];
  /** The task's own. */
  readonly findings: Findings;
}

/**
 * Reads a result's JSON: one result, or a list of them.
 * @throws UserError `result-unknown` for anything else.
 */
export function readResults(text: string, path: string): readonly JudgedResult[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notAResult(path);
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || !list.every(isResult)) throw notAResult(path);
  return list;
}

function isResult(value: unknown): value is JudgedResult {
  if (typeof value !== 'object' || value === null) return false;
  const { format, version, resultId, task, name, by, head, findings } = value as Partial<JudgedResult>;
  return (
    format === 'tabtune-result' &&
    version === 1 &&
    [resultId, task, name].every((one) => typeof one === 'string') &&
    [by, head, findings].every((one) => typeof one === 'object' && one !== null)
  );
}

function notAResult(path: string): UserError {
  const message = `This is not a result that this version of Tabtune can open; results end in .result.json (${path})`;
  return new UserError('result-unknown', message, { path });
}
