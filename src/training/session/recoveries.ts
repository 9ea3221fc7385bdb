// How often a run may be taken back to its last checkpoint before it gives up.
import { UserError } from '../../errors';

const mostLosses = 3;
const lossMinutes = 10;
const mostNotFinite = 5;

export class Recoveries {
  #losses: number[] = [];
  #notFinite = 0;
  #troubleStep = 0;

  /**
   * Counts a lost device at `now` (milliseconds).
   * @throws UserError `device-lost-often` at the third loss within ten minutes.
   */
  deviceLost(now: number, cause: Error): void {
    this.#losses = [...this.#losses.filter((at) => now - at < lossMinutes * 60_000), now];
    if (this.#losses.length < mostLosses) return;
    throw new UserError(
      'device-lost-often',
      `The GPU was lost ${mostLosses} times within ${lossMinutes} minutes, so this run was ended.`,
      { times: mostLosses, minutes: lossMinutes },
      { cause },
    );
  }

  /**
   * Counts a loss that was not a finite number.
   * @throws UserError `loss-not-finite` when going back did not help several times in a row.
   */
  notFinite(step: number, learningRate: number): void {
    this.#notFinite += 1;
    this.#troubleStep = Math.max(this.#troubleStep, step);
    if (this.#notFinite <= mostNotFinite) return;
    throw new UserError(
      'loss-not-finite',
      `The loss at step ${step} is not a finite number, even at a learning rate of ${learningRate}. Check the data, or start again with a smaller learning rate.`,
      { step, learningRate, times: this.#notFinite },
    );
  }

  /** A checkpoint of `step` was written; once it lies beyond the trouble, the trouble is over. */
  saved(step: number): void {
    if (step > this.#troubleStep) this.#notFinite = 0;
  }
}
