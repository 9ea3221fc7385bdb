// Several decoders side by side, one worker each: a batch from many files is decoded in as many of them as there are.
import { UserError } from '../errors';
import type { DecodedFrame, DecodeOptions } from './decodeFrames';
import type { DecodeApi, FrameHandful } from './decodeService';
import type { VideoFacts } from './videoFile';

/** Frames that cross at a time: enough to hide the way, few enough to hold. */
const handful = 4;

export interface DecodeWorker {
  readonly api: DecodeApi;
  /** Ends the worker with all that it holds. */
  terminate(): void;
}

/** An opened video in one of the workers. */
export interface PooledVideo {
  readonly facts: VideoFacts;
  /** As decodeFrames. Other streams may run at the same time. */
  frames(options?: DecodeOptions): AsyncGenerator<DecodedFrame, void>;
  close(): Promise<void>;
}

export class DecodePool implements Disposable {
  readonly #start: () => DecodeWorker;
  readonly #size: number;
  readonly #workers: { readonly worker: DecodeWorker; videos: number }[] = [];

  /** Workers start when they are first needed. */
  constructor(start: () => DecodeWorker, size = decodersFor(navigator.hardwareConcurrency)) {
    this.#start = start;
    this.#size = size;
  }

  /** How many videos can be decoded at once. */
  get size(): number {
    return this.#size;
  }

  /** Opens a file in the worker that has the fewest. Throws as VideoFile.open. */
  async open(file: Blob, path: string): Promise<PooledVideo> {
    const place = this.#leastBusy();
    const { api } = place.worker;
    place.videos++;
    const release = () => place.videos--;
    try {
      const { id, facts } = await api.open(file, path);
      return {
        facts,
        frames: (options = {}) => remoteFrames(api, id, options),
        close: async () => {
          release();
          await api.close(id);
        },
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  #leastBusy() {
    const idle = this.#workers.find(({ videos }) => videos === 0);
    if (idle) return idle;
    if (this.#workers.length < this.#size) {
      const started = { worker: this.#start(), videos: 0 };
      this.#workers.push(started);
      return started;
    }
    return this.#workers.reduce((least, place) => (place.videos < least.videos ? place : least));
  }

  [Symbol.dispose](): void {
    for (const { worker } of this.#workers) worker.terminate();
    this.#workers.length = 0;
  }
}

/** Decoders use threads of their own, and training wants a core. */
export function decodersFor(cores: number): number {
  return Math.min(4, Math.max(1, Math.floor(cores / 2)));
}

/** Frames of a worker's video; while the caller works with some, the next are fetched. All that is left is closed. */
async function* remoteFrames(
  api: DecodeApi,
  video: number,
  { wanted, signal, onProblem }: DecodeOptions,
): AsyncGenerator<DecodedFrame, void> {
  signal?.throwIfAborted();
  const stream = await api.decode(video, wanted ?? null);
  const stop = () => void api.cancel(stream).catch(() => undefined);
  signal?.addEventListener('abort', stop, { once: true });
  const fetch = () => {
    const read = api.read(stream, handful);
    // Whoever awaits it hears of a refusal; where the caller leaves before that, nobody need.
    read.catch(() => undefined);
    return read;
  };
  let fetched: Promise<FrameHandful> | null = fetch();
  let waiting: DecodedFrame[] = [];
  try {
    while (fetched) {
      const { frames, done, problem }: FrameHandful = await fetched;
      waiting = [...frames];
      fetched = done ? null : fetch();
      while (waiting.length > 0) {
        signal?.throwIfAborted();
        yield waiting.shift()!;
      }
      if (problem) onProblem?.(new UserError(problem.code, problem.message, problem.detail));
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    for (const { frame } of waiting) frame.close();
    await api.cancel(stream);
    // What was on its way when the caller left arrives, or is refused.
    await fetched?.then(({ frames }) => frames.forEach(({ frame }) => frame.close())).catch(() => undefined);
  }
}
