// Where something is wrong, for the end of a sentence in Simplified Chinese.
import type { ErrorDetail } from '../../errors';

/** File and line in brackets, or nothing. */
export function where(detail: ErrorDetail): string {
  const { path, line } = detail;
  if (path === undefined) return '';
  return line === undefined ? `（${path}）` : `（${path}，第 ${line} 行）`;
}
