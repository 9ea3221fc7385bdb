// What is taken out of a kept run: weights, report, metrics; each waits until the run is saved.
import type { ExportFormat } from '../../formats/writeWeights';
import type { TrainApi, WeightKind } from '../../training/protocol';
import { download } from '../files/download';
import type { RunList } from './runList.svelte';
import type { TextKind } from './runTexts';
import type { Training } from './training.svelte';

export interface ExportsParts {
  readonly api: TrainApi;
  readonly runs: RunList;
  readonly training: Training;
  readonly tell: (thrown: unknown) => void;
}

export interface WeightWish {
  readonly which: 'best' | 'last';
  readonly format: ExportFormat;
  readonly weights: WeightKind;
}

export class Exports {
  readonly parts: ExportsParts;

  constructor(parts: ExportsParts) {
    this.parts = parts;
  }

  /** Averaged weights say so in the file's name. */
  weights(runId: string, name: string, { which, format, weights }: WeightWish): Promise<void> {
    return this.#take(async () => {
      const blob = await this.parts.api.exportWeights(runId, which, format, weights);
      download([name, which, ...(weights === 'averaged' ? [weights] : []), format].join('.'), blob);
    });
  }

  text(runId: string, kind: TextKind): Promise<void> {
    return this.#take(() => this.parts.runs.exportText(runId, kind));
  }

  async #take(take: () => Promise<void>): Promise<void> {
    try {
      await this.parts.training.saved();
      await take();
    } catch (thrown) {
      this.parts.tell(thrown);
    }
  }
}
