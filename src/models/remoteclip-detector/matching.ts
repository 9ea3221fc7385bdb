// Which query learns which box: the cheapest one-to-one assignment per picture, in double precision on plain arrays.
import { linearAssignment } from '../../metrics/linearAssignment';

/** What a query's class probability, box distance and overlap count for when it is assigned. */
export interface MatcherWeights {
  readonly class: number;
  readonly l1: number;
  readonly giou: number;
  /**
   * Queries that learn each target, as long as half of them learn none: several learn sooner than one, and suppression
   * has more to do (Jia et al. 2023, arXiv:2207.13080).
   */
  readonly copies: number;
}

export const matcherWeights: MatcherWeights = { class: 1, l1: 5, giou: 2, copies: 1 };

/** The price of what is no number: a network that diverged still gets an assignment, and a loss that says so. */
const FAR = 1e6;

/** What a picture shows. */
export interface Targets {
  /** Class numbers. */
  readonly classes: ArrayLike<number>;
  /** [targets, 4] as centre and size, shares of the picture. */
  readonly boxes: ArrayLike<number>;
}

/** What the network said of a batch of pictures. */
export interface Predictions {
  /** [pictures, queries, classes + 1], the background last. */
  readonly logits: ArrayLike<number>;
  /** [pictures, queries, 4] as centre and size. */
  readonly boxes: ArrayLike<number>;
  readonly queries: number;
  /** Without the background. */
  readonly classes: number;
}

/** Class and box of each query's target, as `detectionLoss` reads them: [pictures, queries] and [pictures, queries, 4]. */
export interface AssignedTargets {
  readonly classes: Uint32Array;
  readonly boxes: Float32Array;
}

/** Assigns every picture's targets to queries; a picture with more targets than queries leaves the dearest out. */
export function assignTargets(
  predicted: Predictions,
  targets: readonly Targets[],
  weights: MatcherWeights = matcherWeights,
): AssignedTargets {
  const { queries, classes: background } = predicted;
  const classes = new Uint32Array(targets.length * queries).fill(background);
  const boxes = new Float32Array(targets.length * queries * 4);
  targets.forEach((target, picture) => {
    const count = target.classes.length;
    if (count === 0) return;
    const copies = Math.max(1, Math.min(weights.copies, Math.floor(queries / (2 * count))));
    const cost = repeated(matchingCosts(predicted, picture, target, weights), count, copies);
    const { rows, columns } = linearAssignment(cost, queries, count * copies);
    rows.forEach((query, k) => {
      const [at, from] = [picture * queries + query, columns[k]! % count];
      classes[at] = target.classes[from]!;
      for (let side = 0; side < 4; side++) boxes[at * 4 + side] = target.boxes[from * 4 + side]!;
    });
  });
  return { classes, boxes };
}

/** Rows of `count` costs, each `copies` times one after the other. */
function repeated(cost: Float64Array, count: number, copies: number): Float64Array {
  if (copies === 1) return cost;
  const all = new Float64Array(cost.length * copies);
  for (let at = 0; at < cost.length; at += count)
    for (let copy = 0; copy < copies; copy++) all.set(cost.subarray(at, at + count), at * copies + copy * count);
  return all;
}

/** [queries, targets]: −weight · probability + weight · distance − weight · GIoU. */
export function matchingCosts(
  { logits, boxes, queries, classes }: Predictions,
  picture: number,
  target: Targets,
  weights: MatcherWeights = matcherWeights,
): Float64Array {
  const count = target.classes.length;
  const cost = new Float64Array(queries * count);
  for (let query = 0; query < queries; query++) {
    const at = picture * queries + query;
    const row = Array.from({ length: classes + 1 }, (_, c) => logits[at * (classes + 1) + c]!);
    const largest = Math.max(...row);
    const total = row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
    for (let k = 0; k < count; k++) {
      const probability = Math.exp(row[target.classes[k]!]! - largest) / total;
      let distance = 0;
      for (let side = 0; side < 4; side++) distance += Math.abs(boxes[at * 4 + side]! - target.boxes[k * 4 + side]!);
      const overlap = generalizedIou(boxes, at, target.boxes, k);
      const price = weights.l1 * distance - weights.class * probability - weights.giou * overlap;
      cost[query * count + k] = Number.isFinite(price) ? price : FAR;
    }
  }
  return cost;
}

/** As in the loss: Rezatofighi et al. 2019, arXiv:1902.09630, with 1e-6 in both divisors. */
function generalizedIou(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  let [shared, cover, areaA, areaB] = [1, 1, 1, 1];
  for (const axis of [0, 1]) {
    const [centreA, sizeA] = [a[i * 4 + axis]!, a[i * 4 + 2 + axis]!];
    const [centreB, sizeB] = [b[j * 4 + axis]!, b[j * 4 + 2 + axis]!];
    const [lowA, highA, lowB, highB] = [
      centreA - sizeA / 2,
      centreA + sizeA / 2,
      centreB - sizeB / 2,
      centreB + sizeB / 2,
    ];
    shared *= Math.max(0, Math.min(highA, highB) - Math.max(lowA, lowB));
    cover *= Math.max(highA, highB) - Math.min(lowA, lowB);
    areaA *= sizeA;
    areaB *= sizeB;
  }
  const union = areaA + areaB - shared;
  return shared / (union + 1e-6) - (cover - union) / (cover + 1e-6);
}
