// What is taken out of a kept run: weights, report, metrics; each waits until the run is saved.
import type { ExportFormat } from '../../formats/writeWeights';
import type { TrainApi } from '../../training/protocol';
import { download } from '../files/download';
import type { RunList } from './runList.svelte';
import type { Training } from './training.svelte';

export interface ExportsParts {
  readonly api: TrainApi;
  readonly runs: RunList;
  readonly training: Training;
  readonly tell: (thrown: unknown) => void;
}

export class Exports {
  readonly #parts: ExportsParts;

  constructor(parts: ExportsParts) {
    this.#parts = parts;
  }

  weights(runId: string, name: string, which: 'best' | 'last', format: ExportFormat): Promise<void> {
    return this.#take(async () =>
      download(`${name}.${which}.${format}`, await this.#parts.api.exportWeights(runId, which, format)),
    );
  }

  report(runId: string): Promise<void> {
    return this.#take(() => this.#parts.runs.exportReport(runId));
  }

  json(runId: string): Promise<void> {
    return this.#take(() => this.#parts.runs.exportJson(runId));
  }

  async #take(take: () => Promise<void>): Promise<void> {
    try {
      await this.#parts.training.saved();
      await take();
    } catch (thrown) {
      this.#parts.tell(thrown);
    }
  }
}
