// One validation pass: every validation clip through the model, then the task's own metrics.
import { heardLater } from '../../frames/heardLater';
import type { DeviceWatch } from './deviceWatch';
import type { Evaluation, Outputs, PreparedData, StagedBatch, Trainer } from '../runtime';
import { ofClip } from '../trainer/clipOutputs';
import { releaseLater, stageAll } from '../trainer/stageAll';
import { tick } from './tick';

export interface EvaluateParts {
  readonly trainer: Trainer;
  readonly data: PreparedData;
  readonly watch: DeviceWatch;
  /** Called between batches; may wait (pause), and answers false to give up (stop). */
  readonly goOn: () => Promise<boolean>;
}

/** The metrics of the whole validation set, or null when `goOn` gave up. Throws UserError for a file that went bad. */
export async function evaluate({ trainer, data, watch, goOn }: EvaluateParts): Promise<Evaluation | null> {
  const { batchSize } = trainer;
  const outputs: Outputs[] = [];
  const stage = (first: number): Promise<readonly StagedBatch[]> => {
    const clips = clipsFrom(first, batchSize, data.validationClips);
    return heardLater(stageAll(trainer, clips.length > 0 ? [data.validationBatch(clips)] : []));
  };
  let next = stage(0);
  try {
    while (outputs.length < data.validationClips) {
      if (!(await goOn())) return null;
      const clips = Math.min(batchSize, data.validationClips - outputs.length);
      const [batch] = await watch.guard(next);
      const predicting = watch.guard(trainer.predict(batch!));
      // Made while the GPU is busy.
      next = stage(outputs.length + clips);
      const all = await predicting;
      for (let clip = 0; clip < clips; clip += 1) outputs.push(ofClip(all, clip, batchSize));
      await tick();
    }
  } finally {
    void releaseLater(next);
  }
  return await data.evaluate(outputs);
}

/** A whole batch of clips, the last of which repeats where they end before it is full; none past the end. */
function clipsFrom(first: number, batch: number, total: number): number[] {
  return Array.from({ length: first < total ? batch : 0 }, (_, i) => Math.min(first + i, total - 1));
}
