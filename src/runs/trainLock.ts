// One run at a time over all tabs of this page: whoever trains holds a Web Lock, and the other tabs only look.
import { UserError } from '../errors';

const lockName = 'tabtune-train';

/**
 * Runs `work` while no other tab trains. The lock goes when the work ends, or its tab does.
 * @throws UserError `second-tab` at once when another tab trains.
 */
export async function whileTraining<T>(work: () => Promise<T>): Promise<T> {
  const answer = await navigator.locks.request(lockName, { ifAvailable: true }, async (lock) =>
    lock ? { value: await work() } : null,
  );
  if (!answer)
    throw new UserError('second-tab', 'A run is under way in another tab. Stop it there, or wait until it ends.');
  return answer.value;
}

/** Whether some tab trains at this moment, this one included. */
export async function isTrainingSomewhere(): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some((lock) => lock.name === lockName);
}
