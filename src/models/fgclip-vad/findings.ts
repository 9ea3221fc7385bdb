// What judging a video found, for the page: incidents as spans, the score along the video, the heat map over the picture.
import type { JudgedResult } from '../../training/judging/judgedResult';
import { fixed } from '../../ui/format/quantities';
import { csvOf, type Row } from '../../ui/judged/spanTexts';
import type { FindingsReading, TaskFindings } from '../../ui/judged/taskFindings';
import type { LocaleTag } from '../../ui/strings/taskStrings';
import type { Settings } from '../settings';
import type { AnomalyFindings } from './anomalyFindings';
import { heatOverlay } from './heatOverlay';
import { viewIncidents, type ViewIncident } from './viewIncidents';
import { findingsStrings } from './viewStrings';

type AnomalyResult = JudgedResult<AnomalyFindings>;

/** Of the picture, where it is hottest. */
const OPACITY = 0.6;

function shownScore({ scores, shown }: AnomalyFindings): readonly number[] {
  return scores[shown] ?? scores.text ?? [];
}

/** In the order of time. */
function incidentsIn({ findings, head }: Pick<AnomalyResult, 'findings' | 'head'>, live: Settings): ViewIncident[] {
  const { times, probabilities } = findings;
  if (times.length === 0) return [];
  const video = {
    times: Float64Array.from(times),
    end: head.startSeconds + head.seconds,
    classes: Float32Array.from(probabilities),
  };
  return viewIncidents(video, shownScore(findings), Number(live['threshold']));
}

function read(result: AnomalyResult, live: Settings, locale: LocaleTag): FindingsReading {
  const { findings, untilSeconds } = result;
  const text = findingsStrings[locale];
  const score = shownScore(findings);
  const incidents = incidentsIn(result, live);
  const nameOf = ({ category }: ViewIncident): string => findings.classes[category] ?? '';
  const timestamps = Float64Array.from(findings.times);
  const two = (value: number): string => fixed(locale, value, 2);
  const highest = score.reduce((most, one) => Math.max(most, one), 0);
  const [least, most] = [score.reduce((a, b) => Math.min(a, b), 1), highest];
  return {
    verdict:
      untilSeconds === 0 ? text.nothing : text.verdict(incidents.length, two(highest), two(Number(live['threshold']))),
    numbers: [
      [text.highest, two(highest)],
      [text.range, `${two(least)} – ${two(most)}`],
      [text.samples, String(score.length)],
    ],
    spans: incidents.map((one) => ({
      ...{ from: one.start, until: one.end, label: nameOf(one), score: one.score, lane: text.incidents },
      colour: '--plot-2',
    })),
    moments: [...incidents]
      .sort((a, b) => b.score - a.score)
      .map((one) => ({ seconds: findings.times[one.peak]!, label: nameOf(one), score: one.score })),
    timestamps,
    overlays: [heatOverlay({ times: timestamps, places: Float32Array.from(findings.places) }, score, OPACITY)],
  };
}

/** Of one sample with each text that somebody typed. */
function similaritiesAt({ typed = [], similarities = [] }: Pick<AnomalyFindings, 'typed' | 'similarities'>, k: number) {
  return Object.fromEntries(typed.map((text, n) => [`“${text}”`, similarities[k * typed.length + n]!]));
}

/** Each sample with its scores, the probability of each class, and its similarity to what was typed. */
function curveRows(results: readonly AnomalyResult[]): Row[] {
  return results.flatMap(({ name: file, findings: { times, scores, classes, probabilities, ...others } }) =>
    times.map((seconds, k) => ({
      ...{ file, seconds },
      ...Object.fromEntries(Object.entries(scores).map(([kind, values]) => [kind, values[k]!])),
      ...Object.fromEntries(classes.map((name, c) => [name, probabilities[k * classes.length + c]!])),
      ...similaritiesAt(others, k),
    })),
  );
}

function incidentRows(results: readonly AnomalyResult[], live: Settings): Row[] {
  return results.flatMap((result) =>
    incidentsIn(result, live).map(({ start, end, peak, score, category }) => ({
      ...{ file: result.name, start, end, peak: result.findings.times[peak]!, score },
      label: result.findings.classes[category] ?? '',
    })),
  );
}

export const findings: TaskFindings<AnomalyFindings> = {
  live: [{ key: 'threshold', default: 0.5, minimum: 0, maximum: 1, step: 0.01 }],
  read,
  exports: [
    { name: 'incidents.csv', write: (results, live) => csvOf(incidentRows(results, live)) },
    { name: 'curve.csv', write: (results) => csvOf(curveRows(results)) },
  ],
};
