// Works on many things, some at a time.

/**
 * Does `work` for each item, `lanes` of them at once. The first failure aborts the others' signal and is thrown when
 * they have ended; `signal` does the same from outside.
 */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const left = items.values();
  const lane = async (): Promise<void> => {
    try {
      // The lanes share one iterator.
      for (const item of left) {
        either.throwIfAborted();
        await work(item, either);
      }
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  };
  await Promise.allSettled(Array.from({ length: Math.min(lanes, items.length) }, lane));
  either.throwIfAborted();
}
