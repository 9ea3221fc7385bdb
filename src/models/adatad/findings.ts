// What judging found of actions, for the page: spans by class from a score on, and ActivityNet's results to take away.
import type { FindingsReading, TaskFindings } from '../../ui/judged/taskFindings';
import { fixed } from '../../ui/format/quantities';
import type { DetectedAction } from '../../metrics/tadMap';
import type { JudgedResult } from '../../training/judging/judgedResult';
import type { Settings } from '../settings';
import { resultsJson } from './actionFiles';
import { findingsStrings } from './findingsStrings';
import { recordedRules, videoDetections, type Detection } from './results';
import { task } from './task';

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
const stem = (name: string): string => name.replace(/^.*\//, '').replace(/\.[^.]+$/, '');

export const findings: TaskFindings<ActionFindings> = {
  live: task.settings.filter(({ key }) => key === 'threshold' || key === 'suppression'),
  read,
  exports: [
    {
      name: 'activitynet.json',
      write: (results, live) =>
        resultsJson(new Map(results.map((result) => [stem(result.name), actionsOf(result.findings, live)]))),
    },
  ],
};
