// An engine as the bench sees it: steps of one workload, and what our own compiler can tell of them.
import type { Call } from '../../src/engine/kernels/call';
import type { KernelTime } from '../../src/engine/device/profile';
import type { Explanation } from '../../src/engine/passes/explain';
import type { EngineTrainer } from '../../src/training/trainer/engineTrainer';

/** The form that the peer bench asks for; `compiled` is ours. */
export interface Engine {
  /** One step; a training step resolves to the loss before its update. */
  step(): Promise<number | undefined>;
  /** First plus last element of the output. */
  probe?(): Promise<number>;
  dispose(): void | Promise<void>;
  readonly compiled?: CompiledStep;
}

export interface CompiledStep {
  /** All buffers together, as planned before the first is made. */
  readonly plannedBytes: number;
  /** Operations of a step as the compiler counts them. */
  readonly flops: number;
  /** Runs a step with every kernel timed. Throws UserError where the adapter has no timestamps. */
  profile(): Promise<readonly (KernelTime & { readonly call: Call })[]>;
  explain(): Explanation;
}

export function compiledTraining(trainer: EngineTrainer): CompiledStep {
  return {
    plannedBytes: trainer.plan.plannedPeakBytes,
    flops: trainer.plan.gigaflopsPerStep * 1e9,
    profile: () => trainer.profile(),
    explain: () => trainer.explain(),
  };
}
