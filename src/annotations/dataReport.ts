// What reading data found, usable or not, as a list before anything runs.
import type { ErrorDetail } from '../errors';

/** One finding of the check that runs before training: what is usable and what is not, and why. */
export interface DataProblem {
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly detail: ErrorDetail;
}

/** One usable item as the check lists it. */
export interface ReportItem {
  readonly path: string;
  /** Its class, or the classes of its instances, each once. */
  readonly label?: string;
  readonly split?: string;
  /** How many instances it has, where it may have several. */
  readonly instances?: number;
}

/** A box of a sample in pixels of its picture. */
export interface SampleBox {
  readonly label: string;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** A usable item to look at, with its labels. */
export interface DataSample extends ReportItem {
  /** The picture or video, where it is one that a page can show. */
  readonly media?: Blob;
  readonly kind?: 'image' | 'video';
  readonly boxes?: readonly SampleBox[];
  /** Bones of a body, in a picture whose sides are 1; y points down. */
  readonly strokes?: readonly { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number }[];
  /** In seconds. */
  readonly spans?: readonly { readonly label: string; readonly start: number; readonly end: number }[];
}

/** What the data check found, shown as a list before anything runs. */
export interface DataReport {
  readonly found: number;
  readonly usable: number;
  readonly problems: readonly DataProblem[];
  /** Counts by name, in the order to show them, for example { 'train clips': 5120, 'val clips': 1204 }. */
  readonly counts: Readonly<Record<string, number>>;
  /** Class, action or subject name -> number of items, largest first. */
  readonly groups: Readonly<Record<string, number>>;
  /** The label format, where labels were read. */
  readonly format?: string;
  /** In the order of their numbers. */
  readonly classes?: readonly string[];
  readonly items?: readonly ReportItem[];
  /** A few of the items, the same each time. */
  readonly samples?: readonly DataSample[];
  /** Instances that no setting can learn from: without extent, or outside of their file. */
  readonly unlearnable?: number;
}

/** Findings about files that have no label, and about labels whose file is not there: each is a list of its own. */
export const fileWithoutLabel: ReadonlySet<string> = new Set([
  'label-none',
  'faces-pictures',
  'bvh-not-in-index',
  'voc-missing-annotation',
]);
export const labelWithoutFile: ReadonlySet<string> = new Set(['label-missing-file', 'bvh-missing-file']);
