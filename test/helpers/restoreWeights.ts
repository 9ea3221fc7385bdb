// Puts weights into a trainer that is to begin with them.
import type { NamedTensors, Trainer } from '../../src/training/runtime';

/** Replaces weights and makes the optimiser as new. Throws on another name or size. */
export async function restoreWeights(trainer: Trainer, weights: NamedTensors): Promise<void> {
  for (const [name, tensor] of weights) await trainer.writeWeight(name, tensor);
  trainer.state().resetOptimizer();
}
