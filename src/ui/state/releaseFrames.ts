// Deletes resized frames that no kept run uses but one that failed or was deleted.
import type { RunHead } from '../../runs/runStore';
import { whileTraining } from '../../runs/trainLock';
import { removeFrames } from '../../video/frameCache';
import { reportOf } from './errorReports';

/**
 * Where another run may be using frames at this moment they stay: the list of what the site keeps offers their deletion.
 * Throws what the store throws.
 */
export async function releaseFrames(
  runId: string,
  files: readonly string[],
  all: readonly Pick<RunHead, 'runId' | 'frames'>[],
): Promise<void> {
  const used = new Set(all.flatMap((head) => (head.runId === runId ? [] : (head.frames ?? []))));
  const unused = files.filter((name) => !used.has(name));
  if (unused.length === 0) return;
  try {
    await whileTraining(() => removeFrames(unused));
  } catch (thrown) {
    if (reportOf(thrown).code !== 'second-tab') throw thrown;
  }
}
