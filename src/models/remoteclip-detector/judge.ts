// Metrics of a validation pass: VOC and COCO averages, sizes, classes, confusion; for whole pictures top-1 and top-5.
import { areaRanges, cocoScores } from '../../metrics/cocoAp';
import { cornersIou, type JudgedPicture } from '../../metrics/judgedBoxes';
import { vocCurve, vocScores } from '../../metrics/vocAp';
import type { Metrics } from '../../training/protocol';
import type { ShownCurve } from './viewPayload';

/** Metrics of boxes; a class without boxes counts for none, and without any the value is 0. */
export function boxMetrics(
  pictures: readonly JudgedPicture[],
  classes: readonly string[],
): { metrics: Metrics; tables: Record<string, Record<string, number>> } {
  const count = classes.length;
  const half = vocScores(pictures, count, { threshold: 0.5 });
  const strict = vocScores(pictures, count, { threshold: 0.75 });
  const all = cocoScores(pictures, count);
  const sized = Object.entries(areaRanges).filter(([name]) => name !== 'all');
  const metrics: Record<string, number> = {
    'mAP@50': half.continuous ?? 0,
    'mAP@75': strict.continuous ?? 0,
    'mAP@50:95': all.averagePrecision ?? 0,
    'mAP@50 (11 points)': half.elevenPoint ?? 0,
    'recall@50:95': all.averageRecall ?? 0,
  };
  for (const [name, area] of sized) {
    const { averagePrecision } = cocoScores(pictures, count, { area });
    if (averagePrecision !== null) metrics[`mAP@50:95 ${name}`] = averagePrecision;
  }
  const perClass = (values: readonly (number | null)[]): Record<string, number> =>
    Object.fromEntries(values.flatMap((value, k) => (value === null ? [] : [[classes[k]!, value]])));
  return {
    metrics,
    tables: { class: perClass(half.perClass.map(({ continuous }) => continuous)) },
  };
}

const CURVE_POINTS = 100;

/** Recall and precision by class, with fewer points where there are many. */
export function shownCurves(pictures: readonly JudgedPicture[], classes: number): ShownCurve[] {
  return Array.from({ length: classes }, (_, category) => {
    const { recall, precision } = vocCurve(pictures, category, { threshold: 0.5 });
    const every = Math.max(1, Math.ceil(recall.length / CURVE_POINTS));
    const some = (values: readonly number[]): number[] =>
      values.filter((_value, k) => k % every === 0 || k === values.length - 1);
    return { recall: some(recall), precision: some(precision) };
  });
}

/** Share of labelled pictures whose likeliest class as a whole is among their labels; 0 where none is labelled. */
export function sceneTop1(
  pictures: readonly (Pick<JudgedPicture, 'truth'> & { readonly similarity: readonly number[] })[],
): number {
  const labelled = pictures.filter(({ truth }) => truth.length > 0);
  const hits = labelled.filter(({ truth, similarity }) => {
    const best = similarity.indexOf(Math.max(...similarity));
    return truth.some(({ category }) => category === best);
  });
  return hits.length / Math.max(1, labelled.length);
}

/**
 * Which true class was found as which: each true box with the best box that overlaps it by half, whatever its class. Last
 * row: found where nothing is; last column: not found.
 */
export function boxConfusion(pictures: readonly JudgedPicture[], classes: number, minScore: number): number[][] {
  const table = Array.from({ length: classes + 1 }, () => Array<number>(classes + 1).fill(0));
  for (const { truth, found } of pictures) {
    const free = new Set(truth.keys());
    for (const { box, category, score } of found) {
      if (score < minScore) continue;
      const best = [...free].reduce<{ k: number; overlap: number }>(
        (most, k) => {
          const overlap = cornersIou(box, truth[k]!.box);
          return overlap > most.overlap ? { k, overlap } : most;
        },
        { k: -1, overlap: 0 },
      );
      const hit = best.overlap >= 0.5;
      if (hit) free.delete(best.k);
      table[hit ? truth[best.k]!.category : classes]![category]!++;
    }
    for (const k of free) table[truth[k]!.category]![classes]!++;
  }
  return table;
}

/** Of whole pictures: `similarity` a value for each class, `label` the right one. */
export function pictureMetrics(
  judged: readonly { readonly similarity: ArrayLike<number>; readonly label: number }[],
  classes: readonly string[],
): { metrics: Metrics; tables: Record<string, Record<string, number>>; confusion: number[][] } {
  const confusion = classes.map(() => classes.map(() => 0));
  const hits = [0, 0];
  for (const { similarity, label } of judged) {
    const order = Array.from(similarity, (_, k) => k).sort((a, b) => similarity[b]! - similarity[a]!);
    confusion[label]![order[0]!]!++;
    if (order[0] === label) hits[0]!++;
    if (order.slice(0, 5).includes(label)) hits[1]!++;
  }
  const share = (count: number): number => count / Math.max(1, judged.length);
  const accuracy = confusion.flatMap((row, k): [string, number][] => {
    const own = row.reduce((sum, value) => sum + value, 0);
    return own === 0 ? [] : [[classes[k]!, row[k]! / own]];
  });
  return {
    metrics: { 'top-1': share(hits[0]!), 'top-5': share(hits[1]!) },
    tables: { class: Object.fromEntries(accuracy) },
    confusion,
  };
}
