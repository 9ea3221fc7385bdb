// A kept run's weights for other programs: .safetensors or .pth under upstream's names, without optimiser or session.
import { UserError } from '../../errors';
import { openWeights, type WeightSource, type WeightTensor } from '../../formats/openWeights';
import { piecesToBlob, weightPieces, type ExportFormat } from '../../formats/writeWeights';
import type { CheckpointStore } from '../../runs/checkpointStore';
import { averagesIn, isWeight, sessionOf } from '../checkpoints/checkpoint';
import type { WeightKind } from '../protocol';
import type { SessionState } from '../session/sessionState';
import { cardMetadata } from './modelCard';

export interface ExportWish {
  readonly which: 'best' | 'last';
  readonly format: ExportFormat;
  /** Averaged ones are raw where the run keeps no moving average, and for what is not trained. */
  readonly weights: WeightKind;
  /** Of the task, by which the best epoch was chosen. */
  readonly metricName: string;
}

/**
 * Weights of the best epoch or of the last checkpoint. The Blob refers to the checkpoint's own file, which goes when newer
 * ones replace it: it is to be saved at once.
 * @throws UserError `no-checkpoint` when nothing of the run is kept.
 */
export async function exportWeights(
  store: CheckpointStore,
  runId: string,
  { which, format, weights, metricName }: ExportWish,
): Promise<Blob> {
  const last = await newestWhole(store, runId);
  const bestStep = last.state.best?.step;
  const chosen =
    which === 'last' || bestStep === undefined || bestStep === last.state.step
      ? last
      : await openCheckpoint(store, runId, bestStep);
  const { task, preset, settings, facts, step, epoch } = chosen.state;
  const { best } = last.state;
  const averages = weights === 'averaged' ? averagesIn(chosen.source.tensors) : new Map<string, WeightTensor>();
  const tensors = chosen.source.tensors
    .filter(({ name }) => isWeight(name))
    .map((tensor) => averages.get(tensor.name) ?? tensor);
  const about = cardMetadata({
    ...{ version: 1, task, preset, settings, facts, step, epoch },
    weights: averages.size > 0 ? 'averaged' : 'raw',
    metric: best?.step === step ? { name: metricName, value: best.value } : null,
  });
  return await piecesToBlob(weightPieces(format, tensors, about));
}

interface OpenCheckpoint {
  readonly source: WeightSource;
  readonly state: SessionState;
}

async function openCheckpoint(store: CheckpointStore, runId: string, step: number): Promise<OpenCheckpoint> {
  const source = await openWeights([{ path: `step-${step}.safetensors`, blob: await store.open(runId, step) }]);
  return { source, state: sessionOf(source.metadata) };
}

async function newestWhole(store: CheckpointStore, runId: string): Promise<OpenCheckpoint> {
  for (const { step } of await store.list(runId))
    try {
      return await openCheckpoint(store, runId, step);
    } catch (error) {
      // A broken file leaves its elder.
      if (!(error instanceof UserError)) throw error;
    }
  throw new UserError('no-checkpoint', 'No checkpoint of this run is kept, so it has no weights to export.');
}
