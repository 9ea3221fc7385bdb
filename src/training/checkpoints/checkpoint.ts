// A checkpoint as a file: .safetensors with weights under upstream's names, optimiser state under our prefix, the session in the metadata.
import { Bug, UserError } from '../../errors';
import { openWeights, type WeightTensor } from '../../formats/openWeights';
import { readFile, type Reading } from '../../formats/reading';
import { bytesOf, bytesPerElement, tensorOver } from '../../formats/storedTensor';
import { safetensorsInPieces, type FileInPieces } from '../../formats/writeWeights';
import type { NamedTensor, ReadableTensor } from '../runtime';
import type { SessionState } from '../session/sessionState';
import { averagePrefix, partsOf } from '../trainer/stateTensors';

/** No upstream name starts like this. */
const optimizerPrefix = 'tabtune.optimizer.';
const stateKey = 'tabtune.session';

/** Of a trainer or of a file: the tensors are read when they are asked for. */
export interface Checkpoint {
  readonly state: SessionState;
  readonly weights: readonly ReadableTensor[];
  /** Null in the checkpoint of step 0: a fresh optimiser. */
  readonly optimizerState: readonly ReadableTensor[] | null;
}

/** The file of a checkpoint, whose pieces are read from its tensors. */
export function checkpointFile({ state, weights, optimizerState }: Checkpoint): FileInPieces {
  const renamed = (optimizerState ?? []).map((tensor) => ({ tensor, name: optimizerPrefix + tensor.name }));
  const all = [...weights.map((tensor) => ({ tensor, name: tensor.name })), ...renamed];
  const tensors = all.map(({ name, tensor }) => ({
    ...{ name, dtype: tensor.dtype, shape: tensor.shape },
    async *pieces() {
      for await (const data of partsOf(tensor)) yield bytesOf({ ...tensor, data });
    },
  }));
  const text = JSON.stringify({ ...state, hasOptimizer: optimizerState !== null });
  return safetensorsInPieces(tensors, { format: 'pt', [stateKey]: text });
}

/**
 * Reads the header only.
 * @throws UserError when the file is cut off or not one of our checkpoints.
 */
export async function openCheckpoint(blob: Blob, step: number): Promise<Checkpoint> {
  const source = await openWeights([{ path: `step-${step}.safetensors`, blob }]);
  const { hasOptimizer, ...state } = readState(source.metadata[stateKey]);
  const weights: ReadableTensor[] = [];
  const optimizerState: ReadableTensor[] = [];
  for (const tensor of source.tensors) {
    if (isWeight(tensor.name)) weights.push(inFile(tensor, tensor.name, source.path));
    else optimizerState.push(inFile(tensor, tensor.name.slice(optimizerPrefix.length), source.path));
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

/** Moving averages among the tensors of a checkpoint, by the names of their weights, which they take. */
export function averagesIn(tensors: readonly WeightTensor[]): ReadonlyMap<string, WeightTensor> {
  const prefix = optimizerPrefix + averagePrefix;
  return new Map(
    tensors
      .filter(({ name }) => name.startsWith(prefix))
      .map((tensor) => {
        const name = tensor.name.slice(prefix.length);
        return [name, { ...tensor, name }];
      }),
  );
}

function inFile({ dtype, shape, stored }: WeightTensor, name: string, path: string): ReadableTensor {
  if ((dtype !== 'F32' && dtype !== 'I64') || !stored) throw notOurs();
  const read = async (begin: number, end: number): Promise<NamedTensor['data']> => {
    const size = bytesPerElement(dtype);
    const bytes = await readFile(stored, path, rangeOf(begin * size, end * size));
    return tensorOver(dtype, [end - begin], bytes).data as NamedTensor['data'];
  };
  return { name, dtype, shape, read };
}

function* rangeOf(begin: number, end: number): Reading<Uint8Array<ArrayBuffer>> {
  return yield { begin, end };
}

function readState(text: string | undefined): SessionState & { hasOptimizer: boolean } {
  if (text === undefined) throw notOurs();
  let state: Partial<SessionState & { hasOptimizer: boolean }>;
  try {
    state = JSON.parse(text) as typeof state;
  } catch (cause) {
    throw notOurs(cause);
  }
  if (state.format !== 2 || typeof state.step !== 'number' || state.random?.generator !== 'philox4x32-10')
    throw notOurs();
  if (typeof state.hasOptimizer !== 'boolean') throw new Bug('a checkpoint without word of its optimiser');
  return state as SessionState & { hasOptimizer: boolean };
}

function notOurs(cause?: unknown): UserError {
  const message = 'This file is not a checkpoint that this version of Tabtune can continue.';
  return new UserError('checkpoint-unknown', message, {}, { cause });
}
