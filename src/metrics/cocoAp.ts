// Average precision and recall as COCO has them (cocodataset.org/#detection-eval), equal to pycocotools.
import {
  byFallingScore,
  cornersIou,
  meanOfKnown,
  type Corners,
  type FoundBox,
  type JudgedPicture,
} from './judgedBoxes';
import { overlapSteps } from './vocAp';

/** Areas in square pixels, both ends included; boxes outside count for nothing. */
export interface AreaRange {
  readonly from: number;
  readonly to: number;
}

export const areaRanges = {
  all: { from: 0, to: 1e10 },
  small: { from: 0, to: 32 ** 2 },
  medium: { from: 32 ** 2, to: 96 ** 2 },
  large: { from: 96 ** 2, to: 1e10 },
} as const satisfies Readonly<Record<string, AreaRange>>;

interface CocoOptions {
  readonly thresholds?: readonly number[];
  readonly area?: AreaRange;
  /** Detections of a picture and class that count, the best ones. */
  readonly most?: number;
}

export interface CocoScores {
  /** Average precision by threshold and class; null where a class has no box. */
  readonly precision: readonly (readonly (number | null)[])[];
  /** Largest recall by threshold and class. */
  readonly recall: readonly (readonly (number | null)[])[];
  /** Means over thresholds and classes. */
  readonly averagePrecision: number | null;
  readonly averageRecall: number | null;
}

const areaOf = ([x1, y1, x2, y2]: Corners): number => (x2 - x1) * (y2 - y1);
const within = (box: Corners, { from, to }: AreaRange): boolean => areaOf(box) >= from && areaOf(box) <= to;

/** All classes at all thresholds. */
export function cocoScores(
  pictures: readonly JudgedPicture[],
  categories: number,
  { thresholds = overlapSteps, area = areaRanges.all, most = 100 }: CocoOptions = {},
): CocoScores {
  const classes = Array.from({ length: categories }, (_, category) => {
    const lists = pictures.map((picture) => ({
      // What does not count comes last, so that it is only taken where nothing else fits.
      truth: picture.truth
        .filter((one) => one.category === category)
        .map(({ box }) => ({ box, counts: within(box, area) }))
        .sort((a, b) => Number(b.counts) - Number(a.counts)),
      found: byFallingScore(picture.found.filter((one) => one.category === category)).slice(0, most),
    }));
    const positives = lists.reduce((sum, { truth }) => sum + truth.filter(({ counts }) => counts).length, 0);
    return thresholds.map((threshold) => {
      if (positives === 0) return { precision: null, recall: null };
      const judged = lists.flatMap((list) => matchPicture(list, threshold, area));
      return averages(byFallingScore(judged), positives);
    });
  });
  const table = (key: 'precision' | 'recall'): (number | null)[][] =>
    thresholds.map((_, t) => classes.map((one) => one[t]![key]));
  const [precision, recall] = [table('precision'), table('recall')];
  return {
    precision,
    recall,
    averagePrecision: meanOfKnown(precision.flat()),
    averageRecall: meanOfKnown(recall.flat()),
  };
}

interface PictureOfClass {
  readonly truth: readonly { readonly box: Corners; readonly counts: boolean }[];
  readonly found: readonly FoundBox[];
}

/** Each detection takes the free box that it overlaps most, the later one of equals; what does not count is left out. */
function matchPicture(
  { truth, found }: PictureOfClass,
  threshold: number,
  area: AreaRange,
): { score: number; hit: boolean }[] {
  const taken = new Set<number>();
  return found.flatMap(({ box, score }) => {
    let overlap = Math.min(threshold, 1 - 1e-10);
    let match = -1;
    for (const [k, one] of truth.entries()) {
      if (taken.has(k)) continue;
      if (match >= 0 && truth[match]!.counts && !one.counts) break;
      const own = cornersIou(box, one.box);
      if (own < overlap) continue;
      overlap = own;
      match = k;
    }
    if (match >= 0) taken.add(match);
    const counts = match >= 0 ? truth[match]!.counts : within(box, area);
    return counts ? [{ score, hit: match >= 0 }] : [];
  });
}

/** Precision at recalls 0, 0.01, … 1 on the curve made falling from the right, and the largest recall. */
function averages(judged: readonly { hit: boolean }[], positives: number): { precision: number; recall: number } {
  const [recall, precision]: [number[], number[]] = [[], []];
  let hits = 0;
  judged.forEach(({ hit }, k) => {
    if (hit) hits++;
    recall.push(hits / positives);
    precision.push(hits / (k + 1));
  });
  for (let k = precision.length - 2; k >= 0; k--) precision[k] = Math.max(precision[k]!, precision[k + 1]!);
  let [sum, at] = [0, 0];
  for (let percent = 0; percent <= 100; percent++) {
    // Times 0.01, as numpy.linspace has it: a recall of 57/100 is below 57 · 0.01.
    while (at < recall.length && recall[at]! < percent * 0.01) at++;
    sum += precision[at] ?? 0;
  }
  return { precision: sum / 101, recall: recall.at(-1) ?? 0 };
}
