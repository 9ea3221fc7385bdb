// Parses JSON that a person hands in: bounded depth, Python's NaN and Infinity, and errors that say where.
import { UserError } from '../errors';
import { jsonMistakeAt } from './jsonMistake';
import { placeAt } from './lines';
import { namedNotNumbers, withoutNotNumbers, type NotNumber } from './notNumbers';

/** Label files nest half a dozen levels. */
const largestDepth = 64;

/** Of a value that `parseJson` gave: its numbers that are none. */
const notNumbers = new WeakMap<object, readonly NotNumber[]>();

/**
 * The parsed value. What Python writes as NaN, Infinity and -Infinity become these numbers: whoever needs another one
 * refuses them with `notNumberAt`.
 * @param path only named in errors.
 * @throws UserError `json-broken` or `json-depth`.
 */
export function parseJson(text: string, path: string): unknown {
  if (deeperThan(largestDepth, text))
    throw new UserError(
      'json-depth',
      `This JSON nests deeper than ${largestDepth} levels; no label file does (${path})`,
      {
        path,
      },
    );
  try {
    return JSON.parse(text);
  } catch {
    const python = withoutNotNumbers(text);
    if (python !== null)
      try {
        const [value, found] = namedNotNumbers(JSON.parse(python.text), python, text);
        if (typeof value === 'object' && value !== null) notNumbers.set(value, found);
        return value;
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    throw mistake(text, path);
  }
}

function mistake(text: string, path: string): UserError {
  const at = jsonMistakeAt(text);
  const { line, column } = placeAt(text, at);
  const place = `${path}, line ${line}, column ${column}`;
  const found = /^(["[\]{},:]|[^\s[\]{},:"]{1,20})/.exec(text.slice(at))?.[0] ?? '';
  const what =
    found === ''
      ? 'This JSON ends too early; save or download it again'
      : `This is not valid JSON: "${found}" cannot stand there; mend it or save it again`;
  return new UserError('json-broken', `${what} (${place})`, { path, line, column, found });
}

/**
 * The first NaN or Infinity of a parsed value whose key path begins with `keyPath`, as the end of a sentence: `since
 * annotations[3].bbox[0] is NaN in line 1, column 94`. Null where there is none.
 */
export function notNumberAt(root: unknown, keyPath: string): string | null {
  const found = typeof root === 'object' && root !== null ? notNumbers.get(root) : undefined;
  const first = found?.find(
    ({ keyPath: one }) => one === keyPath || (/^[.[]/.test(one.slice(keyPath.length)) && one.startsWith(keyPath)),
  );
  return first ? `since ${first.keyPath} is ${first.word} in line ${first.line}, column ${first.column}` : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function deeperThan(limit: number, text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quoted) {
      if (code === 0x5c) i++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > limit) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}
