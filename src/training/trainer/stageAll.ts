// Stages the batches of a step together: all of them, or none.
import type { Batch, StagedBatch, Trainer } from '../runtime';

/** Throws what the first batch that failed threw, once the others are released. */
export async function stageAll(trainer: Pick<Trainer, 'stage'>, batches: readonly Batch[]): Promise<StagedBatch[]> {
  const results = await Promise.allSettled(batches.map((batch) => trainer.stage(batch)));
  const staged = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = results.find((one) => one.status === 'rejected');
  if (!failed) return staged;
  releaseAll(staged);
  throw failed.reason;
}

export function releaseAll(batches: readonly StagedBatch[]): void {
  for (const batch of batches) batch.release();
}

/** For batches that are not going to be used: released once they are there. That they failed is nobody's concern then. */
export async function releaseLater(batches: Promise<readonly StagedBatch[]>): Promise<void> {
  await batches.then(releaseAll, () => undefined);
}
