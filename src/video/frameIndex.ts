// Which frames a track has: exact presentation times, and what it costs to decode some of them.
import { EncodedPacketSink, type EncodedPacket, type InputVideoTrack } from 'mediabunny';
import { UnreadableEdits, type Mp4Edits } from './mp4Edits';
import { readStream, type PacketStream } from './packetStream';
import type { EntryPart } from './sampleEntries';

/** No film shows all of itself more often. */
const mostRepeats = 8;
/** Frames that begin so much before an edit belong to it; containers round. */
const roundingSeconds = 1e-6;

export interface FrameIndex {
  /** Presentation times of the frames that are shown, in seconds, ascending. */
  readonly times: Float64Array;
  /** Their times on the demuxer's clock. Where an edit list goes back they fall. */
  readonly mediaTimes: Float64Array;
  /** Place of each of these frames in decode order. */
  readonly places: Uint32Array;
  /** Place of the key frame from which each of them is decoded. */
  readonly keys: Uint32Array;
  /** How long the last frame that is shown lasts in the file, in seconds; 0 where the file does not say. */
  readonly lastSeconds: number;
  /** Frames that the file lists and does not hold: it was cut off. */
  readonly lost: number;
  /** Packets that hold nothing at all. */
  readonly empty: number;
  /** Times of all packets on the demuxer's clock, in decode order. */
  readonly packetTimes: Float64Array;
  /** Places of packets that decoding can begin at. */
  readonly entries: Uint32Array;
  /** How the packets are decoded. */
  readonly stream: PacketStream;
}

interface Shown {
  readonly seconds: number;
  readonly media: number;
  readonly place: number;
  readonly key: number;
  readonly duration: number;
}

/**
 * Reads the headers of all packets, and looks into the first. Throws what the demuxer throws, unless packets came before.
 * @param parts where an MP4 changes its parameters in mid-file.
 * @param sign is called with each packet.
 * @throws UnreadableEdits where the edits repeat the track over and over.
 */
export async function indexFrames(
  track: InputVideoTrack,
  edits: Mp4Edits,
  parts: readonly EntryPart[] | null,
  sign: () => void,
): Promise<FrameIndex | null> {
  const sink = new EncodedPacketSink(track);
  const { packets, isCut } = await readPackets(sink, sign);
  const held = await countHeld(sink, packets);
  const there = packets.slice(0, held);
  const stream = await readStream(track, there, parts);
  if (!stream) return null;
  const shown = showFrames(there, edits, stream);
  return {
    times: Float64Array.from(shown, ({ seconds }) => seconds),
    mediaTimes: Float64Array.from(shown, ({ media }) => media),
    places: Uint32Array.from(shown, ({ place }) => place),
    keys: Uint32Array.from(shown, ({ key }) => key),
    lastSeconds: shown.at(-1)?.duration ?? 0,
    lost: packets.length - held + (isCut ? 1 : 0),
    empty: there.filter(isEmpty).length,
    packetTimes: Float64Array.from(there, ({ timestamp }) => timestamp),
    entries: Uint32Array.from(there.flatMap(({ type }, place) => (isEntry(type, place, stream) ? [place] : []))),
    stream,
  };
}

/** A file that ends in the middle of a packet is read up to it. */
async function readPackets(
  sink: EncodedPacketSink,
  sign: () => void,
): Promise<{ packets: EncodedPacket[]; isCut: boolean }> {
  const packets: EncodedPacket[] = [];
  try {
    for await (const packet of sink.packets(undefined, undefined, { metadataOnly: true })) {
      packets.push(packet);
      sign();
    }
  } catch (error) {
    if (packets.length === 0) throw error;
    return { packets, isCut: true };
  }
  return { packets, isCut: false };
}

function isEmpty({ byteLength }: EncodedPacket): boolean {
  return byteLength === 0;
}

function isEntry(type: EncodedPacket['type'], place: number, { skipped }: PacketStream): boolean {
  return place === skipped || (place > skipped && type === 'key');
}

/** The frames of each edit, in order of presentation. */
function showFrames(packets: readonly EncodedPacket[], edits: Mp4Edits, stream: PacketStream): Shown[] {
  let key = stream.skipped;
  const frames = packets.flatMap((packet, place) => {
    const { type, timestamp, duration } = packet;
    if (isEntry(type, place, stream)) key = place;
    return place < stream.skipped || isEmpty(packet) ? [] : [{ media: timestamp, place, key, duration }];
  });
  frames.sort((a, b) => a.media - b.media);
  const shown: Shown[] = [];
  for (const { fromSeconds, toSeconds, shiftSeconds } of edits) {
    for (let i = firstFrom(frames, fromSeconds - roundingSeconds); i < frames.length; i++) {
      const frame = frames[i]!;
      if (frame.media >= toSeconds - roundingSeconds) break;
      shown.push({ ...frame, seconds: frame.media + shiftSeconds });
    }
    if (shown.length > mostRepeats * frames.length) throw new UnreadableEdits('repeats');
  }
  return shown;
}

function firstFrom(frames: readonly { readonly media: number }[], seconds: number): number {
  let low = 0;
  let high = frames.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frames[middle]!.media < seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Packets whose bytes are in the file. What is missing is missing at the end, so halving finds the place. */
async function countHeld(sink: EncodedPacketSink, packets: readonly EncodedPacket[]): Promise<number> {
  let low = 0;
  let high = packets.length;
  while (low < high) {
    // The last one first: nearly all files are whole.
    const middle = high === packets.length && low === 0 ? high - 1 : (low + high) >> 1;
    if (await isHeld(sink, packets[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function isHeld(sink: EncodedPacketSink, { timestamp }: EncodedPacket): Promise<boolean> {
  try {
    return (await sink.getPacket(timestamp)) !== null;
  } catch {
    return false;
  }
}

/** Index of the frame that begins at `seconds`, or -1 where none begins within half a millisecond of it. */
export function frameNumber(times: Float64Array, seconds: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < seconds - 0.0005) low = middle + 1;
    else high = middle;
  }
  return low < times.length && times[low]! <= seconds + 0.0005 ? low : -1;
}

/**
 * Whether jumping from key frame to key frame decodes clearly less than running through, for ascending `wanted` frames.
 * A jump empties the decoder's pipeline, which costs about as much as four frames.
 */
export function seekingPays({ places, keys }: FrameIndex, wanted: readonly number[]): boolean {
  const jumpCost = 4;
  let cost = 0;
  let key = -1;
  let upTo = 0;
  for (const frame of wanted) {
    const place = places[frame]!;
    if (keys[frame] !== key) {
      key = keys[frame]!;
      cost += place - key + 1 + jumpCost;
      upTo = place;
    } else if (place > upTo) {
      cost += place - upTo;
      upTo = place;
    }
  }
  const first = keys[wanted[0]!]!;
  const last = Math.max(...wanted.slice(-16).map((frame) => places[frame]!));
  return cost < 0.8 * (last - first + 1);
}
