// Every step of a run as a table for spreadsheets and scripts.
import type { RunRecord } from '../training/protocol';

/** RFC 4180, one row per step; numbers as JavaScript writes them, which loses nothing. */
export function stepsCsv({ steps }: Pick<RunRecord, 'steps'>): string {
  const parts = [...new Set(steps.flatMap((step) => Object.keys(step.parts)))];
  const heads = ['step', 'epoch', 'learning_rate', 'loss', ...parts, 'milliseconds', 'skipped'];
  const rows = steps.map(({ step, epoch, learningRate, loss, parts: values, milliseconds, skipped }) => [
    ...[step, epoch, learningRate, loss],
    ...parts.map((name) => values[name] ?? ''),
    ...[milliseconds, skipped === true ? 1 : 0],
  ]);
  return [heads, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

function quoted(cell: string | number): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
