// How a task shows and gives away what its judge found: pure functions of kept findings and of parameters that act live.
import type { Component } from 'svelte';
import type { Settings } from '../../models/settings';
import type { JudgedResult } from '../../training/judging/judgedResult';
import type { Cursor } from '../player/cursor.svelte';
import type { Overlay } from '../player/draw';
import type { LocaleTag } from '../strings/taskStrings';

/** A stretch of the item: on the seek bar, in a lane of its own below it, in CSV and subtitles. Seconds of the file's time. */
export interface FoundSpan {
  readonly from: number;
  readonly until: number;
  readonly label: string;
  /** 0..1; its colour's strength. */
  readonly score: number;
  /** Spans of a lane lie in one row. */
  readonly lane: string;
  /** Colour by the name of the theme's variable; `--plot-1` by default. */
  readonly colour?: string;
}

/** A place worth a look. */
export interface FoundMoment {
  readonly seconds: number;
  readonly label: string;
  readonly score: number | null;
}

/** What the page shows of one result with the parameters as they are. */
export interface FindingsReading {
  /** The answer in a line: for the list of files, the command line, assistive technology. */
  readonly verdict: string;
  /** Name and value, in the reader's language. */
  readonly numbers: readonly (readonly [name: string, value: string])[];
  readonly spans: readonly FoundSpan[];
  /** The most decisive first. */
  readonly moments: readonly FoundMoment[];
  /** Where the cursor can stand: times of frames in the file, ascending. */
  readonly timestamps: Float64Array;
  /** Drawn on the picture; `place.frame` counts in `timestamps`. */
  readonly overlays: readonly Overlay[];
}

/** A number that acts on what was found without running again. */
export interface LiveParameter {
  /** A setting's, whose value the weights came with; or one of its own, which begins at `default`. */
  readonly key: string;
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  readonly unit?: string;
}

/** One kind of file to take away. */
export interface FindingsExport<Findings> {
  /** Ends the file's name, for example `activitynet.json`. */
  readonly name: string;
  /** Left out where the results have nothing of it. */
  readonly offers?: (result: JudgedResult<Findings>) => boolean;
  /** Of one result only: such a file holds no more. */
  readonly single?: boolean;
  /** Of one result, or of all that were judged together. */
  write(results: readonly JudgedResult<Findings>[], live: Settings): string | Uint8Array<ArrayBuffer>;
}

/** What a model's folder exports as `findings` from `findings.ts`. Loaded when Try opens; no GPU code. */
export interface TaskFindings<Findings = never> {
  /** Their words stand among the task's settings. */
  readonly live: readonly LiveParameter[];
  /** Key points come from a 2-D model, which may be the person's own .onnx. */
  readonly ownModel?: boolean;
  /** `Findings.svelte` stands at the picture's right where there is room, not below the seek bar. */
  readonly beside?: boolean;
  read(result: JudgedResult<Findings>, live: Settings, locale: LocaleTag): FindingsReading;
  /** Beside spans as CSV, WebVTT and SRT, and the result itself, which every task has. */
  readonly exports: readonly FindingsExport<Findings>[];
}

/** Given to a folder's `Findings.svelte`, which may be left out: what else there is to see below the player, or beside it. */
export interface FindingsProps {
  readonly result: JudgedResult<never>;
  readonly live: Settings;
  readonly reading: FindingsReading;
  /** Over `reading.timestamps`. */
  readonly cursor: Cursor;
  readonly locale: LocaleTag;
  readonly theme: string;
}

export type FindingsView = Component<FindingsProps>;
