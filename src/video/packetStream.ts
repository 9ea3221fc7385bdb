// A track's packets as they are to be decoded: by which configuration, from where on, and which hold no picture.
import { EncodedPacketSink, type EncodedPacket, type InputVideoTrack } from 'mediabunny';
import { entryOf, framingOf, pictureOf, type H264Picture, type NalFraming } from './h264';
import type { EntryPart } from './sampleEntries';

export interface PacketStream {
  /** At least one; more where the stream changes its parameters in mid-file. */
  readonly parts: readonly EntryPart[];
  /** The container has several sample entries, of which the library knows one. */
  readonly hasEntries: boolean;
  /** Null for other codecs than H.264. */
  readonly framing: NalFraming | null;
  /** What an H.264 stream says of its pictures, or null. */
  readonly picture: H264Picture | null;
  /** Packets before the first one at which decoding can begin. */
  readonly skipped: number;
  /** Decoding begins at a recovery point, at which browsers do not begin unasked. */
  readonly needsIdr: boolean;
  /** Has transparency, which the library's sink draws in with colours of the browser's choice. */
  readonly isTransparent: boolean;
  /** Times are those of decoding although pictures are reordered: the order of what comes out tells them. */
  readonly isUndated: boolean;
}

/** A recording that begins between key frames has one after seconds. */
const mostLookedInto = 1000;

/** Looks into the first packets, as far as the first that decoding can begin at. */
export async function readStream(
  track: InputVideoTrack,
  packets: readonly EncodedPacket[],
  entries: readonly EntryPart[] | null,
): Promise<PacketStream | null> {
  const whole = await track.getDecoderConfig();
  if (!whole) return null;
  const parts = entries ?? [{ fromPlace: 0, config: whole }];
  const { config } = parts[0]!;
  const firstKey = packets.findIndex(({ type }) => type === 'key');
  const plain = {
    parts,
    hasEntries: entries !== null,
    framing: null,
    picture: null,
    skipped: Math.max(0, firstKey),
    needsIdr: false,
    isUndated: false,
    isTransparent: await track.canBeTransparent(),
  };
  if (!config.codec.startsWith('avc')) return plain;
  const description = bytesOf(parts[0]!.config.description);
  const framing = framingOf(description);
  let picture = description === null ? null : pictureOf(description, 'avcC');
  let place = 0;
  let entry: ReturnType<typeof entryOf> = null;
  for await (const packet of new EncodedPacketSink(track).packets()) {
    picture ??= pictureOf(packet.data, framing);
    entry = entryOf(packet.data, framing);
    if (entry !== null || place >= mostLookedInto) break;
    // Where the container calls it a key frame it is one: some have neither IDR nor recovery point.
    if (packet.type === 'key' && framing !== 'startCodes') {
      entry = 'recovery';
      break;
    }
    place++;
  }
  const isUndated = picture?.mayReorder === true && packets.length > 1 && packets.every(isAfterTheLast);
  if (entry === null) return { ...plain, framing, picture, isUndated };
  return { ...plain, framing, picture, skipped: place, needsIdr: entry === 'recovery', isUndated };
}

function isAfterTheLast({ timestamp }: EncodedPacket, place: number, packets: readonly EncodedPacket[]): boolean {
  return place === 0 || timestamp > packets[place - 1]!.timestamp;
}

export function bytesOf(description: AllowSharedBufferSource | undefined): Uint8Array | null {
  if (description === undefined) return null;
  if (ArrayBuffer.isView(description))
    return new Uint8Array(description.buffer, description.byteOffset, description.byteLength);
  return new Uint8Array(description);
}
