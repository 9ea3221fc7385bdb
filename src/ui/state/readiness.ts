// Whether a run can start, and if not, the one reason that the page gives for it.
import type { DataSource } from '../../annotations/dataSource';
import type { Strings } from '../strings/en';
import type { GpuStatus } from './gpu.svelte';

/** What passes by itself, in the order in which it is told. */
const waits = ['gpu', 'sizing', 'files', 'weights'] as const;
/** What somebody has to do something about. */
export type Blocked = 'no-gpu' | 'run' | 'bad-weights' | 'data' | 'unusable' | 'setting';
export type Reason = (typeof waits)[number] | Blocked;

export interface Readiness {
  /** Null once a run can start. */
  readonly reason: Reason | null;
  /** True where the reason passes by itself. */
  readonly waits: boolean;
  /** Of the files that are read, where that is the reason and something was counted. */
  readonly counted: Counted | null;
}

export interface Counted {
  readonly done: number;
  readonly total: number;
}

export interface StartFacts {
  readonly gpu: GpuStatus['state'];
  /** A run is under way. */
  readonly active: boolean;
  readonly data: DataSource['kind'] | null;
  readonly sizing: boolean;
  readonly reading: boolean;
  readonly counted: Counted | null;
  /** False once a check found nothing to train on. */
  readonly usable: boolean;
  readonly weights: 'fine' | 'opening' | 'unusable';
  readonly settingsValid: boolean;
}

function reasonFor(facts: StartFacts): Reason | null {
  if (facts.active) return 'run';
  if (facts.gpu === 'missing') return 'no-gpu';
  if (facts.data === null) return 'data';
  if (facts.gpu === 'asking') return 'gpu';
  if (facts.sizing) return 'sizing';
  if (facts.reading) return 'files';
  if (!facts.usable) return 'unusable';
  if (facts.weights === 'opening') return 'weights';
  if (facts.weights === 'unusable') return 'bad-weights';
  return facts.settingsValid ? null : 'setting';
}

/** The first thing that keeps a run from starting. */
export function readinessOf(facts: StartFacts): Readiness {
  const reason = reasonFor(facts);
  const passes = (waits as readonly string[]).includes(reason ?? '');
  return { reason, waits: passes, counted: reason === 'files' ? facts.counted : null };
}

/** The reason in the reader's language. */
export function readinessText({ reason, counted }: Readiness, text: Strings): string {
  if (reason === null) return text.train.ready;
  if (reason === 'files' && counted !== null) return text.start.readingOf(counted.done, counted.total);
  return text.start.reasons[reason];
}
