// Decodes a track packet by packet: streams that the library's sink does not know how to, and what is left of damaged ones.
import { EncodedPacketSink, type EncodedPacket, type InputVideoTrack } from 'mediabunny';
import { decodeGroup, type GroupChunk } from './decodeGroup';
import type { FrameIndex } from './frameIndex';
import { entryOf } from './h264';
import { bytesOf, type PacketStream } from './packetStream';
import { RecoveryFilter } from './recovery';
import { paddedVp9 } from './vp9Padding';

/** A frame and its time on the demuxer's clock. */
export interface PacketFrame {
  readonly seconds: number;
  readonly frame: VideoFrame;
  /** Made with pictures that a mistake in the data spoilt: it may look wrong. */
  readonly isDoubtful: boolean;
}

/** What is decoded: an opened video, or one that is being opened. */
export interface PacketSource {
  readonly track: InputVideoTrack;
  readonly index: FrameIndex;
  /** Path and codec, for sentences. */
  readonly facts: { readonly path: string; readonly codec: string };
}

/** A stream with so many mistakes gives nothing more. */
const mostMistakes = 32;
/** So many packets may be decoded again: behind a key frame far back each mistake costs as many as lie between. */
const mostAgain = 20_000;

/** Whether the library's sink would give nothing, or other frames than the file means. */
export function needsOwnDecoding({ stream, packetTimes, empty }: FrameIndex): boolean {
  const { hasEntries, needsIdr, skipped, isUndated, isTransparent } = stream;
  if (hasEntries || needsIdr || skipped > 0 || isUndated || isTransparent || empty > 0) return true;
  return hasEqual(packetTimes);
}

function hasEqual(times: Float64Array): boolean {
  const sorted = times.slice().sort();
  return sorted.some((time, i) => i > 0 && time === sorted[i - 1]);
}

/**
 * Frames from `fromSeconds` on, or a little before. Where the decoder fails it goes on at the next packet that it can
 * begin at, or where pictures are not reordered at the same one: VP9 padded, and without it where that is not enough. The
 * caller closes each frame.
 */
export async function* decodePackets(
  { index, track, facts }: PacketSource,
  fromSeconds: number,
  signal?: AbortSignal,
): AsyncGenerator<PacketFrame, void> {
  const { entries, packetTimes, stream } = index;
  const sink = new EncodedPacketSink(track);
  const isInOrder = stream.framing === null && !facts.codec.startsWith('HEVC');
  const mistakes: Mistakes = { bad: new Set(), padded: new Set(), mayPad: facts.codec.startsWith('VP9') };
  const { bad, padded, mayPad } = mistakes;
  let again = 0;
  let begin = entryBefore(index, fromSeconds);
  try {
    while (begin !== undefined) {
      const start = await packetAt(sink, packetTimes, begin);
      if (!start) return;
      const timing = new Timing(index, begin);
      let next = begin;
      const outcome = { failed: false };
      const onFailure = () => (outcome.failed = true);
      for await (const frame of decodeGroup(
        chunksOf(sink, start, begin, stream, mistakes),
        facts.path,
        onFailure,
        signal,
      )) {
        const place = frame.timestamp;
        next = Math.max(next, place + 1);
        yield { seconds: timing.secondsOf(place), frame, isDoubtful: isBehind(mistakes, entries, place) };
      }
      if (!outcome.failed) return;
      const after: number = next;
      again += after - begin;
      if (isInOrder && bad.size < mostMistakes && again < mostAgain) {
        while (bad.has(next)) next++;
        if (mayPad && !padded.has(next)) padded.add(next);
        else bad.add(next);
        // The frames that came already come again, and are not wanted.
        begin = entries.findLast((place) => place <= next && !bad.has(place));
      } else begin = entries.find((place) => place > Math.max(after, begin!));
    }
  } catch {
    // Packets that cannot even be read end it; the caller counts what came.
    signal?.throwIfAborted();
  }
}

/** Places of packets that a decoder failed at. */
interface Mistakes {
  /** They are left out. */
  readonly bad: Set<number>;
  /** They and what follows them are padded first. */
  readonly padded: Set<number>;
  readonly mayPad: boolean;
}

/** Whether a packet failed at or before a place, with nothing to begin at anew between. */
function isBehind({ bad, padded }: Mistakes, entries: Uint32Array, place: number): boolean {
  if (bad.size + padded.size === 0) return false;
  const entry = entries.findLast((one) => one <= place) ?? 0;
  return [...bad, ...padded].some((mistake) => mistake >= entry && mistake <= place);
}

/** When a frame is shown, by the place of its packet; by the order in which frames come where times are those of decoding. */
class Timing {
  readonly #times: Float64Array;
  readonly #ordered: Float64Array | null;
  #shown = 0;

  constructor({ packetTimes, stream }: FrameIndex, begin: number) {
    this.#times = packetTimes;
    this.#ordered = stream.isUndated ? packetTimes.slice(begin).sort() : null;
  }

  secondsOf(place: number): number {
    return this.#ordered?.[this.#shown++] ?? this.#times[place]!;
  }
}

/** The last packet to begin at whose frame is not shown after a time. */
function entryBefore({ entries, packetTimes }: FrameIndex, seconds: number): number | undefined {
  return entries.findLast((place) => packetTimes[place]! <= seconds) ?? entries[0];
}

async function packetAt(sink: EncodedPacketSink, times: Float64Array, place: number): Promise<EncodedPacket | null> {
  if (place === 0) return await sink.getFirstPacket();
  const time = times[place]!;
  const isAlone = times.indexOf(time) === times.lastIndexOf(time);
  const found = isAlone ? await sink.getPacket(time) : null;
  if (found?.timestamp === time) return found;
  let at = 0;
  for await (const packet of sink.packets()) if (at++ === place) return packet;
  return null;
}

/** Packets as the decoder takes them; their timestamps are their places, so that what comes out is known by them. */
async function* chunksOf(
  sink: EncodedPacketSink,
  start: EncodedPacket,
  begin: number,
  stream: PacketStream,
  { bad, padded }: Mistakes,
): AsyncGenerator<GroupChunk, void> {
  const { parts, framing, picture } = stream;
  let place = begin - 1;
  let isFirst = true;
  let isPadded = false;
  let filter: RecoveryFilter | null = null;
  for await (const { data, type } of sink.packets(start)) {
    place++;
    if (data.length === 0 || bad.has(place)) continue;
    const { config, fromPlace } = parts.findLast((part) => part.fromPlace <= place) ?? parts[0]!;
    const begins = isFirst || (fromPlace === place && parts.length > 1);
    if (begins) {
      const isBare = framing !== null && picture !== null && entryOf(data, framing) !== 'idr';
      filter = isBare ? new RecoveryFilter(framing, picture, bytesOf(config.description)) : null;
    }
    isPadded ||= padded.has(place);
    const bytes = filter ? filter.apply(data) : isPadded ? paddedVp9(data) : data;
    yield { config, chunk: new EncodedVideoChunk({ type: begins ? 'key' : type, timestamp: place, data: bytes }) };
    isFirst = false;
  }
}
