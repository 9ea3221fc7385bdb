// Sentences about a file of weights name the file, and the tensor where one is read: a model may come in many parts.
import { UserError } from '../errors';
import type { Reading } from './reading';

/** The same reading, whose errors name the file and the tensor; those that do already stay as they are. */
export function* namedReading<T>(reading: Reading<T>, path: string, tensor: string | null = null): Reading<T> {
  try {
    return yield* reading;
  } catch (error) {
    throw error instanceof UserError ? named(error, path, tensor) : error;
  }
}

/** The error with file and tensor at the end of its sentence. */
export function named(error: UserError, path: string, tensor: string | null = null): UserError {
  const { code, message, detail } = error;
  const missing = [tensor, path].filter((name) => name !== null && !isNamed(message, name));
  if (missing.length === 0) return error;
  const sentence = `${message.replace(/[.]$/, '')} (${missing.join(', ')})`;
  return new UserError(code, sentence, { ...(tensor !== null && { tensor }), path, ...detail }, { cause: error });
}

/** A short name may be part of any word. */
function isNamed(message: string, name: string): boolean {
  const isWord = (char: string | undefined): boolean => char !== undefined && /[\w.]/.test(char);
  for (let at = message.indexOf(name); at >= 0; at = message.indexOf(name, at + 1))
    if (!isWord(message[at - 1]) && !isWord(message[at + name.length])) return true;
  return false;
}
