// The checkpoint that a new run starts from: opened as soon as it is chosen, to say what it is before anything runs.
import type { WeightFormat } from '../../formats/weightFile';
import type { DataFile } from '../../formats/dataFile';
import type { ErrorReport } from '../../training/protocol';
import type { WeightReport } from '../../training/weights/weightReport';
import { observeError, reportOf } from './errorReports';

/** What the headers of the chosen files say. */
export interface WeightFacts {
  readonly path: string;
  readonly format: WeightFormat;
  readonly bytes: number;
  readonly tensors: number;
  /** Kinds of Python objects that were not looked at. */
  readonly passedOver: readonly string[];
}

export class StartWeights {
  #files = $state.raw<readonly DataFile[]>([]);
  #address: string | null = null;
  #opening = $state(false);
  #settled: Promise<void> = Promise.resolve();
  #facts = $state.raw<WeightFacts | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  #match = $state.raw<WeightReport | null>(null);
  #misfit = $state.raw<ErrorReport | null>(null);
  /** Only the answer to the latest choice counts, and to the latest comparison. */
  #asked = 0;
  #compared = 0;

  /** Empty while the run starts from initial values. */
  get files(): readonly DataFile[] {
    return this.#files;
  }
  /** Where the files were downloaded from; null for files of the person's own. */
  get address(): string | null {
    return this.#address;
  }
  get opening(): boolean {
    return this.#opening;
  }
  get facts(): WeightFacts | null {
    return this.#facts;
  }
  get error(): ErrorReport | null {
    return this.#error;
  }
  /** How they fit the model of the settings on show; null while that is not known. */
  get match(): WeightReport | null {
    return this.#match;
  }
  /** Why they do not fit it at all. */
  get misfit(): ErrorReport | null {
    return this.#misfit;
  }
  /** What to call the choice; null while there is none. */
  get name(): string | null {
    return this.#facts?.path ?? this.#files[0]?.path ?? null;
  }
  /** False while the files are read, and when they cannot be: a run would not start from what was chosen. */
  get usable(): boolean {
    return !this.#opening && this.#error === null && this.#misfit === null;
  }

  /** Kept once the latest choice was opened. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  choose(files: readonly DataFile[], address: string | null = null): Promise<void> {
    this.#settled = this.#open(files, address);
    return this.#settled;
  }

  async #open(files: readonly DataFile[], address: string | null): Promise<void> {
    this.clear();
    const asked = this.#asked;
    this.#files = files;
    this.#address = address;
    this.#opening = true;
    try {
      // The readers are fetched by those who choose weights only.
      const { openWeights } = await import('../../formats/openWeights');
      const { path, format, bytes, tensors, passedOver } = await openWeights(files);
      if (asked === this.#asked) this.#facts = { path, format, bytes, tensors: tensors.length, passedOver };
    } catch (thrown) {
      const error = reportOf(thrown);
      if (asked === this.#asked) {
        observeError(error);
        this.#error = error;
      }
    }
    if (asked === this.#asked) this.#opening = false;
  }

  /** Holds them against a model; what `match` refuses is kept from starting a run. */
  async compare(match: (files: readonly DataFile[]) => Promise<WeightReport | null>): Promise<void> {
    const asked = ++this.#compared;
    const found = await match(this.#files).catch((thrown: unknown) => reportOf(thrown));
    if (asked !== this.#compared) return;
    const refused = found !== null && 'kind' in found;
    this.#match = refused ? null : found;
    this.#misfit = refused && found.kind === 'user' ? found : null;
  }

  clear(): void {
    this.#compared++;
    this.#match = null;
    this.#misfit = null;
    this.#asked++;
    this.#files = [];
    this.#address = null;
    this.#opening = false;
    this.#facts = null;
    this.#error = null;
  }
}
