// What judging found of actions, for the page: spans by class from a score on, and ActivityNet's results to take away.
import { stemOf } from '../../formats/filePaths';
import type { FindingsReading, TaskFindings } from '../../ui/judged/taskFindings';
import { fixed } from '../../ui/format/quantities';
import type { DetectedAction } from '../../metrics/tadMap';
import type { JudgedResult } from '../../training/judging/judgedResult';
import type { Settings } from '../settings';
import { resultsJson } from './actionFiles';
import { findingsStrings } from './findingsStrings';
import { recordedRules, videoDetections, type Detection } from './results';

/** Plain JSON that is kept: nothing in it depends on the threshold or on suppression. */
export interface ActionFindings {
  readonly classes: readonly string[];
  /** Detections of each window in seconds from the start, before suppression. */
  readonly windows: readonly (readonly Detection[])[];
}

type ActionResult = JudgedResult<ActionFindings>;

/** Places where the cursor can stand: so many a second. */
const STEPS_PER_SECOND = 10;
const MOST_MOMENTS = 20;

/** As the evaluation has them, best first: seconds from the start. */
export function actionsOf({ classes, windows }: ActionFindings, live: Settings): DetectedAction[] {
  const sigma = Number(live['suppression'] ?? recordedRules.sigma);
  return videoDetections(windows, { ...recordedRules, sigma }).map(({ segment, label, score }) => ({
    ...{ segment, label: classes[label]!, score },
  }));
}

function shown(result: ActionResult, live: Settings): DetectedAction[] {
  return actionsOf(result.findings, live).filter(({ score }) => score >= Number(live['threshold']));
}

function read(result: ActionResult, live: Settings, locale: 'en' | 'zh-CN'): FindingsReading {
  const text = findingsStrings[locale];
  const { startSeconds, seconds } = result.head;
  const found = shown(result, live);
  const labels = result.findings.classes.filter((name) => found.some(({ label }) => label === name));
  const count = Math.max(1, Math.ceil(seconds * STEPS_PER_SECOND));
  return {
    verdict: result.untilSeconds > 0 ? text.verdict(found.length, labels.length) : text.nothingYet,
    numbers: labels.map((name) => [name, String(found.filter(({ label }) => label === name).length)] as const),
    spans: found.map(({ segment: [start, end], label, score }) => ({
      ...{ from: startSeconds + start, until: startSeconds + end, label, score, lane: label },
      colour: `--plot-${1 + (result.findings.classes.indexOf(label) % 4)}`,
    })),
    moments: found.slice(0, MOST_MOMENTS).map(({ segment: [start, end], label, score }) => ({
      seconds: startSeconds + start,
      label: `${label}, ${fixed(locale, end - start, 1)} s`,
      score,
    })),
    timestamps: Float64Array.from({ length: count }, (_, i) => startSeconds + i / STEPS_PER_SECOND),
    overlays: [],
  };
}

/** ActivityNet names videos without their ending. */

export const findings: TaskFindings<ActionFindings> = {
  live: [
    { key: 'threshold', default: 0.3, minimum: 0, maximum: 1, step: 0.01 },
    { key: 'suppression', default: 0.7, minimum: 0.05, maximum: 5, step: 0.05 },
  ],
  read,
  exports: [
    {
      name: 'activitynet.json',
      write: (results, live) =>
        resultsJson(new Map(results.map((result) => [stemOf(result.name), actionsOf(result.findings, live)]))),
    },
  ],
};
