// Reads chosen files before anything runs and says what of them is usable.
import type { DataReport } from '../../annotations/dataReport';
import type { DataSource } from '../../annotations/dataSource';
import type { ErrorReport, TrainApi } from '../../training/protocol';
import type { Settings } from '../../models/settings';
import type { Counted } from './readiness';
import { observeError, reportOf } from './errorReports';

export class DataCheck {
  readonly #api: TrainApi;
  #checking = $state(false);
  #counted = $state.raw<Counted | null>(null);
  #report = $state.raw<DataReport | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  /** Only the answer to the latest question counts. */
  #asked = 0;

  constructor(api: TrainApi) {
    this.#api = api;
  }

  get checking(): boolean {
    return this.#checking;
  }
  /** How many of the files were read; null while nothing was counted. */
  get counted(): Counted | null {
    return this.#counted;
  }
  get report(): DataReport | null {
    return this.#report;
  }
  get error(): ErrorReport | null {
    return this.#error;
  }
  /** False once a check found nothing to train on. */
  get usable(): boolean {
    return this.#error === null && (this.#report === null || this.#report.usable > 0);
  }

  clear(): void {
    this.#asked++;
    this.#checking = false;
    this.#counted = null;
    this.#report = null;
    this.#error = null;
  }

  async check(task: string, data: DataSource, settings: Settings): Promise<void> {
    this.clear();
    const asked = this.#asked;
    this.#checking = true;
    try {
      const report = await this.#api.check(task, data, settings, (done, total) => {
        if (asked === this.#asked) this.#counted = { done, total };
      });
      if (asked === this.#asked) this.#report = report;
    } catch (thrown) {
      const error = reportOf(thrown);
      observeError(error);
      if (asked === this.#asked) this.#error = error;
    }
    if (asked === this.#asked) this.#checking = false;
  }
}
