// Parses JSON that a person hands in: bounded depth, and errors that say where.
import { UserError } from '../errors';
import { jsonMistakeAt } from './jsonMistake';
import { lineAt } from './lines';

/** Label files nest half a dozen levels. */
const largestDepth = 64;

/**
 * The parsed value.
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
    const line = lineAt(text, jsonMistakeAt(text));
    throw new UserError('json-broken', `This is not complete JSON; mend it or save it again (${path}, line ${line})`, {
      path,
      line,
    });
  }
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
