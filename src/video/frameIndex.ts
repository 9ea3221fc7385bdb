// Which frames a track has: exact presentation times, and what it costs to decode some of them.
import { EncodedPacketSink, type EncodedPacket, type InputVideoTrack } from 'mediabunny';
import type { Mp4Edits } from './mp4Edits';

/** Frames before this are decoded and not shown; containers round. */
const beforeStart = -1e-6;

export interface FrameIndex {
  /** Presentation times of the frames that are shown, in seconds, ascending. */
  readonly times: Float64Array;
  /** Place of each of these frames in decode order. */
  readonly places: Uint32Array;
  /** Place of the key frame from which each of them is decoded. */
  readonly keys: Uint32Array;
  /** What must be added to the demuxer's times. */
  readonly shiftSeconds: number;
  /** Frames that the file lists and does not hold: it was cut off. */
  readonly lost: number;
}

/** Reads the headers of all packets. Throws what the demuxer throws. */
export async function indexFrames(track: InputVideoTrack, { endSeconds, shiftSeconds }: Mp4Edits): Promise<FrameIndex> {
  const sink = new EncodedPacketSink(track);
  const packets: EncodedPacket[] = [];
  for await (const packet of sink.packets(undefined, undefined, { metadataOnly: true })) packets.push(packet);
  const held = await countHeld(sink, packets);
  const shown: { seconds: number; place: number; key: number }[] = [];
  let key = 0;
  for (let place = 0; place < held; place++) {
    const packet = packets[place]!;
    if (packet.type === 'key') key = place;
    const seconds = packet.timestamp + shiftSeconds;
    if (seconds >= beforeStart && seconds < endSeconds) shown.push({ seconds, place, key });
  }
  shown.sort((a, b) => a.seconds - b.seconds);
  return {
    times: Float64Array.from(shown, ({ seconds }) => seconds),
    places: Uint32Array.from(shown, ({ place }) => place),
    keys: Uint32Array.from(shown, (frame) => frame.key),
    shiftSeconds,
    lost: packets.length - held,
  };
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

/** Index of the frame that is shown at `seconds`, or -1 where none begins within half a millisecond of it. */
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
