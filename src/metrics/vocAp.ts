// Average precision as PASCAL VOC has it: Everingham et al. 2010, section 4.2, and the continuous form from 2010 on.
import { byFallingScore, cornersIou, meanOfKnown, type JudgedPicture } from './judgedBoxes';

/** Recall and precision after each detection, best score first. */
export interface PrecisionCurve {
  /** True boxes without the difficult ones. */
  readonly positives: number;
  readonly recall: readonly number[];
  readonly precision: readonly number[];
}

interface VocOptions {
  /** Smallest overlap of a hit. */
  readonly threshold: number;
  /** Pixels count as wide as 1 at both ends, as in VOC's first code. */
  readonly plusOne?: boolean;
}

/**
 * One class over all pictures. Each detection looks at the true box that it overlaps most: a hit if that is enough and
 * the box is free, no hit if it is taken or too far, nothing at all if it is difficult.
 */
export function vocCurve(
  pictures: readonly JudgedPicture[],
  category: number,
  { threshold, plusOne = false }: VocOptions,
): PrecisionCurve {
  const truth = pictures.map((picture) => picture.truth.filter((one) => one.category === category));
  const positives = truth.flat().filter((one) => one.difficult !== true).length;
  const found = pictures.flatMap((picture, at) =>
    picture.found.filter((one) => one.category === category).map(({ box, score }) => ({ box, score, at })),
  );
  const taken = new Set<object>();
  const curve = { recall: [] as number[], precision: [] as number[] };
  let [hits, misses] = [0, 0];
  for (const { box, at } of byFallingScore(found)) {
    let best: { overlap: number; one: (typeof truth)[number][number] } | null = null;
    for (const one of truth[at]!) {
      const overlap = cornersIou(box, one.box, plusOne ? 1 : 0);
      if (best === null || overlap > best.overlap) best = { overlap, one };
    }
    if (best === null || best.overlap < threshold) misses++;
    else if (best.one.difficult !== true) {
      if (taken.has(best.one)) misses++;
      else hits++;
      taken.add(best.one);
    }
    curve.recall.push(hits / Math.max(positives, 1));
    curve.precision.push(hits / Math.max(hits + misses, 1));
  }
  return { positives, ...curve };
}

/** Area under the curve whose precision is made falling from the right; null without positives. */
export function continuousAp({ positives, recall, precision }: PrecisionCurve): number | null {
  if (positives === 0) return null;
  let [area, best] = [0, 0];
  for (let k = recall.length - 1; k >= 0; k--) {
    best = Math.max(best, precision[k]!);
    area += (recall[k]! - (recall[k - 1] ?? 0)) * best;
  }
  return area;
}

/** Mean over recalls 0, 0.1, … 1 of the best precision at that recall or more; null without positives. */
export function elevenPointAp({ positives, recall, precision }: PrecisionCurve): number | null {
  if (positives === 0) return null;
  let sum = 0;
  for (let tenth = 0; tenth <= 10; tenth++) {
    let best = 0;
    recall.forEach((value, k) => {
      if (value >= tenth / 10) best = Math.max(best, precision[k]!);
    });
    sum += best;
  }
  return sum / 11;
}

/** 0.50, 0.55, … 0.95. */
export const overlapSteps: readonly number[] = Array.from({ length: 10 }, (_, k) => (50 + 5 * k) / 100);

export interface VocScores {
  /** Of each class; null where it has no box that counts. */
  readonly perClass: readonly { readonly continuous: number | null; readonly elevenPoint: number | null }[];
  /** Means over the classes that have boxes. */
  readonly continuous: number | null;
  readonly elevenPoint: number | null;
}

/** All classes at one overlap. */
export function vocScores(pictures: readonly JudgedPicture[], categories: number, options: VocOptions): VocScores {
  const perClass = Array.from({ length: categories }, (_, category) => {
    const curve = vocCurve(pictures, category, options);
    return { continuous: continuousAp(curve), elevenPoint: elevenPointAp(curve) };
  });
  return {
    perClass,
    continuous: meanOfKnown(perClass.map((one) => one.continuous)),
    elevenPoint: meanOfKnown(perClass.map((one) => one.elevenPoint)),
  };
}
