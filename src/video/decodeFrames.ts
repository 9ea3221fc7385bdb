// Frames of an opened video in order of presentation: all of them or chosen ones, few alive at a time, each closed.
import { VideoSampleSink, type VideoSample } from 'mediabunny';
import { Bug, UserError } from '../errors';
import { nothingDecoded } from './conversion';
import { decodePackets, needsOwnDecoding } from './decodePackets';
import { frameNumber, seekingPays, type FrameIndex } from './frameIndex';
import { withPatience } from './patience';
import type { VideoFile } from './videoFile';

/** Whoever takes it closes `frame`. */
export interface DecodedFrame {
  /** Number of the frame in the video's `times`. */
  readonly index: number;
  /** Presentation time, exactly as the container says it. */
  readonly seconds: number;
  readonly frame: VideoFrame;
}

export interface DecodeOptions {
  /** Frame numbers in ascending order without repeats; all frames where it is left out. */
  readonly wanted?: readonly number[];
  readonly signal?: AbortSignal;
  /** Hears that some frames could not be decoded; the others come all the same. */
  readonly onProblem?: (problem: UserError) => void;
}

/**
 * Decodes with a few dozen frames in flight at most. Leaving the loop early, an error and the signal close all of them.
 * @throws UserError `video-undecodable` or `video-stalled` when not one frame came out; the signal's reason.
 */
export async function* decodeFrames(video: VideoFile, options: DecodeOptions = {}): AsyncGenerator<DecodedFrame, void> {
  const { facts, index } = video;
  const { signal } = options;
  const wanted = options.wanted ?? Array.from(index.times, (_, i) => i);
  if (wanted.some((frame, i) => frame <= (wanted[i - 1] ?? -1) || frame >= index.times.length))
    throw new Bug('wanted frames are numbers of the video in ascending order');
  if (wanted.length === 0) return;
  const outcome: Outcome = { taken: 0, doubtful: 0, failure: undefined };
  for (const run of runsOf(wanted, index)) yield* decodeRun(video, run, outcome, signal);
  const { taken, doubtful, failure } = outcome;
  if (taken === 0) throw failure instanceof UserError ? failure : nothingDecoded(facts.path, facts.codec, failure);
  const lost = wanted.length - taken;
  if (lost + doubtful > 0) options.onProblem?.(partly(facts.path, { frames: wanted.length, lost, doubtful }, failure));
}

interface Outcome {
  taken: number;
  doubtful: number;
  failure: unknown;
}

/** Frames in parts that are decoded forwards: an edit list may go back, or show a part twice. */
function* runsOf(wanted: readonly number[], { mediaTimes }: FrameIndex): Generator<readonly number[]> {
  let start = 0;
  for (let i = 1; i <= wanted.length; i++) {
    if (i < wanted.length && mediaTimes[wanted[i]!]! > mediaTimes[wanted[i - 1]!]!) continue;
    yield wanted.slice(start, i);
    start = i;
  }
}

async function* decodeRun(
  video: VideoFile,
  wanted: readonly number[],
  outcome: Outcome,
  signal: AbortSignal | undefined,
): AsyncGenerator<DecodedFrame, void> {
  const keep = new Wanted(video.index, wanted);
  const take = (mediaSeconds: number) => {
    const place = keep.take(mediaSeconds);
    if (place !== null) outcome.taken++;
    return place;
  };
  try {
    if (!needsOwnDecoding(video.index))
      for await (const sample of samples(video, wanted, signal)) {
        using held = sample;
        const place = take(held.timestamp);
        if (place !== null) yield { ...place, frame: held.toVideoFrame() };
        if (keep.isDone()) return;
      }
  } catch (error) {
    signal?.throwIfAborted();
    outcome.failure ??= error;
  }
  if (keep.isDone()) return;
  // The library drops what it holds when the decoder fails: take up again behind the last frame that came out.
  for await (const { seconds, frame, isDoubtful } of decodePackets(video, keep.nextSeconds, signal)) {
    const place = take(seconds);
    if (place !== null && isDoubtful) outcome.doubtful++;
    if (place === null) frame.close();
    else yield { ...place, frame };
    if (keep.isDone()) break;
  }
}

/** Which of the wanted frames have come. */
class Wanted {
  readonly #wanted: readonly number[];
  readonly #times: Float64Array;
  readonly #mediaTimes: Float64Array;
  #next = 0;

  constructor({ times, mediaTimes }: FrameIndex, wanted: readonly number[]) {
    this.#wanted = wanted;
    this.#times = times;
    this.#mediaTimes = Float64Array.from(wanted, (frame) => mediaTimes[frame]!);
  }

  isDone(): boolean {
    return this.#next >= this.#wanted.length;
  }

  /** Time of the first frame still to come, on the demuxer's clock. */
  get nextSeconds(): number {
    return this.#mediaTimes[this.#next]!;
  }

  /** The frame at this time of the demuxer's clock, where it is wanted and has not come before. */
  take(mediaSeconds: number): Pick<DecodedFrame, 'index' | 'seconds'> | null {
    const place = frameNumber(this.#mediaTimes, mediaSeconds);
    if (place < this.#next) return null;
    this.#next = place + 1;
    const index = this.#wanted[place]!;
    return { index, seconds: this.#times[index]! };
  }
}

function partly(
  path: string,
  counts: { readonly frames: number; readonly lost: number; readonly doubtful: number },
  cause: unknown,
): UserError {
  const { frames, lost, doubtful } = counts;
  const looks = `${doubtful} of ${frames} frames come after a mistake in the video's data and may look wrong`;
  const message =
    lost === 0
      ? `${looks}; they are used all the same (${path})`
      : `${lost} of ${frames} frames could not be decoded; the others are used${doubtful > 0 ? `, of which ${doubtful} come after a mistake in the video's data and may look wrong` : ''} (${path})`;
  return new UserError('video-partly', message, { path, ...counts }, { cause });
}

/** What the library decodes, by jumping or by running through, whichever is cheaper. The caller closes each sample. */
async function* samples(
  video: VideoFile,
  wanted: readonly number[],
  signal: AbortSignal | undefined,
): AsyncGenerator<VideoSample, void> {
  const { index, track, facts } = video;
  const sink = new VideoSampleSink(track);
  const seconds = (frame: number) => index.mediaTimes[frame]!;
  const source = seekingPays(index, wanted)
    ? sink.samplesAtTimestamps(wanted.map(seconds))
    : sink.samples(seconds(wanted[0]!));
  try {
    for (;;) {
      const result = await withPatience(source.next(), facts.path, signal);
      if (result.done === true) return;
      if (result.value !== null) yield result.value;
    }
  } finally {
    await source.return();
  }
}
