// A stopwatch of training time: it stands still while the run is paused, prepared or compiled.

export class Clock {
  readonly #now: () => number;
  #before: number;
  #startedAt: number | null = null;

  /** `now` gives milliseconds; `seconds` is what the run has trained before. */
  constructor(now: () => number, seconds = 0) {
    this.#now = now;
    this.#before = seconds;
  }

  get seconds(): number {
    return this.#before + (this.#startedAt === null ? 0 : (this.#now() - this.#startedAt) / 1000);
  }

  get running(): boolean {
    return this.#startedAt !== null;
  }

  start(): void {
    this.#startedAt ??= this.#now();
  }

  stop(): void {
    this.#before = this.seconds;
    this.#startedAt = null;
  }
}
