// Runs leave as one .zip and come in from one; loaded when somebody asks for it.
import type { DataFile } from '../../formats/dataFile';
import { zipBlob, zippedBytes } from '../../formats/zipBlob';
import type { Progress } from '../../formats/progress';
import { importRun } from '../../runs/importRun';
import { opfsCheckpoints } from '../../runs/opfsCheckpoints';
import { archiveFiles, readArchive, type ArchivedRun, type RunToArchive } from '../../runs/runArchive';
import type { RunHead } from '../../runs/runStore';
import { openCheckpoint } from '../../training/checkpoints/checkpoint';
import { UserError } from '../../errors';
import { download } from '../files/download';
import type { ExportsParts } from './exports';
import { runText, type TextKind } from './runTexts';

export interface GatheredRuns {
  readonly files: readonly DataFile[];
  /** Of the archive, exact. */
  readonly bytes: number;
}

const texts: readonly TextKind[] = ['report', 'figures', 'steps', 'settings'];

/**
 * What the archive of these runs will hold. Without `heavy` neither checkpoints nor weights: such a run can be looked at,
 * not continued.
 */
export async function gatherRuns(
  heads: readonly RunHead[],
  heavy: boolean,
  { runs, api, training }: ExportsParts,
): Promise<GatheredRuns> {
  await training.saved();
  const gathered: RunToArchive[] = [];
  for (const { runId, settings } of heads) {
    const [record, views] = await Promise.all([runs.get(runId), runs.views(runId)]);
    if (record === undefined) continue;
    const others = await Promise.all(
      texts.map(async (kind) => {
        const { ending, blob } = await runText(kind, record);
        return { path: ending, blob };
      }),
    );
    const held = heavy && (await opfsCheckpoints.list(runId));
    const checkpoints: ArchivedRun['checkpoints'][number][] = [];
    for (const { step } of held || []) checkpoints.push({ step, blob: await opfsCheckpoints.open(runId, step) });
    const averaged = Number(settings['emaDecay'] ?? 0) > 0;
    if (checkpoints.length > 0)
      for (const which of ['best', 'last'] as const) {
        const blob = await api.exportWeights(runId, which, 'safetensors', averaged ? 'averaged' : 'raw');
        others.push({ path: `weights/${which}.safetensors`, blob });
      }
    gathered.push({ record, views, checkpoints, others });
  }
  const files = archiveFiles(gathered);
  return { files, bytes: zippedBytes(files) };
}

export async function saveArchive(name: string, { files }: GatheredRuns, progress: Progress): Promise<void> {
  download(name, await zipBlob(files, progress));
}

export interface TakenIn {
  /** Names of the runs that are new here. */
  readonly taken: readonly string[];
  /** And of those that were here already. */
  readonly known: readonly string[];
}

/**
 * Takes all runs of an archive over. One that went on elsewhere, or here, becomes a run beside the one that is here.
 * @throws UserError as `readArchive` and `importRun`, and for checkpoints that are none of the run's.
 */
export async function takeIn(archive: File, runs: ExportsParts['runs'], progress: Progress): Promise<TakenIn> {
  const read = await readArchive(archive, archive.name, progress);
  for (const run of read) await checkCheckpoints(run, archive.name);
  const here = new Map(runs.all.map((head) => [head.runId, head]));
  const taken: string[] = [];
  const known: string[] = [];
  for (const [i, run] of read.entries()) {
    const { record } = run;
    progress(record.name, i, read.length);
    const same = here.get(record.runId);
    if (same?.updatedAt === record.updatedAt && same.step === record.step) {
      known.push(record.name);
      continue;
    }
    const fresh = same === undefined ? record : { ...record, runId: crypto.randomUUID(), name: `${record.name} (2)` };
    await importRun({ ...run, record: fresh });
    taken.push(fresh.name);
  }
  await runs.refresh();
  return { taken, known };
}

async function checkCheckpoints({ record, checkpoints }: ArchivedRun, path: string): Promise<void> {
  for (const { step, blob } of checkpoints) {
    const { state } = await openCheckpoint(blob, step);
    if (state.step === step && state.task === record.task) continue;
    const message = `A checkpoint in the archive belongs to another run: step ${step} of ${record.name} (${path})`;
    throw new UserError('archive-checkpoint', message, { step, name: record.name, path });
  }
}
