// A run as a report in Markdown: settings, epochs with their change, best epoch, speed, memory, tables.
import type { Metrics, RunRecord } from '../training/protocol';
import type { Settings, SettingValue } from '../models/settings';
import type { WeightReport } from '../training/weights/weightReport';
import { reportWords, type ReportWords } from './reportWords';

export interface ReportOptions {
  readonly language?: 'en' | 'zh-CN';
  /** Settings of the task before anything was changed; without them nothing is marked as changed. */
  readonly defaults?: Settings;
  /** Units of metrics by name, for example `mm`. */
  readonly units?: Readonly<Record<string, string>>;
  /** A person's word for a setting, metric, baseline or table; the name itself where there is none. */
  readonly label?: (name: string) => string;
}

type Cell = string | number;

/** The whole report; `record` may be of a run that has not ended. */
export function reportMarkdown(record: RunRecord, options: ReportOptions = {}): string {
  const words = reportWords[options.language ?? 'en'];
  const label = options.label ?? ((name: string) => name);
  const sections = [
    `# ${record.name}`,
    overview(record, words),
    `## ${words.config}\n\n${settingsTable(record.settings, options.defaults, words, label)}`,
    `## ${words.epochs}\n\n${epochTable(record, words, label)}\n\n${bestSentence(record, words, label, options)}`,
    changesOnTheWay(record, words, label),
    result(record, words, label, options),
    speed(record, words),
    ...breakdowns(record, words, label),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function overview(record: RunRecord, words: ReportWords): string {
  const data = record.dataKind === 'demo' ? words.demoData : record.dataName;
  return table(
    [words.setting, words.value],
    [
      [words.task, record.task],
      [words.preset, record.preset],
      [words.data, data],
      ...(record.weights ? [[words.weights, startingWeights(record.weights, words)] as const] : []),
      [words.date, new Date(record.createdAt).toISOString()],
      [words.reason, words.reasons[record.summary?.reason ?? 'unfinished']],
    ],
  );
}

function startingWeights(report: WeightReport, { weightCounts }: ReportWords): string {
  const { matched, reshaped, initial, wrongShape, unused } = report;
  return weightCounts(report.path, {
    matched: matched.length,
    reshaped: reshaped.length,
    initial: initial.length,
    wrongShape: wrongShape.length,
    unused: unused.length,
  });
}

function settingsTable(
  settings: Settings,
  defaults: Settings | undefined,
  words: ReportWords,
  label: (name: string) => string,
): string {
  const show = (value: SettingValue | undefined): string => (value === undefined ? '' : `\`${String(value)}\``);
  const keys = Object.keys(settings);
  if (!defaults)
    return table(
      [words.setting, words.value],
      keys.map((key) => [label(key), show(settings[key])]),
    );
  const rows = keys.map((key) => {
    const changed = JSON.stringify(settings[key]) !== JSON.stringify(defaults[key]);
    const value = show(settings[key]);
    return [label(key), changed ? `**${value}**` : value, show(defaults[key]), changed ? words.changed : ''];
  });
  return table([words.setting, words.value, words.standard, words.changed], rows);
}

/** What was changed while it trained; empty where nothing was. */
function changesOnTheWay({ changes = [] }: RunRecord, words: ReportWords, label: (name: string) => string): string {
  if (changes.length === 0) return '';
  const rows = changes.map(({ step, key, from, to }) => [step, label(key), String(from), String(to)]);
  return `## ${words.changes}\n\n${table([words.afterStep, words.setting, words.from, words.to], rows)}`;
}

/** One row per epoch; the change is that of the deciding metric against the validation before, in its own unit and per cent. */
function epochTable(record: RunRecord, words: ReportWords, label: (name: string) => string): string {
  const names = metricNames(record);
  const deciding = names[0];
  const row = (first: Cell, loss: Cell, metrics: Metrics, change: string, seconds: Cell, best: string): Cell[] => [
    first,
    loss,
    ...names.map((name) => shown(metrics[name])),
    ...(deciding === undefined ? [] : [change]),
    seconds,
    best,
  ];
  const rows: Cell[][] = [];
  let former = deciding === undefined ? undefined : record.metricsBefore[deciding];
  if (Object.keys(record.metricsBefore).length > 0) rows.push(row(words.before, '', record.metricsBefore, '', '', ''));
  for (const epoch of record.epochs) {
    const value = deciding === undefined ? undefined : epoch.metrics[deciding];
    const best = epoch.epoch === record.best?.epoch ? '★' : '';
    const seconds = epoch.seconds.toFixed(1);
    rows.push(row(epoch.epoch, shown(epoch.trainLoss), epoch.metrics, changeOf(value, former), seconds, best));
    if (value !== undefined && Number.isFinite(value)) former = value;
  }
  const change = deciding === undefined ? [] : [words.change];
  return table([words.epoch, words.trainLoss, ...names.map(label), ...change, words.seconds, words.best], rows);
}

function bestSentence(
  { best, epochs }: RunRecord,
  words: ReportWords,
  label: (name: string) => string,
  options: ReportOptions,
): string {
  if (!best) return words.noBest;
  const validated = epochs.filter(({ metrics }) => Object.keys(metrics).length > 0);
  const name = Object.keys(validated[0]?.metrics ?? {})[0] ?? '';
  const unit = options.units?.[name] ?? '';
  const last = validated.at(-1)?.metrics[name];
  const sentence = words.bestEpoch(best.epoch, label(name), withUnit(best.value, unit));
  return last === undefined
    ? sentence
    : `${sentence} ${words.bestAgainstLast(withUnit(best.value, unit), withUnit(last, unit))}`;
}

function result(
  record: RunRecord,
  words: ReportWords,
  label: (name: string) => string,
  options: ReportOptions,
): string {
  const { summary, baselines, metricsBefore } = record;
  const parts: string[] = [];
  if (summary) {
    const rows = metricNames(record).map((name) => {
      const unit = options.units?.[name] ?? '';
      return [label(name), withUnit(metricsBefore[name], unit), withUnit(summary.metricsAfter[name], unit)];
    });
    parts.push(table([words.metric, words.before, words.after], rows));
  }
  const named = Object.entries(baselines).map(([name, value]) => [label(name), shown(value)]);
  if (named.length > 0) parts.push(table([words.baseline, words.value], named));
  return parts.length > 0 ? `## ${words.result}\n\n${parts.join('\n\n')}` : '';
}

/** Steps that loss scaling left out. */
export function skippedSteps({ steps }: RunRecord): number {
  return steps.filter(({ skipped }) => skipped === true).length;
}

function speed(record: RunRecord, words: ReportWords): string {
  const { summary, bytes } = record;
  if (!summary) return '';
  const skipped = skippedSteps(record);
  const { plan, adapter } = summary;
  const heads = ['', words.value];
  return [
    `## ${words.speed}`,
    table(heads, [
      [words.steps, summary.steps],
      ...(skipped > 0 ? [[words.skippedSteps, skipped] as const] : []),
      [words.stepTime, shown(summary.stepMilliseconds)],
      [words.trainingTime, summary.seconds.toFixed(1)],
      [words.compileTime, plan.compileMilliseconds.toFixed(0)],
      [words.dispatches, plan.dispatchesPerStep],
    ]),
    `## ${words.memory}`,
    table(heads, [
      [words.parameters, plan.parameters],
      [words.trainable, plan.trainableParameters],
      [words.plannedPeak, mebibytes(plan.plannedPeakBytes)],
      [words.livePeak, mebibytes(summary.livePeakBytes)],
      [words.kept, mebibytes(bytes)],
    ]),
    `## ${words.adapter}`,
    table(heads, [
      [words.name, adapterName(adapter) + (adapter.software ? `, ${words.software}` : '')],
      [words.rate, shown(adapter.gigaflops)],
    ]),
  ].join('\n\n');
}

function breakdowns({ summary }: RunRecord, words: ReportWords, label: (name: string) => string): string[] {
  return Object.entries(summary?.tables ?? {}).map(([name, values]) => {
    const rows = Object.entries(values).map(([row, value]) => [label(row), shown(value)]);
    return `## ${label(name)}\n\n${table([label(name), words.value], rows)}`;
  });
}

/** How an adapter is named in reports. */
export function adapterName(adapter: { vendor: string; architecture: string; description: string }): string {
  return adapter.description || `${adapter.vendor} ${adapter.architecture}`.trim();
}

/** Names of all metrics of a run, the deciding one first. */
function metricNames(record: RunRecord): string[] {
  const all = [record.metricsBefore, ...record.epochs.map(({ metrics }) => metrics)].flatMap(Object.keys);
  return [...new Set(all)];
}

function changeOf(value: number | undefined, former: number | undefined): string {
  if (value === undefined || former === undefined || !Number.isFinite(value - former)) return '';
  const difference = value - former;
  const share = former === 0 ? '' : ` (${signed(((difference / Math.abs(former)) * 100).toFixed(1))} %)`;
  return `${signed(shown(difference))}${share}`;
}

function signed(text: string): string {
  return text.startsWith('-') ? `−${text.slice(1)}` : `+${text}`;
}

/** As few digits as say enough: five significant ones. */
function shown(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  return String(Number(value.toPrecision(5)));
}

function withUnit(value: number | undefined, unit: string): string {
  return unit === '' || value === undefined ? shown(value) : `${shown(value)} ${unit}`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(heads), `|${heads.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}

/** A cell cannot hold a bar or a line break. */
function escaped(cell: Cell): string {
  return String(cell)
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ');
}
