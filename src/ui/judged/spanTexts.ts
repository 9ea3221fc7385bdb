// Spans as files that other programs read: CSV, WebVTT, SubRip.
import type { FoundSpan } from './taskFindings';

export type Row = Readonly<Record<string, string | number | null>>;

/** Rows with the names of the first as head; RFC 4180: fields with a comma, a quote or a line break are quoted. */
export function csvOf(rows: readonly Row[], head: readonly string[] = Object.keys(rows[0] ?? {})): string {
  const field = (value: string | number | null | undefined): string => {
    const text = typeof value === 'number' ? String(Number(value.toFixed(6))) : (value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = rows.map((row) => head.map((name) => field(row[name])).join(','));
  return [head.join(','), ...lines, ''].join('\n');
}

/** A row per span of each file. */
export function spansCsv(files: readonly { readonly name: string; readonly spans: readonly FoundSpan[] }[]): string {
  const rows = files.flatMap(({ name, spans }) =>
    spans.map(({ from, until, label, score, lane }) => ({ video: name, start: from, end: until, label, score, lane })),
  );
  return csvOf(rows, ['video', 'start', 'end', 'label', 'score', 'lane']);
}

/** https://www.w3.org/TR/webvtt1/ (read November 2026): cues in the order of their starts. */
export function webVtt(spans: readonly FoundSpan[]): string {
  const cues = inOrder(spans).map(
    (span) => `${clock(span.from, '.')} --> ${clock(span.until, '.')}\n${escaped(caption(span))}\n`,
  );
  return ['WEBVTT\n', ...cues].join('\n');
}

/** SubRip: numbered cues, a comma before the milliseconds. */
export function subRip(spans: readonly FoundSpan[]): string {
  const cues = inOrder(spans).map(
    (span, i) => `${i + 1}\n${clock(span.from, ',')} --> ${clock(span.until, ',')}\n${caption(span)}\n`,
  );
  return cues.join('\n');
}

function inOrder(spans: readonly FoundSpan[]): FoundSpan[] {
  return spans.filter(({ from, until }) => until > from).toSorted((a, b) => a.from - b.from || a.until - b.until);
}

/** A lane that has the label's name is not said twice. */
function caption({ lane, label }: FoundSpan): string {
  return [...new Set([lane, label])]
    .filter((part) => part !== '')
    .join(' ')
    .replace(/\s+/g, ' ');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function clock(seconds: number, point: string): string {
  const all = Math.max(0, Math.round(seconds * 1000));
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${two(all / 3_600_000)}:${two((all / 60_000) % 60)}:${two((all / 1000) % 60)}${point}${String(all % 1000).padStart(3, '0')}`;
}
