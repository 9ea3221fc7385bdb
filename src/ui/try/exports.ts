// The files that a result can leave as: those that every task has, and the task's own.
import type { Settings } from '../../models/settings';
import type { JudgedResult } from '../../training/judging/judgedResult';
import { spansCsv, subRip, webVtt } from '../judged/spanTexts';
import type { TaskFindings } from '../judged/taskFindings';
import type { LocaleTag } from '../strings/taskStrings';

export interface ResultExport {
  readonly name: string;
  /** Of one result only. */
  readonly single: boolean;
  readonly write: (results: readonly JudgedResult[]) => string | Uint8Array<ArrayBuffer>;
}

/** All of them by the end of their names. Subtitles of several files follow each other. */
export function exportsOf(
  findings: TaskFindings,
  result: JudgedResult,
  live: Settings,
  locale: LocaleTag,
): readonly ResultExport[] {
  // What is found is the task's own type, which only its folder knows.
  const own = (one: JudgedResult) => one as JudgedResult<never>;
  const reading = (one: JudgedResult) => findings.read(own(one), live, locale);
  const spans = (results: readonly JudgedResult[]) => results.flatMap((one) => [...reading(one).spans]);
  const withSpans: readonly ResultExport[] = [
    {
      ...{ name: 'csv', single: false },
      write: (results) => spansCsv(results.map((one) => ({ name: one.name, spans: reading(one).spans }))),
    },
    { name: 'vtt', single: false, write: (results) => webVtt(spans(results)) },
    { name: 'srt', single: false, write: (results) => subRip(spans(results)) },
  ];
  return [
    {
      name: 'result.json',
      single: false,
      write: (results) => JSON.stringify(results.length === 1 ? results[0] : results),
    },
    ...findings.exports
      .filter((one) => one.offers?.(own(result)) ?? true)
      .map((one) => ({
        ...{ name: one.name, single: one.single === true },
        write: (results: readonly JudgedResult[]) => one.write(results.map(own), live),
      })),
    ...(reading(result).spans.length > 0 ? withSpans : []),
  ];
}
