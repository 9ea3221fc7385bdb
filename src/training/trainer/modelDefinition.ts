// A model as the trainer takes it: what it reads, what it learns from, what it predicts. All traced, nothing run.
import type { Parameters } from '../../engine/graph/parameters';
import type { DType, Shape, Tensor } from '../../engine/graph/tensor';

/**
 * What one batch gives the model: f32, or whole numbers (token ids, class numbers) as u32. `frames` says that it comes
 * as frames, for which the plan then counts buffers to wait in; `half` that it lies in memory as f16 where activations
 * do; `pieces` that only `chunked` reads it, one piece of its first axis at a time, so that it may be larger than what
 * the device binds.
 */
export type InputDefinition =
  | Shape
  | {
      readonly shape: Shape;
      readonly dtype?: DType;
      readonly frames?: boolean;
      readonly half?: boolean;
      readonly pieces?: number;
    };

/** A model for the trainer: what it reads, what it learns from, what it predicts. All traced, nothing run. */
export interface ModelDefinition {
  /** One batch's inputs by name. */
  readonly inputs: Readonly<Record<string, InputDefinition>>;
  /**
   * The loss sees all batches that accumulate in a step at once, one after the other along the first axis of each input
   * (the contrast of a large batch, exactly), and an input `present`, [batches], which is 0 for those that the last step
   * of an epoch lacks. Else each batch has its own loss, and gradients are averaged.
   */
  readonly wholeStep?: boolean;
  /**
   * Values that follow from frozen weights and constants alone, by name: computed once for the weights as they are, kept,
   * and given to `loss` and `predict` among their inputs. What depends on weights that learn does not belong here.
   */
  fixed?(p: Parameters): Readonly<Record<string, Tensor>>;
  /** The scalar loss in training mode and its parts by name. */
  loss(p: Parameters, inputs: Readonly<Record<string, Tensor>>): { total: Tensor; parts: ReadonlyMap<string, Tensor> };
  /**
   * The outputs in evaluation mode by name, of which each has the clips of the batch as its first axis; absent where
   * nobody asks for predictions. What it does not read (labels, say) a prediction needs not be given.
   */
  predict?(p: Parameters, inputs: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>>;
}

/** Says which batches of a step that takes several at once are there: 1 or 0 for each. */
export const PRESENT = 'present';
