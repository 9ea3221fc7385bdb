// One run at a time over all tabs of this page: whoever trains holds a Web Lock, which says which run it is.
import { UserError } from '../errors';

const lockName = 'tabtune-train';
const runPrefix = 'tabtune-run ';
const channelName = 'tabtune-runs';

/**
 * Runs `work` while no other tab trains; `runId` is told to the other tabs. The lock goes when the work ends, or its tab
 * does; when this is kept, no tab sees it held any more.
 * @throws UserError `second-tab` at once when another tab trains.
 */
export async function whileTraining<T>(work: () => Promise<T>, runId?: string): Promise<T> {
  const answer = await navigator.locks.request(lockName, { ifAvailable: true }, async (lock) => {
    if (!lock) return null;
    if (runId === undefined) return { value: await work() };
    return await navigator.locks.request(runPrefix + runId, async () => {
      announceRuns();
      return { value: await work() };
    });
  });
  // The browser hears of released locks in the order of this thread's messages: once it answers, every tab sees them so.
  await navigator.locks.query();
  announceRuns();
  if (!answer)
    throw new UserError('second-tab', 'A run is under way in another tab. Stop it there, or wait until it ends.');
  return answer.value;
}

/**
 * Runs `work` on a run that nobody trains meanwhile.
 * @throws UserError `run-live` at once when some tab does.
 */
export async function whileIdle<T>(runId: string, work: () => Promise<T>): Promise<T> {
  const answer = await navigator.locks.request(runPrefix + runId, { ifAvailable: true }, async (lock) =>
    lock ? { value: await work() } : null,
  );
  if (!answer) throw new UserError('run-live', 'This run is under way in another tab. Stop it there first.');
  return answer.value;
}

/** Whether some tab trains at this moment, this one included. */
export async function isTrainingSomewhere(): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some((lock) => lock.name === lockName);
}

/** The run that some tab trains at this moment, this one included; null when none does. */
export async function liveRunId(): Promise<string | null> {
  const { held = [] } = await navigator.locks.query();
  const name = held.find((lock) => lock.name?.startsWith(runPrefix))?.name;
  return name?.slice(runPrefix.length) ?? null;
}

/** Kept once nobody trains the run any more, however its tab ended. */
export async function whenIdle(runId: string): Promise<void> {
  await navigator.locks.request(runPrefix + runId, { mode: 'shared' }, () => undefined);
}

/** Tells every tab that kept runs changed. */
export function announceRuns(): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage(null);
  channel.close();
}

/** Hears of kept runs that changed in any tab or worker; gives the way to stop listening. */
export function onRunsChanged(listener: () => void): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = listener;
  return () => channel.close();
}
