// Gives a trainer the recorded start values.
import type { NamedTensor, NamedTensors } from '../../src/training/runtime';
import type { Recorded } from './recorded';

interface WithWeights {
  weights(): Promise<NamedTensors>;
  restore(weights: NamedTensors): void;
}

/** All weights and buffers become what was recorded; counts of batches start at 0. */
export async function startFrom(trainer: WithWeights, recorded: Recorded): Promise<void> {
  const start = new Map<string, NamedTensor>();
  for (const [name, tensor] of await trainer.weights())
    start.set(name, tensor.dtype === 'I64' ? tensor : { ...tensor, data: recorded.weight(name) });
  trainer.restore(start);
}
