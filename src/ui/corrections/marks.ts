// What is corrected, whatever its form: a stretch of time, a box. A label, a form, and what a person decides of it.

export interface Mark {
  readonly label: string;
}

/** What the corrected labels are for in the next run. */
export type Use = 'training' | 'validation';

/** What a person says of one video or picture. */
export interface Corrected<M extends Mark> {
  /** What is true now. */
  readonly marks: readonly M[];
  /** What a model found and is not there; not offered again. */
  readonly dismissed: readonly M[];
  readonly use: Use;
}

/** A mark that replaces another one, or is new (`from` null). */
export function withMark<M extends Mark>(of: Corrected<M>, from: M | null, to: M): Corrected<M> {
  if (from === null) return { ...of, marks: [...of.marks, to] };
  return { ...of, marks: of.marks.map((mark) => (mark === from ? to : mark)) };
}

export function withoutMark<M extends Mark>(of: Corrected<M>, mark: M): Corrected<M> {
  return { ...of, marks: of.marks.filter((other) => other !== mark) };
}

/** What a model found is not there. */
export function dismiss<M extends Mark>(of: Corrected<M>, found: M): Corrected<M> {
  return { ...of, dismissed: [...of.dismissed, found] };
}

/**
 * What a model found is there. It takes the place of the mark of its label that it overlaps most, which was then not
 * exact; without one it is new.
 */
export function accept<M extends Mark>(of: Corrected<M>, found: M, overlap: (a: M, b: M) => number): Corrected<M> {
  let best: M | null = null;
  for (const mark of of.marks) {
    const shared = mark.label === found.label ? overlap(mark, found) : 0;
    if (shared > (best === null ? 0 : overlap(best, found))) best = mark;
  }
  return withMark(of, best, found);
}
