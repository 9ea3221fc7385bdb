// What every reader of a dropped folder gives: records to use, a reason for each item that cannot be used, and the report.
import { UserError, type ErrorDetail } from '../errors';
import type { DataFile } from '../formats/dataFile';
import {
  fileWithoutLabel,
  labelWithoutFile,
  type DataProblem,
  type DataReport,
  type DataSample,
  type ReportItem,
} from './dataReport';
import { nameHash } from './nameHash';

export type Split = 'train' | 'val' | 'test';

/** A usable record and the file that it describes. */
export interface LabelledItem {
  /** Where the file lies in the folder. */
  readonly path: string;
  readonly media: DataFile;
  /** Null where the labels give no split. */
  readonly split: Split | null;
}

export interface LabelSet<Item extends LabelledItem = LabelledItem> {
  /** In the order of the labels, or by path where these have none. */
  readonly items: readonly Item[];
  /** One entry for each item that is named by the labels or lies in the folder and cannot be used. */
  readonly unusable: readonly DataProblem[];
  /** What a person should know though nothing is lost, or only parts of items are. */
  readonly notices: readonly DataProblem[];
  /** In the order of their numbers; empty where the items have none. */
  readonly classes: readonly string[];
}

/** A finding about the file or entry at `path`; the sentence ends with it. */
export function finding(code: string, what: string, path: string, detail: ErrorDetail = {}): DataProblem {
  return { path, code, message: path === '' ? `${what}.` : `${what} (${path})`, detail: { path, ...detail } };
}

/** A finding about a text that can be read as it was meant when asked for. */
export function isRepairable({ code, detail }: { readonly code: string; readonly detail: ErrorDetail }): boolean {
  return (code === 'text-gbk' || code === 'text-double-encoded') && detail['repaired'] === false;
}

/**
 * Where nothing is usable, a text that is read otherwise than it was meant is the reason to tell: the page then offers
 * to read it as meant. Null where there is none.
 */
export function repairableReason(findings: readonly DataProblem[]): UserError | null {
  const found = findings.find(isRepairable);
  return found ? new UserError(found.code, found.message, found.detail) : null;
}

/** What is wrong with the labels themselves where nothing of them is usable; null where files or labels are missing. */
export function labelReason(unusable: readonly DataProblem[]): UserError | null {
  const found = unusable.find(({ code }) => !fileWithoutLabel.has(code) && !labelWithoutFile.has(code));
  return found ? new UserError(found.code, found.message, found.detail) : null;
}

/** A file that the labels name and nobody dropped. */
export function missingMedia(name: string, from: string): DataProblem {
  return finding('label-missing-file', `${from} names this file, but it is not in the folder: add it`, name, { from });
}

/** A file of the kind that is labelled here, without a label. */
export function unlabelled(path: string): DataProblem {
  return finding('label-none', 'There is no label for this file: label it or leave it out', path);
}

/** How the check sums a set up: what is found, usable and not, by split and class, and how long it is. */
export function reportOf<Item extends LabelledItem>(
  set: LabelSet<Item>,
  describe: {
    /** For example `videos`. */
    readonly unit: string;
    /** Classes of one item, one entry per instance. */
    labels(item: Item): readonly string[];
    /** Null when the labels do not say. */
    seconds?(item: Item): number | null;
    /** Instances without extent, or outside of their file. */
    unlearnable?(item: Item): number;
    /** What a sample shows besides its labels. */
    sample?(item: Item): Pick<DataSample, 'boxes' | 'spans' | 'kind'>;
  },
): DataReport {
  const { items, unusable, notices } = set;
  const counts = new Map<string, number>();
  const add = (name: string, n: number): void => void counts.set(name, (counts.get(name) ?? 0) + n);
  for (const split of ['train', 'val', 'test', null] as const) {
    const members = items.filter((item) => item.split === split);
    if (members.length > 0) add(split === null ? describe.unit : `${split} ${describe.unit}`, members.length);
  }
  const groups = new Map<string, number>(set.classes.map((name) => [name, 0]));
  for (const item of items) {
    for (const label of describe.labels(item)) {
      groups.set(label, (groups.get(label) ?? 0) + 1);
      add('instances', 1);
    }
  }
  counts.set('classes', groups.size);
  const lengths = items.map((item) => describe.seconds?.(item) ?? null).filter((value) => value !== null);
  if (lengths.length > 0) {
    counts.set('seconds', Math.round(lengths.reduce((sum, value) => sum + value, 0)));
    counts.set('longest, seconds', Math.round(lengths.reduce((most, value) => Math.max(most, value), 0)));
  }
  const missing = unusable.filter(({ code }) => labelWithoutFile.has(code)).length;
  const listed = items.map((item) => listedItem(item, describe.labels(item)));
  const samples = sampledPlaces(items.map(({ path }) => path)).map((i): DataSample => {
    const item = items[i]!;
    return { ...listed[i]!, media: item.media.blob, ...describe.sample?.(item) };
  });
  if (missing > 0) counts.set('missing files', missing);
  return {
    found: items.length + unusable.length,
    usable: items.length,
    problems: [...unusable, ...notices],
    counts: Object.fromEntries(counts),
    groups: Object.fromEntries([...groups].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))),
    classes: set.classes,
    items: listed,
    samples,
    unlearnable: items.reduce((sum, item) => sum + (describe.unlearnable?.(item) ?? 0), 0),
  };
}

function listedItem({ path, split }: LabelledItem, labels: readonly string[]): ReportItem {
  const label = [...new Set(labels)].join(', ');
  return {
    path,
    ...(label !== '' && { label }),
    ...(split !== null && { split }),
    ...(labels.length !== 1 && { instances: labels.length }),
  };
}

const SAMPLES = 6;

/** Places of a few items, by a hash of their names so that they are the same each time. */
export function sampledPlaces(names: readonly string[]): number[] {
  const order = names.map((name, i) => [nameHash(name), i] as const).sort(([a], [b]) => a - b);
  return order.slice(0, SAMPLES).map(([, i]) => i);
}
