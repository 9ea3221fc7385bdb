// What a decode worker does: keeps opened videos, and gives their frames away in small handfuls when asked.
import { Bug } from '../errors';
import { decodeFrames, type DecodedFrame } from './decodeFrames';
import { VideoFile, type VideoFacts } from './videoFile';
import type { VideoNotice } from './videoNotices';

export interface OpenedVideo {
  readonly id: number;
  readonly facts: VideoFacts;
}

/** Some of a stream's frames; whoever receives them closes them. */
export interface FrameHandful {
  readonly frames: readonly DecodedFrame[];
  readonly done: boolean;
  /** Only where the stream is done: what could not be decoded. */
  readonly problem: VideoNotice | null;
}

/** The worker's API. Nothing runs ahead of `read` but the decoder's own queue: that is the back-pressure. */
export interface DecodeApi {
  open(file: Blob, path: string): Promise<OpenedVideo>;
  /** Begins to decode all frames, or those numbered in ascending order; answers the stream's number. */
  decode(video: number, wanted: readonly number[] | null): Promise<number>;
  /** Up to `count` frames, at least one unless the stream is done. */
  read(stream: number, count: number): Promise<FrameHandful>;
  /** Stops a stream and closes its frames; a read under way ends with the signal's AbortError. */
  cancel(stream: number): Promise<void>;
  close(video: number): Promise<void>;
}

interface Stream {
  readonly video: number;
  readonly frames: AsyncGenerator<DecodedFrame, void>;
  readonly abort: AbortController;
  problem: VideoNotice | null;
}

export class DecodeService implements DecodeApi {
  readonly #videos = new Map<number, VideoFile>();
  readonly #streams = new Map<number, Stream>();
  #made = 0;

  async open(file: Blob, path: string): Promise<OpenedVideo> {
    const video = await VideoFile.open(file, path);
    const id = ++this.#made;
    this.#videos.set(id, video);
    return { id, facts: video.facts };
  }

  decode(video: number, wanted: readonly number[] | null): Promise<number> {
    const file = this.#videos.get(video);
    if (!file) throw new Bug(`video ${video} is not open`);
    const abort = new AbortController();
    const stream: Stream = {
      video,
      abort,
      problem: null,
      frames: decodeFrames(file, {
        ...(wanted === null ? {} : { wanted }),
        signal: abort.signal,
        onProblem: ({ code, message, detail }) => (stream.problem = { code, message, detail }),
      }),
    };
    const id = ++this.#made;
    this.#streams.set(id, stream);
    return Promise.resolve(id);
  }

  async read(id: number, count: number): Promise<FrameHandful> {
    const stream = this.#streams.get(id);
    if (!stream) throw new DOMException('The stream was cancelled.', 'AbortError');
    const frames: DecodedFrame[] = [];
    try {
      while (frames.length < count) {
        const next = await stream.frames.next();
        if (next.done === true) {
          this.#streams.delete(id);
          return { frames, done: true, problem: stream.problem };
        }
        frames.push(next.value);
      }
      stream.abort.signal.throwIfAborted();
      return { frames, done: false, problem: null };
    } catch (error) {
      for (const { frame } of frames) frame.close();
      this.#streams.delete(id);
      throw error;
    }
  }

  async cancel(id: number): Promise<void> {
    const stream = this.#streams.get(id);
    if (!stream) return;
    this.#streams.delete(id);
    stream.abort.abort();
    await stream.frames.return();
  }

  async close(video: number): Promise<void> {
    for (const [id, stream] of [...this.#streams]) if (stream.video === video) await this.cancel(id);
    this.#videos.get(video)?.[Symbol.dispose]();
    this.#videos.delete(video);
  }
}
