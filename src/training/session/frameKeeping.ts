// Frames are kept beside everything else: what a step waits for comes first, so that none has to wait for all of them.
import { UserError } from '../../errors';
import type { PreparedData } from '../runtime';
import type { Control } from './control';
import type { Journal } from './journal';
import { refuseWhenStopped } from './prepareRun';

export class FrameKeeping {
  readonly #journal: Journal;
  readonly #control: Control;
  readonly #abort = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(journal: Journal, control: Control) {
    this.#journal = journal;
    this.#control = control;
  }

  /** Begins, or goes on where a device was lost. What fails costs time alone: the frames are decoded when they are needed. */
  begin(data: PreparedData): void {
    if (!data.keepFrames) return;
    const { signal } = this.#abort;
    const progress = this.#journal.progress('prepare', () => {
      if (!this.#control.begun) refuseWhenStopped(this.#control);
    });
    const told = (done: number, total: number): void => progress('frames', done, total);
    this.#work = data.keepFrames(told, signal).then(
      (report) => this.#journal.frames(report),
      (error: unknown) => {
        // Whatever else it is meets whoever decodes such a frame next.
        if (!(error instanceof UserError) || this.#control.stopping) return;
        const message = `Frames could not be kept, so that training decodes them again and again: ${error.message}`;
        this.#journal.notice('frames-not-kept', message, { reason: error.message });
      },
    );
  }

  /** Ends it where it is still under way; the run's record then tells what was kept. */
  async end(): Promise<void> {
    this.#abort.abort(new DOMException('The run needs no more frames.', 'AbortError'));
    await this.#work;
  }
}
