// What judging found of objects, for the page: boxes over pictures and frames, spans along videos, COCO's results.
import { fileName, stemOf } from '../../formats/filePaths';
import type { FoundBox } from '../../metrics/judgedBoxes';
import type { JudgedResult } from '../../training/judging/judgedResult';
import { fixed } from '../../ui/format/quantities';
import { csvOf, type Row } from '../../ui/judged/spanTexts';
import type { FindingsReading, FoundMoment, FoundSpan, TaskFindings } from '../../ui/judged/taskFindings';
import type { Overlay } from '../../ui/player/draw';
import type { LocaleTag } from '../../ui/strings/taskStrings';
import type { Settings } from '../settings';
import type { BoxFindings, FoundFrame } from './boxFindings';
import { findingsStrings } from './findingsStrings';
import { likeliest } from './likeliest';
import { classColour, drawBoxes, shownBoxes } from './shownBoxes';

export type BoxResult = JudgedResult<BoxFindings>;

const MOST_MOMENTS = 20;

/** Boxes of a frame with the parameters as they are, best first; `all` of them whatever their score. */
export function frameBoxes({ candidates }: FoundFrame, live: Settings, all = false): FoundBox[] {
  const minScore = all ? 0 : Number(live['shownScore']);
  return shownBoxes(candidates, { minScore, iouThreshold: Number(live['nmsThreshold']), category: null });
}

/** How likely each class is in a frame: its best box, or the probability of the whole picture. */
function presence({ findings: { stage, classes } }: BoxResult, frame: FoundFrame, live: Settings): number[] {
  if (stage === 'classifier') return [...frame.similarity];
  const boxes = frameBoxes(frame, live, true);
  return classes.map((_, k) => boxes.find(({ category }) => category === k)?.score ?? 0);
}

/** Stretches of frames that show a class, in lanes by class. */
function spansOf(result: BoxResult, live: Settings): FoundSpan[] {
  const { findings, head } = result;
  const { frames, classes } = findings;
  const shares = frames.map((frame) => presence(result, frame, live));
  const end = head.startSeconds + head.seconds;
  const least = Number(live['shownScore']);
  return classes.flatMap((label, k) => {
    const spans: FoundSpan[] = [];
    for (const [i, { seconds }] of frames.entries()) {
      const score = shares[i]![k]!;
      if (score < least) continue;
      const last = spans.at(-1);
      const until = frames[i + 1]?.seconds ?? end;
      if (last?.until === seconds) spans.splice(-1, 1, { ...last, until, score: Math.max(last.score, score) });
      else spans.push({ from: seconds, until, label, score, lane: label, colour: classColour(k) });
    }
    return spans;
  });
}

/** Where most is found. */
function momentsOf({ findings: { frames, classes } }: BoxResult, live: Settings): FoundMoment[] {
  return frames
    .map((frame) => ({ frame, boxes: frameBoxes(frame, live) }))
    .filter(({ boxes }) => boxes.length > 0)
    .sort((a, b) => b.boxes.length - a.boxes.length || b.boxes[0]!.score - a.boxes[0]!.score)
    .slice(0, MOST_MOMENTS)
    .map(({ frame: { seconds }, boxes }) => ({ seconds, label: countsOf(boxes, classes), score: boxes[0]!.score }));
}

/** For example `3 car, 1 bus`. */
function countsOf(boxes: readonly FoundBox[], classes: readonly string[]): string {
  return classes
    .map((name, k) => [name, boxes.filter(({ category }) => category === k).length] as const)
    .flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))
    .join(', ');
}

function overlayOf({ findings: { frames, classes }, head }: BoxResult, live: Settings): Overlay {
  const boxes = new Map<number, readonly FoundBox[]>();
  return (context, { width, frame, colour }) => {
    const found = frames[frame];
    if (!found) return;
    if (!boxes.has(frame)) boxes.set(frame, frameBoxes(found, live));
    const fit = { scale: width / Math.max(1, head.width), x: 0, y: 0 };
    drawBoxes(context, { found: boxes.get(frame)!, truth: [] }, classes, fit, colour);
  };
}

function read(result: BoxResult, live: Settings, locale: LocaleTag): FindingsReading {
  const { findings, untilSeconds, head } = result;
  const { frames, classes, stage } = findings;
  const text = findingsStrings[locale];
  const two = (value: number): string => fixed(locale, value, 2);
  const all = frames.map((frame) => frameBoxes(frame, live));
  const [first] = frames;
  const best = first && likeliest(classes, first.similarity)[0];
  const most = all.reduce((a, b) => (b.length > a.length ? b : a), []);
  const isVideo = head.frames > 1;
  const verdict =
    untilSeconds === 0 || !first || !best
      ? text.nothingYet
      : stage === 'classifier'
        ? text.picture(best.name, two(best.share))
        : isVideo
          ? text.video(frames.length, most.length, countsOf(most, classes))
          : text.boxes(most.length, countsOf(most, classes), two(Number(live['shownScore'])));
  const totals = classes.map((_, k) => all.flat().filter(({ category }) => category === k).length);
  return {
    verdict,
    numbers: [
      ...classes.flatMap((name, k) => (totals[k]! > 0 ? [[name, String(totals[k])] as const] : [])),
      ...(isVideo ? [[text.frames, String(frames.length)] as const] : []),
    ],
    spans: isVideo ? spansOf(result, live) : [],
    moments: isVideo ? momentsOf(result, live) : [],
    timestamps: Float64Array.from(frames, ({ seconds }) => seconds),
    overlays: stage === 'detector' ? [overlayOf(result, live)] : [],
  };
}

/**
 * COCO's results, with every box above the score that judging kept: average precision wants them all. `image_id` is the
 * file's name without its ending, a number where that is one; categories count from 1 in the order of the names. Frames
 * of videos carry their number and time too.
 */
function cocoResults(results: readonly BoxResult[], live: Settings): string {
  const rows = results.flatMap(({ name, head, findings: { frames, classes } }) => {
    const stem = stemOf(fileName(name));
    const image = /^\d+$/.test(stem) ? Number(stem) : stem;
    return frames.flatMap((frame) =>
      frameBoxes(frame, live, true).map(({ box: [x0, y0, x1, y1], category, score }) => ({
        image_id: image,
        ...(head.frames > 1 && { frame: frame.frame, seconds: frame.seconds }),
        ...{ category_id: category + 1, category: classes[category]! },
        ...{ bbox: [x0, y0, x1 - x0, y1 - y0], score },
      })),
    );
  });
  return `[${rows.map((row) => JSON.stringify(row)).join(',\n')}]\n`;
}

/** The boxes on show. */
function boxRows(results: readonly BoxResult[], live: Settings): Row[] {
  return results.flatMap(({ name: file, findings: { frames, classes } }) =>
    frames.flatMap((frame) =>
      frameBoxes(frame, live).map(({ box: [x0, y0, x1, y1], category, score }) => ({
        ...{ file, frame: frame.frame, seconds: frame.seconds, label: classes[category]!, score },
        ...{ x0, y0, x1, y1 },
      })),
    ),
  );
}

function similarityRows(results: readonly BoxResult[]): Row[] {
  return results.flatMap(({ name: file, findings: { frames, classes } }) =>
    frames.map(({ frame, seconds, similarity }) => ({
      ...{ file, frame, seconds },
      ...Object.fromEntries(classes.map((name, k) => [name, similarity[k]!])),
    })),
  );
}

const boxColumns = ['file', 'frame', 'seconds', 'label', 'score', 'x0', 'y0', 'x1', 'y1'];
const findsBoxes = ({ findings: { stage } }: BoxResult): boolean => stage === 'detector';

export const findings: TaskFindings<BoxFindings> = {
  live: [
    { key: 'shownScore', default: 0.5, minimum: 0.05, maximum: 1, step: 0.01 },
    { key: 'nmsThreshold', default: 0.7, minimum: 0.1, maximum: 1, step: 0.05 },
  ],
  read,
  exports: [
    { name: 'coco.json', offers: findsBoxes, write: cocoResults },
    { name: 'boxes.csv', offers: findsBoxes, write: (results, live) => csvOf(boxRows(results, live), boxColumns) },
    { name: 'similarity.csv', write: (results) => csvOf(similarityRows(results)) },
  ],
};
