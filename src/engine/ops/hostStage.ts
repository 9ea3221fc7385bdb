// A stage of a step that JavaScript computes: an assignment by cost, say, in double precision.
import { hostOp, type HostAttributes, type HostValues } from '../graph/host';
import type { Graph } from '../graph/graph';
import type { Tensor, TensorType } from '../graph/tensor';
import { stored } from './stored';

export interface HostStage<Names extends string> {
  /** For messages, under the path of the model. */
  readonly name: string;
  /** What leaves for JavaScript: keep it small, the step waits for it. */
  readonly reads: Readonly<Record<string, Tensor>>;
  readonly gives: Readonly<Record<Names, TensorType>>;
  /**
   * `inputs` by the names of `reads`; `batch` holds the arrays of the batch under way by input name (what came as
   * frames is not among them). Gives an array of each type's size.
   */
  readonly run: (inputs: HostValues, batch: HostValues) => Readonly<Record<Names, Float32Array | Uint32Array>>;
}

/**
 * Values of the forward pass go to JavaScript, and what it makes of them is read by the rest of the same step. No
 * gradient flows through; the forward pass is not computed twice.
 */
export function hostStage<Names extends string>(graph: Graph, stage: HostStage<Names>): Record<Names, Tensor> {
  const names = Object.keys(stage.gives) as Names[];
  const attributes: HostAttributes = {
    name: stage.name,
    reads: Object.keys(stage.reads),
    gives: names.map((name) => [name, stage.gives[name]]),
    run: stage.run,
  };
  const outputs = graph.scope(stage.name, () =>
    graph.apply(hostOp, Object.values(stage.reads).map(stored), attributes),
  );
  return Object.fromEntries(names.map((name, i) => [name, outputs[i]!])) as Record<Names, Tensor>;
}
