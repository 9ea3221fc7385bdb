// Mean average precision of temporal action detection, as ActivityNet's evaluation has it (AdaTAD, spec section 8).
import { envelopePrecision } from './envelopePrecision';

/** An action in a video, [start, end] in seconds or any other unit. */
export interface Action {
  readonly segment: readonly [number, number];
  readonly label: string;
}

export interface DetectedAction extends Action {
  readonly score: number;
}

/** Actions by the name of their video. */
export type ActionsByVideo<A extends Action> = ReadonlyMap<string, readonly A[]>;

export interface ActionMap {
  readonly thresholds: readonly number[];
  /** Mean over the classes, per threshold. */
  readonly map: readonly number[];
  /** Mean over the thresholds; 0 where there is no truth at all. */
  readonly average: number;
  /** Average precision per threshold by class, of classes that occur in the truth, in alphabetical order. */
  readonly perClass: ReadonlyMap<string, readonly number[]>;
}

/** Instances whose ends lie closer than this are one. */
const SAME_SECONDS = 1e-3;
/** What a union is at least. */
const LEAST_UNION = 1e-8;

/** Intersection over union of two segments; 0 where they only touch. */
export function temporalIou(a: readonly [number, number], b: readonly [number, number]): number {
  const shared = Math.max(0, Math.min(a[1], b[1]) - Math.max(a[0], b[0]));
  return shared / Math.max(a[1] - a[0] + (b[1] - b[0]) - shared, LEAST_UNION);
}

/**
 * Average precision per class and threshold. Repeated instances and instances without length are left out of the truth.
 * Each detection, best first, finds the instance of its class and video that it overlaps most among those not found
 * yet, where that is enough; labels that the truth does not know are ignored. Equal scores keep their order.
 */
export function actionMap(
  truth: ActionsByVideo<Action>,
  detections: ActionsByVideo<DetectedAction>,
  thresholds: readonly number[],
): ActionMap {
  const truths = byLabel(withoutRepeats(truth));
  const found = byLabel(detections);
  const perClass = new Map(
    [...truths.keys()].sort().map((label) => {
      const own = truths.get(label)!;
      const list = ranked(own, found.get(label) ?? []);
      const precisions = thresholds.map((threshold) => envelopePrecision(hitsAt(threshold, list), own.length));
      return [label, precisions] as const;
    }),
  );
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? 0 : values.reduce((sum, one) => sum + one, 0) / values.length;
  const map = thresholds.map((_, t) => mean([...perClass.values()].map((values) => values[t]!)));
  return { thresholds, map, average: mean(map), perClass };
}

interface Placed<A extends Action> {
  readonly video: string;
  readonly action: A;
}

function byLabel<A extends Action>(actions: ActionsByVideo<A>): Map<string, Placed<A>[]> {
  const placed = [...actions].flatMap(([video, own]) => own.map((action) => ({ video, action })));
  return groupedBy(placed, ({ action }) => action.label);
}

function groupedBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const others = groups.get(key(item));
    if (others) others.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

function withoutRepeats(truth: ActionsByVideo<Action>): ActionsByVideo<Action> {
  return new Map([...truth].map(([video, actions]) => [video, distinct(actions)]));
}

function distinct(actions: readonly Action[]): Action[] {
  const kept: Action[] = [];
  for (const action of actions) {
    const [start, end] = action.segment;
    const known = kept.some(
      ({ label, segment }) =>
        label === action.label &&
        Math.abs(segment[0] - start) <= SAME_SECONDS &&
        Math.abs(segment[1] - end) <= SAME_SECONDS,
    );
    if (!known && end - start > 0) kept.push(action);
  }
  return kept;
}

/** Detections of one class, best first, each with the instances of its video by how much it overlaps them. */
function ranked(truths: readonly Placed<Action>[], detections: readonly Placed<DetectedAction>[]): Ranked[] {
  const numbered = truths.map(({ video, action }, place) => ({ video, action, place }));
  const byVideo = groupedBy(numbered, ({ video }) => video);
  return [...detections]
    .sort((a, b) => b.action.score - a.action.score)
    .map(({ video, action }) => ({
      score: action.score,
      candidates: (byVideo.get(video) ?? [])
        .map(({ place, action: { segment } }) => ({ place, iou: temporalIou(segment, action.segment) }))
        .sort((a, b) => b.iou - a.iou),
    }));
}

interface Ranked {
  readonly score: number;
  readonly candidates: readonly { readonly place: number; readonly iou: number }[];
}

/** Which of them find an instance: the one that they overlap most among those not found yet, if that is enough. */
function hitsAt(threshold: number, detections: readonly Ranked[]): boolean[] {
  const taken = new Set<number>();
  return detections.map(({ candidates }) => {
    const match = candidates.find(({ place, iou }) => iou < threshold || !taken.has(place));
    if (!match || match.iou < threshold) return false;
    taken.add(match.place);
    return true;
  });
}

export interface ActionThreshold {
  /** Detections with at least this score are shown. */
  readonly score: number;
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
}

/**
 * The score from which on showing detections gives the best F1 over all classes together, where an instance counts as
 * found from an overlap of `leastIou` on; null where no detection finds one.
 */
export function bestThreshold(
  truth: ActionsByVideo<Action>,
  detections: ActionsByVideo<DetectedAction>,
  leastIou = 0.5,
): ActionThreshold | null {
  const truths = byLabel(withoutRepeats(truth));
  const total = [...truths.values()].reduce((sum, own) => sum + own.length, 0);
  const all = [...byLabel(detections)].flatMap(([label, own]) => {
    const list = ranked(truths.get(label) ?? [], own);
    const hits = hitsAt(leastIou, list);
    return list.map(({ score }, i) => ({ score, hit: hits[i]! }));
  });
  all.sort((a, b) => b.score - a.score);
  let best: ActionThreshold | null = null;
  let found = 0;
  all.forEach(({ score, hit }, i) => {
    if (hit) found++;
    if (all[i + 1]?.score === score || found === 0) return;
    const [precision, recall] = [found / (i + 1), found / total];
    const f1 = (2 * precision * recall) / (precision + recall);
    if (f1 > (best?.f1 ?? 0)) best = { score, f1, precision, recall };
  });
  return best;
}
