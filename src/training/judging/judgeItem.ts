// One item through the predictor: windows as they come, batch by batch, the next one decoded while the GPU is busy.
import { heardLater } from '../../frames/heardLater';
import type { StagedBatch } from '../runtime';
import { tick } from '../session/tick';
import { ofClip } from '../trainer/clipOutputs';
import type { Predictor } from '../trainer/predictor';
import { releaseLater, stageAll } from '../trainer/stageAll';
import type { JudgeWindow, OpenedItem } from './taskJudge';

export interface JudgeItemParts {
  readonly predictor: Pick<Predictor, 'batchSize' | 'stage' | 'predict'>;
  /** As `promise`, but fails with the device. */
  readonly guard: <T>(promise: Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
  /** Called after each batch, with the time up to which the item is judged. */
  readonly told: (untilSeconds: number) => Promise<void> | void;
}

export interface Judged {
  readonly untilSeconds: number;
  /** False where the person cancelled. */
  readonly whole: boolean;
}

interface Staged {
  readonly windows: readonly JudgeWindow[];
  readonly batch: Promise<readonly StagedBatch[]>;
}

/**
 * Judges until the windows end or the signal says stop; what was heard until then stays. No more than two batches are
 * alive at a time. Throws what the windows, the batches and the device throw.
 */
export async function judgeItem(opened: OpenedItem, parts: JudgeItemParts): Promise<Judged> {
  const { predictor, guard, signal, told } = parts;
  const { batchSize } = predictor;
  const source = inTurn(opened.windows());
  let untilSeconds = 0;
  const stage = async (): Promise<Staged | null> => {
    const windows = await take(source, batchSize, signal);
    const [last] = windows.slice(-1);
    if (last === undefined) return null;
    const whole = Array.from({ length: batchSize }, (_, i) => windows[i] ?? last);
    return { windows, batch: heardLater(stageAll(predictor, [opened.batch(whole)])) };
  };
  let next = heardLater(stage());
  try {
    for (;;) {
      const staged = await next;
      if (staged === null || signal.aborted) return { untilSeconds, whole: !signal.aborted };
      const [batch] = await guard(staged.batch);
      const predicting = guard(predictor.predict(batch!));
      next = heardLater(stage());
      const outputs = await predicting;
      staged.windows.forEach((window, clip) => opened.hear(window, ofClip(outputs, clip, batchSize)));
      untilSeconds = staged.windows.at(-1)!.untilSeconds;
      await told(untilSeconds);
      await tick();
    }
  } catch (error) {
    if (signal.aborted) return { untilSeconds, whole: false };
    throw error;
  } finally {
    void next.then((staged) => staged && releaseLater(staged.batch)).catch(() => undefined);
    await source.return().catch(() => undefined);
  }
}

async function* inTurn(windows: Iterable<JudgeWindow> | AsyncIterable<JudgeWindow>): AsyncGenerator<JudgeWindow, void> {
  yield* windows;
}

async function take(
  source: AsyncGenerator<JudgeWindow, void>,
  count: number,
  signal: AbortSignal,
): Promise<JudgeWindow[]> {
  const taken: JudgeWindow[] = [];
  while (taken.length < count && !signal.aborted) {
    const step = await source.next();
    if (step.done === true) break;
    taken.push(step.value);
  }
  return taken;
}
