// Plans what settings ask of a device beside a run: in a worker of its own, what was planned before from memory.
import { UserError } from '../../errors';
import type { Forecast } from '../protocol';
import type { Settings } from '../../models/settings';
import type { Facts } from '../runtime';
import type { ForecastDevice } from '../trainer/forecast';

/** All that a plan depends on; plain data. */
export interface PlanRequest {
  readonly task: string;
  readonly settings: Settings;
  readonly facts: Facts;
  /** Null while the data was not read. */
  readonly trainClips: number | null;
  /** Null where it is not known. */
  readonly adapter: ForecastDevice | null;
}

export interface PlanWorker {
  plan(request: PlanRequest): Promise<Forecast>;
  /** Refuses what is under way with an AbortError. */
  end(): void;
}

const mostKept = 64;

export class Planner {
  readonly #start: () => PlanWorker;
  readonly #kept = new Map<string, Promise<Forecast>>();
  #worker: PlanWorker | null = null;
  /** Key of the plan under way. */
  #busy: string | null = null;

  constructor(start: () => PlanWorker) {
    this.#start = start;
  }

  /**
   * The plan of these settings. Another that is still under way is given up, refused with an AbortError: whoever types
   * on has no use for it.
   * @throws UserError as `forecast`.
   */
  plan(request: PlanRequest): Promise<Forecast> {
    const key = JSON.stringify(request);
    const known = this.#kept.get(key);
    if (known) return known;
    if (this.#busy !== null) {
      this.#worker?.end();
      this.#worker = null;
    }
    this.#busy = key;
    const worker = (this.#worker ??= this.#start());
    const made = worker.plan(request).finally(() => {
      if (this.#busy === key) this.#busy = null;
    });
    this.#kept.set(key, made);
    made.catch((error: unknown) => {
      // That settings do not fit stays true; that a worker ended does not.
      if (!(error instanceof UserError)) this.#kept.delete(key);
      if (this.#worker === worker && !(error instanceof UserError)) this.#worker = null;
    });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) break;
      this.#kept.delete(oldest);
    }
    return made;
  }
}
