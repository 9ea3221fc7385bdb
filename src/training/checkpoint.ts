// A checkpoint as bytes: .safetensors with weights under upstream's names, optimiser state under our prefix, the session in the metadata.
import { Bug, UserError } from '../errors';
import { readSafetensors, writeSafetensors } from '../formats/safetensors';
import type { NamedTensor, NamedTensors } from './runtime';
import type { SessionState } from './sessionState';

/** No upstream name starts like this. */
const optimizerPrefix = 'tabtune.optimizer.';
const stateKey = 'tabtune.session';

export interface Checkpoint {
  readonly state: SessionState;
  readonly weights: NamedTensors;
  /** Null in the checkpoint of step 0: a fresh optimiser. */
  readonly optimizerState: NamedTensors | null;
}

export function encodeCheckpoint({ state, weights, optimizerState }: Checkpoint): Uint8Array<ArrayBuffer> {
  const tensors = new Map(weights);
  for (const [name, tensor] of optimizerState ?? []) tensors.set(optimizerPrefix + name, tensor);
  const text = JSON.stringify({ ...state, hasOptimizer: optimizerState !== null });
  return writeSafetensors(tensors, { format: 'pt', [stateKey]: text });
}

/** @throws UserError when the file is cut off or not one of our checkpoints. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes);
  const { hasOptimizer, ...state } = readState(metadata[stateKey]);
  const weights = new Map<string, NamedTensor>();
  const optimizerState = new Map<string, NamedTensor>();
  for (const [name, { dtype, shape, data }] of tensors) {
    const of = (place: Map<string, NamedTensor>, key: string, tensor: NamedTensor): unknown => place.set(key, tensor);
    if ((dtype !== 'F32' || !(data instanceof Float32Array)) && (dtype !== 'I64' || !(data instanceof BigInt64Array)))
      throw notOurs();
    if (name.startsWith(optimizerPrefix))
      of(optimizerState, name.slice(optimizerPrefix.length), { dtype, shape, data });
    else of(weights, name, { dtype, shape, data });
  }
  return { state, weights, optimizerState: hasOptimizer ? optimizerState : null };
}

/** The session of a checkpoint from its metadata alone. Throws UserError `checkpoint-unknown`. */
export function sessionOf(metadata: Readonly<Record<string, string>>): SessionState {
  return readState(metadata[stateKey]);
}

/** True for the weights of a checkpoint, false for the optimiser's state. */
export function isWeight(name: string): boolean {
  return !name.startsWith(optimizerPrefix);
}

/** The name of the first tensor that holds a value which is not a finite number. */
export function firstNotFinite(tensors: NamedTensors): string | null {
  for (const [name, { data }] of tensors) {
    if (!(data instanceof Float32Array)) continue;
    // A finite sum has no inf or nan among its terms; a large one decides nothing, so only then each value is asked.
    let sum = 0;
    for (const value of data) sum += value;
    if (!Number.isFinite(sum) && data.some((value) => !Number.isFinite(value))) return name;
  }
  return null;
}

function readState(text: string | undefined): SessionState & { hasOptimizer: boolean } {
  if (text === undefined) throw notOurs();
  let state: Partial<SessionState & { hasOptimizer: boolean }>;
  try {
    state = JSON.parse(text) as typeof state;
  } catch (cause) {
    throw notOurs(cause);
  }
  if (state.format !== 1 || typeof state.step !== 'number' || state.random?.generator !== 'philox4x32-10')
    throw notOurs();
  if (typeof state.hasOptimizer !== 'boolean') throw new Bug('a checkpoint without word of its optimiser');
  return state as SessionState & { hasOptimizer: boolean };
}

function notOurs(cause?: unknown): UserError {
  const message = 'This file is not a checkpoint that this version of Tabtune can continue.';
  return new UserError('checkpoint-unknown', message, {}, { cause });
}
