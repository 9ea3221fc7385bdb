// Lets errors cross between page and workers whole: comlink alone drops the code, the detail, the cause and the class.
import { transferHandlers, type TransferHandler } from 'comlink';
import { Bug, UserError, type ErrorDetail } from './errors';

interface ErrorOnWire {
  readonly kind: 'user' | 'bug' | 'other';
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string;
  readonly detail: ErrorDetail;
  readonly cause: ThrownOnWire | null;
}

type ThrownOnWire = { readonly error: ErrorOnWire } | { readonly value: unknown };

/** Causes of causes beyond this depth are left out, so that a chain which bites its tail ends. */
const deepestCause = 20;

/** An error as plain data. */
export function packError(thrown: unknown, depth = 0): ThrownOnWire {
  if (!(thrown instanceof Error)) return { value: cloneable(thrown) };
  const kind = thrown instanceof UserError ? 'user' : thrown instanceof Bug ? 'bug' : 'other';
  return {
    error: {
      kind,
      name: thrown.name,
      message: thrown.message,
      stack: thrown.stack,
      code: thrown instanceof UserError ? thrown.code : '',
      detail: thrown instanceof UserError ? { ...thrown.detail } : {},
      cause: thrown.cause === undefined || depth >= deepestCause ? null : packError(thrown.cause, depth + 1),
    },
  };
}

/** The error that `packError` was given, of the same class. */
export function unpackError(packed: ThrownOnWire): unknown {
  if (!('error' in packed)) return packed.value;
  const { kind, name, message, stack, code, detail, cause } = packed.error;
  const options = cause === null ? undefined : { cause: unpackError(cause) };
  let error: Error;
  if (kind === 'user') error = new UserError(code, message, detail, options);
  else if (kind === 'bug') error = new Bug(message, options);
  else {
    error = new Error(message, options);
    Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  }
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** What comlink hands to the handler named 'throw'; its marker symbol is its own affair. */
interface Thrown {
  readonly value: unknown;
}

/** Replaces comlink's handler of thrown values; page and worker both call this once, before anything else. */
export function installWorkerErrors(): void {
  const own = transferHandlers.get('throw');
  if (!own) throw new Bug('comlink has no handler named throw any more');
  const handler: TransferHandler<Thrown, ThrownOnWire> = {
    canHandle: (value): value is Thrown => own.canHandle(value),
    serialize: ({ value }) => [packError(value), []],
    deserialize: (packed): never => {
      throw unpackError(packed);
    },
  };
  transferHandlers.set('throw', handler);
}

/** A thrown value that is no error: as it is where it can be cloned, else as text. */
function cloneable(value: unknown): unknown {
  try {
    structuredClone(value);
    return value;
  } catch {
    return String(value);
  }
}
