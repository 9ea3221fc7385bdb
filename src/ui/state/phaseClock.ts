// How long a phase that counts what it has done will take, by its pace so far.

/** Before that a pace is a guess. */
const soonestMilliseconds = 1500;
const fewest = 3;

export class PhaseClock {
  readonly #began = new Map<string, { readonly at: number; readonly done: number; last: number }>();

  /** Seconds until `total`, by what was done since the phase was first heard of; null while nobody can say. */
  secondsLeft(phase: string, done: number, total: number, now: number): number | null {
    const began = this.#began.get(phase);
    if (began === undefined || done < began.last) {
      this.#began.set(phase, { at: now, done, last: done });
      return null;
    }
    began.last = done;
    const [took, made] = [now - began.at, done - began.done];
    if (took < soonestMilliseconds || made < fewest || done >= total) return null;
    return ((took / made) * (total - done)) / 1000;
  }
}
