// Turns whatever was thrown into the plain report that the page words and translates.
import { Bug, UserError, isMissingPart, missingPart } from '../../errors';
import { DeviceLost } from './deviceWatch';
import { NotFinite } from './notFinite';
import type { ErrorReport } from '../protocol';

export function errorReport(thrown: unknown): ErrorReport {
  const error = thrown instanceof Error ? thrown : new Bug(String(thrown));
  const stack = stackOf(error);
  if (error instanceof UserError) {
    const kind = error.code === 'device-lost-often' ? 'device-lost' : 'user';
    return { kind, code: error.code, message: error.message, detail: error.detail, stack };
  }
  if (error instanceof DeviceLost)
    return { kind: 'device-lost', code: 'device-lost', message: error.message, detail: {}, stack };
  if (error instanceof NotFinite) {
    const message = `The value of ${error.message} is not a finite number at step ${error.step}. Check the data and the starting weights.`;
    return { kind: 'user', code: 'not-finite', message, detail: { step: error.step, what: error.message }, stack };
  }
  if (isMissingPart(error)) return { kind: 'user', code: 'part-missing', message: missingPart, detail: {}, stack };
  return { kind: 'bug', code: 'bug', message: error.message, detail: {}, stack };
}

function stackOf(error: Error): string {
  const stacks: string[] = [];
  let next: unknown = error;
  while (next instanceof Error && stacks.length < 20) {
    stacks.push(next.stack ?? `${next.name}: ${next.message}`);
    next = next.cause;
  }
  return stacks.join('\ncaused by ');
}
