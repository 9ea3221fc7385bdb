// The bench's table and the lines above and below it, as text.
import type { Verdict } from './judge';
import { OURS, type AdapterFigures, type Figures, type Row } from './protocol';

const MEBIBYTE = 2 ** 20;

interface Column {
  readonly title: string;
  readonly text: (figures: Figures, adapter: AdapterFigures, verdict: Verdict) => string;
}

const number = (value: number | undefined | null, digits: number): string =>
  value === undefined || value === null ? '' : value.toFixed(digits);

const significant = (value: number | undefined): string =>
  value === undefined ? '' : String(Number(value.toPrecision(3)));

/** Per second of a median step, as a share of what the adapter can do (in billions per second). */
const share = (amount: number | undefined, { medianMilliseconds }: Figures, peak: number): string =>
  amount === undefined ? '' : `${((100 * amount) / medianMilliseconds / 1e6 / peak).toFixed(1)} %`;

const columns: readonly Column[] = [
  { title: 'median ms', text: (one) => number(one.medianMilliseconds, 2) },
  { title: 'least ms', text: (one) => number(one.leastMilliseconds, 2) },
  { title: 'first ms', text: (one) => number(one.firstMilliseconds, 0) },
  { title: 'x fastest peer', text: (_one, _adapter, { speed }) => number(speed, 2) },
  { title: 'dispatches', text: (one) => number(one.dispatches, 0) },
  { title: 'submits', text: (one) => number(one.submissions, 1) },
  { title: 'new buffers', text: (one) => number(one.newBuffers, 0) },
  { title: 'new groups', text: (one) => number(one.newBindGroups, 0) },
  { title: 'planned MiB', text: (one) => number(one.plannedBytes && one.plannedBytes / MEBIBYTE, 1) },
  { title: 'peak MiB', text: (one) => number(one.peakBytes / MEBIBYTE, 1) },
  { title: 'GFLOP', text: (one) => significant(one.flops && one.flops / 1e9) },
  { title: 'of FMA peak', text: (one, { gigaflops }) => share(one.flops, one, gigaflops) },
  { title: 'MB', text: (one) => significant(one.bytes && one.bytes / 1e6) },
  { title: 'of copying', text: (one, { gigabytes }) => share(one.bytes, one, gigabytes) },
  {
    title: 'check',
    text: ({ check }, _adapter, { agrees }) => `${checkText(check)}${agrees === false ? ' WRONG' : ''}`,
  },
];

function checkText(check: readonly number[]): string {
  return check.map((value) => value.toFixed(5)).join(' > ');
}

/** A Markdown table, padded to be read as it is; a row without figures says why. */
export function table(rows: readonly Row[], verdicts: readonly Verdict[], adapter: AdapterFigures): string[] {
  const head = ['row', 'engine', ...columns.map(({ title }) => title)];
  const body = rows.map(({ subject, engine, figures, reason }, i) => [
    subject,
    engine,
    ...(figures ? columns.map(({ text }) => text(figures, adapter, verdicts[i]!)) : [`n/a: ${reason ?? ''}`]),
  ]);
  // A reason runs over the columns behind it.
  const widths = head.map((title, k) => {
    const cells = body.flatMap((cells, i) => (rows[i]!.figures || k < 2 ? [cells[k]!.length] : []));
    return Math.max(title.length, ...cells);
  });
  const lineOf = (cells: readonly string[]): string =>
    `| ${cells.map((cell, k) => (k < 2 || cells.length < head.length ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, k) => (k < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [lineOf(head), rule, ...body.map(lineOf)];
}

/** Rows that make the exit code non-zero, as sentences. A peer may lack a workload; our engine may not. */
export function complaints(rows: readonly Row[], verdicts: readonly Verdict[]): string[] {
  return rows.flatMap((row, i) => {
    const name = `${row.subject} by ${row.engine}`;
    if (verdicts[i]!.agrees === false) return [`WRONG ${name}: its values are not those of most others.`];
    if (row.figures || row.lacking || row.engine !== OURS) return [];
    return [`FAILED ${name}: ${row.reason ?? ''}`];
  });
}

/** What must be known to read the figures: the adapter and its rates, the host, the state of the driver's cache. */
export function headLines(adapter: AdapterFigures, host: string, environment: NodeJS.ProcessEnv): string[] {
  return [
    `adapter: ${adapter.description}${adapter.software ? ' (a CPU)' : ''}, ${host}`,
    `measured in this run: ${adapter.gigaflops.toFixed(1)} GFLOP/s of f32 multiply-adds, ${adapter.gigabytes.toFixed(1)} GB/s of copying (reads and writes)`,
    `driver's shader cache: ${driverCache(adapter.description, environment)}`,
  ];
}

/** Whether an earlier run may have warmed the first steps. */
function driverCache(description: string, environment: NodeJS.ProcessEnv): string {
  if (/^(1|true|y|yes)$/i.test(environment['MESA_SHADER_CACHE_DISABLE'] ?? '') && !nvidia.test(description)) {
    return 'off (MESA_SHADER_CACHE_DISABLE), first steps are cold';
  }
  if (nvidia.test(description) && environment['__GL_SHADER_DISK_CACHE'] === '0') {
    return 'off (__GL_SHADER_DISK_CACHE), first steps are cold';
  }
  const warm = 'earlier runs may have warmed first steps';
  if (nvidia.test(description)) return `ON, ${warm}; __GL_SHADER_DISK_CACHE=0 turns it off`;
  const off = 'MESA_SHADER_CACHE_DISABLE=true turns it off';
  // Some machines run Mesa's faster driver under this name.
  if (/swiftshader/i.test(description)) return `none, unless Mesa plays SwiftShader: ${off}`;
  return `ON, ${warm}; ${off} for Mesa's drivers`;
}

const nvidia = /nvidia|geforce|tesla/i;
