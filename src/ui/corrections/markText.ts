// What the parts that all corrections share say and show, whatever is corrected.
import type { Use } from './marks';
import type { Tone } from './segmentRows';

/** A line of the list. */
export interface Listed {
  readonly key: string;
  readonly label: string;
  /** Of what was found; null for what is labelled. */
  readonly score: number | null;
  readonly tone: Tone;
}

/** Numbers arrive as text, already in the reader's form. */
export interface MarkText {
  readonly truth: string;
  readonly found: string;
  readonly tones: Readonly<Record<Tone, string>>;
  readonly list: string;
  readonly listNote: string;
  readonly none: string;
  readonly title: string;
  readonly note: string;
  readonly state: (corrected: string, one: boolean) => string;
  readonly untouched: string;
  readonly notKept: string;
  readonly undo: string;
  readonly redo: string;
  readonly reset: string;
  readonly acceptAll: (count: string) => string;
  readonly use: string;
  readonly uses: Readonly<Record<Use, string>>;
  readonly useNext: string;
  readonly added: string;
}
