// Work that is begun now and waited for later: until somebody waits, its failure is no stray rejection.

/** The same promise; whoever awaits it hears of a failure. */
export function heardLater<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}
