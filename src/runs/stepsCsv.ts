// Every step of a run as a table for spreadsheets and scripts.
import type { RunRecord } from '../training/protocol';

/** Empty where a step has none of it. */
const more = ['gradient_norm', 'data_milliseconds', 'submit_milliseconds', 'gpu_milliseconds', 'held_bytes'];

/** RFC 4180, one row per step; numbers as JavaScript writes them, which loses nothing. */
export function stepsCsv({ steps }: Pick<RunRecord, 'steps'>): string {
  const parts = [...new Set(steps.flatMap((step) => Object.keys(step.parts)))];
  const heads = ['step', 'epoch', 'learning_rate', 'loss', ...parts, 'milliseconds', 'skipped', ...more];
  const rows = steps.map(({ step, epoch, learningRate, loss, parts: values, milliseconds, skipped, ...rest }) => [
    ...[step, epoch, learningRate, loss],
    ...parts.map((name) => values[name] ?? ''),
    ...[milliseconds, skipped === true ? 1 : 0],
    ...[rest.gradientNorm, rest.waits?.data, rest.waits?.submit, rest.waits?.gpu, rest.heldBytes].map((v) => v ?? ''),
  ]);
  return [heads, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

function quoted(cell: string | number): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
