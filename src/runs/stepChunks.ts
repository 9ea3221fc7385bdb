// Cuts a run's step records into chunks and marks each one, so that a chunk which did not change is not written again.
import type { StepRecord } from '../training/protocol';

/** Steps per chunk: one chunk is rewritten at each save, about 50 KB. */
export const chunkSteps = 256;

export interface StepChunk {
  readonly runId: string;
  readonly chunk: number;
  readonly records: readonly StepRecord[];
}

export function chunksOf(runId: string, steps: readonly StepRecord[]): StepChunk[] {
  return Array.from({ length: Math.ceil(steps.length / chunkSteps) }, (_, chunk) => ({
    runId,
    chunk,
    records: steps.slice(chunk * chunkSteps, (chunk + 1) * chunkSteps),
  }));
}

/** One mark per chunk: equal marks mean equal steps. */
export function marksOf(steps: readonly StepRecord[]): string[] {
  const numbers = new Float64Array(4);
  const words = new Uint32Array(numbers.buffer);
  const marks: string[] = [];
  let hash = 0;
  let count = 0;
  for (const [i, record] of steps.entries()) {
    if (count === 0) hash = 2166136261;
    numbers.set([record.step, record.loss, record.learningRate, record.milliseconds]);
    for (const word of words) hash = Math.imul(hash ^ word ^ (word >>> 15), 16777619) >>> 0;
    count += 1;
    if (count < chunkSteps && i < steps.length - 1) continue;
    marks.push(`${count}:${hash}`);
    count = 0;
  }
  return marks;
}
