// What a person does to the segments of one video: chooses, shapes, renames, accepts or deletes one; each is one correction.
import { segmentKey } from '../../annotations/segmentKeys';
import type { Corrections } from './corrections.svelte';
import { accept, dismiss, withMark, withoutMark, type Corrected, type Use } from './marks';
import { byTime, overlapOf, type SegmentMark, type Span } from './segmentEdits';
import type { Bar } from './segmentRows';

/** The segments of the video on show, as they are now. */
export interface ShownSegments {
  /** Under which its corrections are kept. */
  readonly name: string;
  /** Its labels before anybody corrected them. */
  readonly original: Corrected<SegmentMark>;
  /** Labels now, and their bars in the same order. */
  readonly marks: readonly SegmentMark[];
  readonly truths: readonly Bar[];
  readonly found: readonly Bar[];
  readonly durationSeconds: number;
  /** What a new segment is called by default. */
  readonly label: string;
}

export class SegmentEditing {
  readonly #corrections: Corrections<SegmentMark>;
  readonly #shown: () => ShownSegments | null;
  #selected = $state<string | null>(null);

  /** All bars in the order of time. */
  readonly bars: readonly Bar[] = $derived.by(() => {
    const shown = this.#shown();
    return shown === null ? [] : [...shown.truths, ...shown.found].sort(byTime);
  });
  /** The chosen one. */
  readonly bar: Bar | null = $derived(this.bars.find(({ key }) => key === this.#selected) ?? null);

  constructor(corrections: Corrections<SegmentMark>, shown: () => ShownSegments | null) {
    this.#corrections = corrections;
    this.#shown = shown;
  }

  /** Name of the chosen bar. */
  get selected(): string | null {
    return this.#selected;
  }

  select(bar: Bar | null): void {
    this.#selected = bar?.key ?? null;
  }

  /** One end or both at other times; what was found becomes a label. */
  shape(of: Bar, segment: Span): void {
    this.#put(of, { label: of.label, segment });
  }

  relabel(of: Bar, label: string): void {
    this.#put(of, { label, segment: of.segment });
  }

  accept(of: Bar): void {
    this.#put(of, { label: of.label, segment: of.segment });
  }

  acceptAll(found: readonly Bar[]): void {
    const marks = found.map(({ label, segment }): SegmentMark => ({ label, segment }));
    this.#edit((now) => marks.reduce((all, mark) => accept(all, mark, overlapOf), now));
  }

  /** A label is deleted; what was found is not there. */
  remove(of: Bar): void {
    const mark = this.#markOf(of);
    const at = this.bars.findIndex(({ key }) => key === of.key);
    this.#edit((now) =>
      mark === null ? dismiss(now, { label: of.label, segment: of.segment }) : withoutMark(now, mark),
    );
    this.select(this.bars[Math.min(at, this.bars.length - 1)] ?? null);
  }

  /** A second from here on. */
  add(seconds: number): void {
    const shown = this.#shown();
    if (shown === null) return;
    const start = Math.min(seconds, shown.durationSeconds - 0.1);
    const mark: SegmentMark = {
      label: this.bar?.label ?? shown.label,
      segment: [start, Math.min(shown.durationSeconds, start + 1)],
    };
    this.#edit((now) => withMark(now, null, mark));
    this.#selected = segmentKey('truth', mark);
  }

  /** What the next run uses the video for. */
  use(use: Use): void {
    this.#edit((now) => ({ ...now, use }));
  }

  /** Ctrl+Z and Ctrl+Y, but for fields that have an undo of their own. */
  onKey(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || (event.target as Element).matches('input[type=number]')) return;
    const key = event.key.toLowerCase();
    if (key === 'z' && !event.shiftKey) this.#corrections.undo();
    else if (key === 'y' || key === 'z') this.#corrections.redo();
    else return;
    event.preventDefault();
  }

  #edit(change: (now: Corrected<SegmentMark>) => Corrected<SegmentMark>): void {
    const shown = this.#shown();
    if (shown !== null) this.#corrections.change(shown.name, shown.original, change);
  }

  /** The label that a bar stands for; null for what was found. */
  #markOf(of: Bar): SegmentMark | null {
    const shown = this.#shown();
    if (shown === null || of.score !== null) return null;
    return shown.marks[shown.truths.findIndex(({ key }) => key === of.key)] ?? null;
  }

  /** A label takes this form; what was found becomes one. */
  #put(of: Bar, mark: SegmentMark): void {
    const from = this.#markOf(of);
    this.#edit((now) => (of.score === null ? withMark(now, from, mark) : accept(now, mark, overlapOf)));
    this.#selected = segmentKey('truth', mark);
  }
}
