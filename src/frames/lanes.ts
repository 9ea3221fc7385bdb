// Works on many things, some at a time.

/**
 * Does `work` for each item, `lanes` of them at once; an item is asked for when a lane is free. The first failure aborts
 * the others' signal and is thrown when they have ended; `signal` does the same from outside.
 */
export async function inLanes<T>(
  items: Iterable<T>,
  lanes: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const iterator = items[Symbol.iterator]();
  // The lanes share it, and none of them closes it for the others.
  const left: Iterable<T> = { [Symbol.iterator]: () => ({ next: () => iterator.next() }) };
  const lane = async (): Promise<void> => {
    try {
      for (const item of left) {
        either.throwIfAborted();
        await work(item, either);
      }
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  };
  await Promise.allSettled(Array.from({ length: lanes }, lane));
  either.throwIfAborted();
}
