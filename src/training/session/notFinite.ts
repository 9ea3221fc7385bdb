// Thrown when a loss or a weight is no longer a finite number; the run then goes back to its last good checkpoint.

export class NotFinite extends Error {
  override readonly name: string = 'NotFinite';
  readonly step: number;

  /** `what` is the loss, or the name of the weight. */
  constructor(step: number, what: string) {
    super(what);
    this.step = step;
  }
}
