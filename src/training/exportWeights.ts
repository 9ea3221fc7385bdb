// A kept run's weights for other programs: .safetensors under upstream's names, without optimiser or session.
import { UserError } from '../errors';
import type { CheckpointStore } from '../runs/checkpointStore';
import { decodeCheckpoint, encodeWeights } from './checkpoint';
import { Checkpoints } from './checkpoints';

/**
 * Weights of the best epoch or of the last checkpoint.
 * @throws UserError `no-checkpoint` when nothing of the run is kept.
 */
export async function exportWeights(
  store: CheckpointStore,
  runId: string,
  which: 'best' | 'last',
): Promise<Uint8Array<ArrayBuffer>> {
  const last = await new Checkpoints(store, runId).newest(() => undefined);
  if (!last) throw new UserError('no-checkpoint', 'No checkpoint of this run is kept, so it has no weights to export.');
  const bestStep = last.state.best?.step;
  const chosen =
    which === 'last' || bestStep === undefined || bestStep === last.state.step
      ? last
      : decodeCheckpoint(await store.read(runId, bestStep));
  const { task, preset, step, epoch } = chosen.state;
  return encodeWeights(chosen.weights, { task, preset, step: String(step), epoch: String(epoch) });
}
