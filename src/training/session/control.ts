// What the person wants of the run at this moment, and the waiting for it.

type Wish = 'run' | 'pause' | 'stop';

export class Control {
  #wish: Wish = 'run';
  /** Steps asked for while paused. */
  #steps = 0;
  #stops = 0;
  /** Between the first step and the end; before it nothing can stand still. */
  #live = false;
  #standing = false;
  #ended = false;
  #resume: (() => void)[] = [];
  #heedful: (() => void)[] = [];
  #answers: (() => void)[] = [];

  get stopping(): boolean {
    return this.#wish === 'stop';
  }

  /** Whether the loop has begun. */
  get begun(): boolean {
    return this.#live;
  }

  /** How often Stop was pressed: the second press also cuts short the last evaluation. */
  get stops(): number {
    return this.#stops;
  }

  /** Whether the loop should wait here. */
  get pausing(): boolean {
    return this.#wish === 'pause' && this.#steps === 0;
  }

  /** Whether the loop should do single steps, one for each time it asks. */
  get stepping(): boolean {
    return this.#wish === 'pause' && this.#steps > 0;
  }

  /** Resolves when the run stands still, or has ended; at once while it is still being prepared. */
  pause(): Promise<void> {
    if (this.#wish === 'run') this.#wish = 'pause';
    this.#tellHeedful();
    return this.#live && !this.#standing ? this.#answer() : Promise.resolve();
  }

  unpause(): void {
    if (this.#wish === 'pause') this.#wish = 'run';
    this.#wake();
    this.#answerAll();
  }

  /** The loop has begun. */
  begin(): void {
    this.#live = true;
  }

  /** Lets one step through; resolves when the run stands still again. Does nothing while the run is not paused. */
  step(): Promise<void> {
    if (this.#wish !== 'pause') return Promise.resolve();
    this.#steps += 1;
    this.#wake();
    return this.#answer();
  }

  /** Resolves when the run has ended. */
  async stop(): Promise<void> {
    this.#wish = 'stop';
    this.#stops += 1;
    this.#tellHeedful();
    this.#wake();
    while (!this.#ended) await this.#answer();
  }

  /** Resolves when Pause or Stop is pressed the next time: for waiting that heeds them. */
  asked(): Promise<void> {
    return new Promise((resolve) => this.#heedful.push(resolve));
  }

  /** One of the single steps that were asked for is done. */
  stepDone(): void {
    if (this.#steps > 0) this.#steps -= 1;
  }

  /** The loop waits here until it may go on; those who asked for the standstill are answered. */
  async stand(): Promise<void> {
    if (!this.pausing) return;
    this.#standing = true;
    this.#answerAll();
    await new Promise<void>((resolve) => this.#resume.push(resolve));
    this.#standing = false;
  }

  /** The run is over: everybody is answered, now and later. */
  end(): void {
    this.#ended = true;
    this.#answerAll();
  }

  #answer(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => this.#answers.push(resolve));
  }

  #answerAll(): void {
    for (const answer of this.#answers.splice(0)) answer();
  }

  #tellHeedful(): void {
    for (const tell of this.#heedful.splice(0)) tell();
  }

  #wake(): void {
    for (const resume of this.#resume.splice(0)) resume();
  }
}
