// Whether there is a GPU to train on, and what it says about itself.
import type { AdapterReport, ErrorReport, TrainApi } from '../../training/protocol';
import { observeError, reportOf } from './errorReports';

export type GpuStatus =
  | { readonly state: 'asking' }
  | { readonly state: 'ready'; readonly adapter: AdapterReport }
  /** `error` is what the worker said; null when the browser has no WebGPU at all. */
  | { readonly state: 'missing'; readonly error: ErrorReport | null };

export class Gpu {
  #status = $state.raw<GpuStatus>({ state: 'asking' });
  #answered: Promise<void> = Promise.resolve();

  get status(): GpuStatus {
    return this.#status;
  }

  /** Kept once the status is no longer `asking`. */
  get answered(): Promise<void> {
    return this.#answered;
  }

  ask(api: TrainApi): Promise<void> {
    this.#answered = this.#ask(api);
    return this.#answered;
  }

  async #ask(api: TrainApi): Promise<void> {
    // The types say that `gpu` is always there; browsers without WebGPU lack it.
    if ((navigator as Partial<Navigator>).gpu === undefined) {
      this.#status = { state: 'missing', error: null };
      return;
    }
    try {
      this.#status = { state: 'ready', adapter: await api.adapter() };
    } catch (thrown) {
      this.fail(reportOf(thrown));
    }
  }

  fail(error: ErrorReport): void {
    observeError(error);
    this.#status = { state: 'missing', error };
  }
}
