// Reads lists entry by entry, so that a broken entry costs itself alone.
import { UserError } from '../errors';
import { notNumberAt } from '../formats/json';
import type { DataProblem } from './dataReport';
import { finding } from './labelSet';

/** With more broken entries than this, and more than good ones, it is another kind of file. */
const mostBrokenEntries = 100;

/** What a reader throws for an entry: the field that is wrong, and what it must be. */
export function wrongField(field: string, what: string): UserError {
  return new UserError('entry-field', `"${field}" ${what}`, { field });
}

/** An optional number of an entry: null, NaN and Infinity, as Python writes what it does not know, say nothing. */
export function optionalNumber(value: unknown): unknown {
  return value === null || (typeof value === 'number' && !Number.isFinite(value)) ? undefined : value;
}

/**
 * Reads each entry; a UserError that `read` throws becomes a finding under `code` with the entry's number (from 1) and
 * field. `keyPathOf` says where an entry lies in the parsed JSON `root`.
 * @throws UserError `code` when most of more than a hundred entries are broken.
 */
export function readEntries<In, Out>(
  list: readonly In[],
  code: string,
  path: string,
  read: (value: In) => Out,
  root: unknown = list,
  keyPathOf: (value: In, place: number) => string = (_, place) => `[${place}]`,
): { entries: Out[]; unusable: DataProblem[] } {
  const entries: Out[] = [];
  const unusable: DataProblem[] = [];
  for (const [i, value] of list.entries()) {
    try {
      entries.push(read(value));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const detail = { entry: i + 1, field: error.detail['field'] ?? '' };
      const since = notNumberAt(root, keyPathOf(value, i));
      const why = since === null ? error.message : `${error.message}, ${since}`;
      if (unusable.length >= Math.max(mostBrokenEntries, entries.length))
        throw new UserError(code, `Most entries are broken, the last because ${why} (${path})`, { path, ...detail });
      unusable.push(finding(code, `Entry ${i + 1} of the list: ${why}`, path, detail));
    }
  }
  return { entries, unusable };
}
