// Gives a trainer the recorded start values.
import type { EngineTrainer } from '../../src/training/trainer/engineTrainer';
import { restoreWeights } from './restoreWeights';
import type { NamedTensor } from '../../src/training/runtime';
import type { Recorded } from './recorded';

/** All weights and buffers become what was recorded; counts of batches start at 0. */
export async function startFrom(trainer: EngineTrainer, recorded: Recorded): Promise<void> {
  const start = new Map<string, NamedTensor>();
  for (const [name, tensor] of await trainer.weights())
    start.set(name, tensor.dtype === 'I64' ? tensor : { ...tensor, data: recorded.weight(name) });
  await restoreWeights(trainer, start);
}
