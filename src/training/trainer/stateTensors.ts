// Tensors part by part between a trainer and a checkpoint, so that no big tensor is ever whole in memory.
import { UserError } from '../../errors';
import { countOf } from '../../formats/storedTensor';
import type { NamedTensor, ReadableTensor, StateTensor, TrainerState } from '../runtime';

/** Before a weight's name, the name of its moving average in the optimiser's state. */
export const averagePrefix = 'ema.';

/** 16 MiB of f32. */
const partValues = 4 * 2 ** 20;

/** Everything that a trainer learnt, where it can be read again. */
export interface HeldState {
  readonly weights: readonly ReadableTensor[];
  /** Null for an optimiser that is as new. */
  readonly optimizerState: readonly ReadableTensor[] | null;
}

/** The values of a tensor, one part after the other. */
export async function* partsOf(tensor: ReadableTensor): AsyncGenerator<NamedTensor['data'], void> {
  for (const { begin, end } of partRanges(tensor.shape)) yield await tensor.read(begin, end);
}

/**
 * Puts back what `state` gave, bit for bit; null instead of the optimiser's state makes the optimiser as new.
 * @throws UserError `weight-missing`, `weight-mismatch` or `optimizer-mismatch` before anything is written.
 */
export async function restoreState(
  { weights, optimizerState, resetOptimizer }: TrainerState,
  kept: HeldState,
): Promise<void> {
  const copies = pair(kept.weights, weights, weightMisfit);
  if (kept.optimizerState) copies.push(...pair(kept.optimizerState, optimizerState, optimizerMisfit));
  for (const { from, into } of copies)
    for (const { begin, end } of partRanges(into.shape)) await into.write(await from.read(begin, end), begin);
  if (!kept.optimizerState) resetOptimizer();
}

/** What `restoreState` puts back, all in memory: for small models. Without the optimiser's state where that is as new. */
export async function heldState(state: TrainerState, optimizer: 'with optimizer' | 'as new'): Promise<HeldState> {
  const hold = async ({ name, dtype, shape, read }: ReadableTensor): Promise<ReadableTensor> => {
    const values = await read(0, countOf(shape));
    return { name, dtype, shape, read: (begin, end) => Promise.resolve(values.slice(begin, end)) };
  };
  const all = async (tensors: readonly ReadableTensor[]): Promise<ReadableTensor[]> => {
    const held: ReadableTensor[] = [];
    for (const tensor of tensors) held.push(await hold(tensor));
    return held;
  };
  return {
    weights: await all(state.weights),
    optimizerState: optimizer === 'as new' ? null : await all(state.optimizerState),
  };
}

/** False when one of the values is infinite or not a number. */
export function areFinite(values: NamedTensor['data']): boolean {
  if (!(values instanceof Float32Array)) return true;
  // A finite sum has no inf or nan among its terms; a large one decides nothing, so only then each value is asked.
  let sum = 0;
  for (const value of values) sum += value;
  return Number.isFinite(sum) || values.every(Number.isFinite);
}

function* partRanges(shape: readonly number[]): Generator<{ begin: number; end: number }, void> {
  const count = countOf(shape);
  for (let begin = 0; begin < count; begin += partValues) yield { begin, end: Math.min(count, begin + partValues) };
}

interface Copy {
  readonly from: ReadableTensor;
  readonly into: StateTensor;
}

function pair(
  kept: readonly ReadableTensor[],
  wanted: readonly StateTensor[],
  misfit: (wanted: StateTensor, found: ReadableTensor | undefined) => UserError,
): Copy[] {
  const byName = new Map(kept.map((tensor) => [tensor.name, tensor]));
  return wanted.map((into) => {
    const from = byName.get(into.name);
    if (from?.dtype !== into.dtype || from.shape.join() !== into.shape.join()) throw misfit(into, from);
    return { from, into };
  });
}

function weightMisfit({ name, shape }: StateTensor, found: ReadableTensor | undefined): UserError {
  const [code, what] = found
    ? [
        'weight-mismatch',
        `The weight ${name} is [${found.shape.join(', ')}] in the checkpoint, not [${shape.join(', ')}]`,
      ]
    : ['weight-missing', `The checkpoint has no weight named ${name}`];
  return new UserError(code, `${what}; it belongs to another model or other settings.`, { name });
}

function optimizerMisfit({ name }: StateTensor): UserError {
  const message = 'The checkpoint holds optimiser state of another model or other settings.';
  return new UserError('optimizer-mismatch', message, { name });
}
