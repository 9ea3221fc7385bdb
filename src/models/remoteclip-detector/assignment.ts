// The turn of JavaScript in a training step: what the network says goes out, which query learns which box comes back.
import type { Graph } from '../../engine/graph/graph';
import type { HostValues } from '../../engine/graph/host';
import type { Tensor, TensorType } from '../../engine/graph/tensor';
import { hostStage } from '../../engine/ops/hostStage';
import type { Candidates } from './heads';
import type { Assigned } from './loss';
import { assignTargets, type MatcherWeights, type Targets } from './matching';

/** Boxes of a picture that a batch has room for. */
export const MOST_TARGETS = 200;

/** What a batch says of its pictures' boxes. Pictures without any are negatives. */
export interface TargetInputs {
  /** u32 [pictures]. */
  readonly targetCounts: Uint32Array;
  /** u32 [pictures, MOST_TARGETS]. */
  readonly targetClasses: Uint32Array;
  /** [pictures, MOST_TARGETS, 4] as centre and size, shares of the picture. */
  readonly targetBoxes: Float32Array;
}

/** Lays targets out as a batch holds them; what a picture has beyond `MOST_TARGETS` is left out. */
export function targetInputs(pictures: readonly Targets[]): TargetInputs {
  const targetCounts = Uint32Array.from(pictures, ({ classes }) => Math.min(MOST_TARGETS, classes.length));
  const targetClasses = new Uint32Array(pictures.length * MOST_TARGETS);
  const targetBoxes = new Float32Array(pictures.length * MOST_TARGETS * 4);
  pictures.forEach(({ classes, boxes }, picture) => {
    const at = picture * MOST_TARGETS;
    for (let k = 0; k < targetCounts[picture]!; k++) {
      targetClasses[at + k] = classes[k]!;
      for (let side = 0; side < 4; side++) targetBoxes[(at + k) * 4 + side] = boxes[k * 4 + side]!;
    }
  });
  return { targetCounts, targetClasses, targetBoxes };
}

/** A step that is only measured, on made-up pictures, brings no targets. */
function targetsOf(batch: HostValues, pictures: number): Targets[] {
  const { targetCounts, targetClasses, targetBoxes } = batch;
  return Array.from({ length: pictures }, (_, picture) => {
    const at = picture * MOST_TARGETS;
    const count = targetCounts?.[picture] ?? 0;
    return {
      classes: targetClasses?.subarray(at, at + count) ?? [],
      boxes: targetBoxes?.subarray(at * 4, (at + count) * 4) ?? [],
    };
  });
}

/** Assigns the targets of the batch to the queries of each part, in one turn. */
export function assigned(graph: Graph, parts: readonly Candidates[], weights?: MatcherWeights): Assigned[] {
  const reads: Record<string, Tensor> = {};
  const gives: Record<string, TensorType> = {};
  parts.forEach(({ boxes, logits }, part) => {
    const [pictures = 1, queries = 1] = logits.shape;
    reads[`boxes ${part}`] = boxes;
    reads[`logits ${part}`] = logits;
    gives[`boxes ${part}`] = { shape: [pictures, queries, 4], dtype: 'f32' };
    gives[`classes ${part}`] = { shape: [pictures, queries], dtype: 'u32' };
  });
  const given = hostStage(graph, {
    name: 'assignment',
    reads,
    gives,
    run(values, batch) {
      const targets = targetsOf(batch, parts[0]!.logits.shape[0] ?? 1);
      const results: Record<string, Float32Array | Uint32Array> = {};
      parts.forEach(({ logits: { shape } }, part) => {
        const [, queries = 1, known = 1] = shape;
        const predicted = { logits: values[`logits ${part}`]!, boxes: values[`boxes ${part}`]!, queries };
        const { classes, boxes } = assignTargets({ ...predicted, classes: known - 1 }, targets, weights);
        results[`boxes ${part}`] = boxes;
        results[`classes ${part}`] = classes;
      });
      return results;
    },
  });
  return parts.map((_, part) => ({ boxes: given[`boxes ${part}`]!, classes: given[`classes ${part}`]! }));
}
