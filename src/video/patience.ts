// Ends a wait that a broken file would make endless, or that the person has cancelled.
import { UserError } from '../errors';

/** A whole frame of 8K on a slow machine takes less. */
export const patienceSeconds = 2.5;

export function stalled(path: string): UserError {
  const message = `The file gave nothing for ${patienceSeconds} seconds, so reading it was stopped; it is probably damaged (${path})`;
  return new UserError('video-stalled', message, { path, seconds: patienceSeconds });
}

/**
 * `work`, or an error: `video-stalled` when it gives nothing for as long as patience lasts, the signal's reason when it is
 * aborted. `work` itself goes on; the caller disposes of what it uses.
 */
export async function withPatience<T>(work: Promise<T>, path: string, signal?: AbortSignal): Promise<T> {
  return await withSigns(() => work, path, signal);
}

/** The same of work that gives signs of life: each one starts the wait anew, for a long file takes long to look through. */
export async function withSigns<T>(
  begin: (sign: () => void) => Promise<T>,
  path: string,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort: (() => void) | undefined;
  let last = performance.now();
  const interrupted = new Promise<never>((_, reject) => {
    const wait = (milliseconds: number): void => {
      timer = setTimeout(() => {
        const left = last + patienceSeconds * 1000 - performance.now();
        if (left <= 0) reject(stalled(path));
        else wait(left);
      }, milliseconds);
    };
    wait(patienceSeconds * 1000);
    abort = () => reject(signal?.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([begin(() => (last = performance.now())), interrupted]);
  } finally {
    clearTimeout(timer);
    if (abort) signal?.removeEventListener('abort', abort);
  }
}
