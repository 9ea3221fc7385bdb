// Turns whatever was thrown or sent into an ErrorReport, and its sentence into the reader's language.
import { isMissingPart, missingPart, type ErrorDetail } from '../../errors';
import type { AdapterReport, ErrorReport, RunEvent } from '../../training/protocol';
import type { Strings } from '../strings/en';
import type { TaskStrings } from '../strings/taskStrings';

declare global {
  // Only `var` makes a name known on `globalThis`.
  var tabtuneObserver: ((event: RunEvent) => void) | undefined;
}

/** Lets automation hear of errors that no run event tells. */
export function observeError(error: ErrorReport): void {
  globalThis.tabtuneObserver?.({ type: 'failed', error });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function unknownError(message: string): ErrorReport {
  return { kind: 'bug', code: 'unknown', message, detail: {}, stack: '' };
}

/** Errors lose their class on the way from the worker, so a UserError is known by its name and code. */
export function reportOf(thrown: unknown): ErrorReport {
  if (!isRecord(thrown)) return unknownError(String(thrown));
  const { name, code, message, detail, stack } = thrown;
  if (isMissingPart(thrown)) return { kind: 'user', code: 'part-missing', message: missingPart, detail: {}, stack: '' };
  return {
    kind: name === 'UserError' ? 'user' : 'bug',
    code: typeof code === 'string' ? code : 'unknown',
    message: typeof message === 'string' ? message : 'Something without a message was thrown.',
    detail: isRecord(detail) ? (detail as ErrorDetail) : {},
    stack: typeof stack === 'string' ? stack : '',
  };
}

/** The sentence for a code in the reader's language; the English message where there is none. */
export function sentence(
  report: { readonly code: string; readonly message: string; readonly detail: ErrorDetail },
  text: Strings,
  taskText: Pick<TaskStrings, 'errors'>,
): string {
  const translated = taskText.errors[report.code] ?? text.errors[report.code];
  return translated?.(report.detail) ?? report.message;
}

/** What the page says of an error: its sentence, or that it is our mistake. */
export function saidOf(error: ErrorReport, text: Strings, taskText: Pick<TaskStrings, 'errors'>): string {
  return error.kind === 'user' ? sentence(error, text, taskText) : text.notices.ourMistake(error.message);
}

/** What a person can send us: no file names, no data. */
export function bugReport(
  error: ErrorReport,
  context: { version: string; task: string; step: number; adapter: AdapterReport | null },
): string {
  const adapter = context.adapter;
  const lines = [
    `Tabtune ${context.version}`,
    `task ${context.task}, step ${context.step}`,
    adapter === null
      ? 'adapter unknown'
      : `adapter ${adapter.vendor} ${adapter.architecture} ${adapter.description}${adapter.software ? ' (software)' : ''}`,
    navigator.userAgent,
    `${error.kind} ${error.code}: ${error.message}`,
    error.stack,
  ];
  return lines.join('\n').trim();
}
