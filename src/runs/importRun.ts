// Takes a run of an archive over into this browser's store: whole, or not at all.
import { whileIdle } from './trainLock';
import { opfsCheckpoints } from './opfsCheckpoints';
import type { ArchivedRun } from './runArchive';
import { deleteRun, putRun, putView } from './runStore';
import type { Moment } from '../training/protocol';

/**
 * The record goes last, so that a run which is listed has everything.
 * @throws UserError `storage-full`, `storage-unavailable`, `run-live` while some tab trains a run of this id.
 */
export async function importRun({ record, views, checkpoints }: ArchivedRun): Promise<void> {
  const { runId } = record;
  try {
    await whileIdle(runId, async () => {
      for (const { step, blob } of checkpoints)
        await opfsCheckpoints.write(runId, step, { bytes: blob.size, pieces: () => piecesOf(blob) });
      for (const [moment, payload] of Object.entries(views)) await putView(runId, moment as Moment, payload);
      const bytes = checkpoints.reduce((sum, { blob }) => sum + blob.size, 0);
      await putRun({ ...record, bytes });
    });
  } catch (error) {
    await deleteRun(runId).catch(() => undefined);
    throw error;
  }
}

async function* piecesOf(blob: Blob): AsyncGenerator<Blob, void> {
  yield await Promise.resolve(blob);
}
