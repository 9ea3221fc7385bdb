// Watches over a GPU device: waiting for it ends at once when it is lost or reports an error of its own.
import { Bug, UserError } from '../../errors';

/** The GPU went away; a new device and the last checkpoint make it good. */
export class DeviceLost extends Error {
  override readonly name: string = 'DeviceLost';
}

export class DeviceWatch {
  readonly #device: GPUDevice;
  #failure: Error | null = null;
  #released = false;
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #onError = (event: GPUUncapturedErrorEvent): void => this.#fail(deviceError(event.error));

  constructor(device: GPUDevice) {
    this.#device = device;
    device.addEventListener('uncapturederror', this.#onError);
    void device.lost.then(({ reason, message }) => {
      if (this.#released) return;
      // A loss explains every error that came shortly before it.
      this.#failure = null;
      this.#fail(new DeviceLost(`The GPU device was lost (${reason}): ${message}`));
    });
  }

  /** As `promise`, but rejects as soon as the device fails. */
  guard<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#failure) reject(this.#failure);
      else this.#waiting.add(reject);
      promise.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  /** Throws the device's own error, where there is one. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /**
   * The error behind `error`: when a device goes, calls fail in many ways shortly before the loss is reported,
   * so it waits a moment for the report.
   */
  async explain(error: unknown): Promise<unknown> {
    if (error instanceof DeviceLost || error instanceof UserError) return error;
    const moment = new Promise((resolve) => setTimeout(resolve, 100));
    await Promise.race([this.#device.lost, moment]);
    return this.#failure instanceof DeviceLost ? this.#failure : error;
  }

  /** Ends the watch; what happens to the device later is not this run's affair. */
  release(): void {
    this.#released = true;
    this.#device.removeEventListener('uncapturederror', this.#onError);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const reject of [...this.#waiting]) reject(this.#failure);
    this.#waiting.clear();
  }
}

function deviceError(error: GPUError): Error {
  // Compared by name: the classes are missing in Node.
  if (error.constructor.name === 'GPUOutOfMemoryError')
    return new UserError(
      'out-of-memory',
      'The GPU has too little memory for these settings. Take half the frames, or batch 1.',
      {},
      { cause: error },
    );
  return new Bug(`the GPU refused a command: ${error.message}`, { cause: error });
}
