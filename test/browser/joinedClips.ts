// Joins clips into one MP4 with a sample entry for each, plain or in fragments, as MP4Box and recorders do it.
import { ALL_FORMATS, BlobSource, EncodedPacketSink, Input } from 'mediabunny';
import { child, path, trackBox } from '../../src/video/mp4Boxes';

export type JoinedAs = 'plain' | 'fragments' | 'in the stream';

interface Part {
  readonly entry: number[];
  readonly samples: readonly { readonly data: Uint8Array; readonly isKey: boolean }[];
}

const ticks = 40;
const word = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
const zeros = (count: number): number[] => Array<number>(count).fill(0);
const matrix = [word(0x10000), zeros(12), word(0x10000), zeros(12), word(0x40000000)].flat();

function box(name: string, ...content: readonly number[][]): number[] {
  const size = content.reduce((sum, part) => sum + part.length, 8);
  return [word(size), Array.from(name, (letter) => letter.charCodeAt(0)), ...content].flat();
}

/** Frames of all clips one after the other, 25 a second; `in the stream` is one avc3 entry with parameters in packets. */
export async function joinClips(clips: readonly Blob[], as: JoinedAs): Promise<Blob> {
  const parts = await Promise.all(clips.map((clip) => partOf(clip, as === 'in the stream')));
  const samples = parts.flatMap((part) => part.samples);
  const entries = as === 'in the stream' ? parts.slice(0, 1) : parts;
  const table = (offset: number): number[] =>
    box(
      'stbl',
      box('stsd', zeros(4), word(entries.length), ...entries.map(({ entry }) => entry)),
      ...(as === 'fragments' ? emptyTables() : fullTables(parts, entries.length, offset)),
    );
  const movie = (offset: number): number[] => {
    const duration = as === 'fragments' ? 0 : samples.length * ticks;
    const media = box(
      'mdia',
      box('mdhd', zeros(12), word(1000), word(duration), zeros(4)),
      box('hdlr', zeros(8), word(0x76696465), zeros(13)),
      box('minf', box('vmhd', word(1), zeros(8)), dataPlace(), table(offset)),
    );
    const header = box('tkhd', word(3), zeros(8), word(1), zeros(4), word(duration), zeros(16), matrix, zeros(8));
    return box(
      'moov',
      box(
        'mvhd',
        zeros(12),
        word(1000),
        word(duration),
        word(0x10000),
        word(0x01000000),
        zeros(8),
        matrix,
        zeros(24),
        word(2),
      ),
      box('trak', header, media),
      ...(as === 'fragments' ? [box('mvex', box('trex', zeros(4), word(1), word(1), zeros(12)))] : []),
    );
  };
  const start = box('ftyp', word(0x69736f6d), word(0), word(0x69736f6d));
  if (as === 'fragments') return new Blob([bytes(start), bytes(movie(0)), ...fragments(parts)]);
  const offset = start.length + movie(0).length + 8;
  const size = samples.reduce((sum, { data }) => sum + data.length, 8);
  return new Blob([
    bytes(start),
    bytes(movie(offset)),
    bytes([word(size), word(0x6d646174)].flat()),
    ...samples.map(({ data }) => Uint8Array.from(data)),
  ]);
}

function bytes(values: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values);
}

function dataPlace(): number[] {
  return box('dinf', box('dref', zeros(4), word(1), box('url ', word(1))));
}

function emptyTables(): number[][] {
  return ['stts', 'stsc', 'stco'].map((name) => box(name, zeros(8))).concat([box('stsz', zeros(12))]);
}

/** A chunk for each part. */
function fullTables(parts: readonly Part[], entries: number, offset: number): number[][] {
  const samples = parts.flatMap((part) => part.samples);
  const keys = samples.flatMap(({ isKey }, i) => (isKey ? [i + 1] : []));
  let at = offset;
  const offsets = parts.map((part) => {
    const own = at;
    for (const { data } of part.samples) at += data.length;
    return own;
  });
  const runs = parts.map((part, i) => [i + 1, part.samples.length, Math.min(i + 1, entries)].flatMap(word));
  return [
    box('stts', zeros(4), word(1), word(samples.length), word(ticks)),
    box('stss', zeros(4), word(keys.length), ...keys.map(word)),
    box('stsc', zeros(4), word(parts.length), ...runs),
    box('stsz', zeros(8), word(samples.length), ...samples.map(({ data }) => word(data.length))),
    box('stco', zeros(4), word(parts.length), ...offsets.map(word)),
  ];
}

function fragments(parts: readonly Part[]): Uint8Array<ArrayBuffer>[] {
  let before = 0;
  return parts.flatMap(({ samples }, i) => {
    const listed = samples.map(({ data, isKey }) => [word(ticks), word(data.length), word(isKey ? 0 : 0x10000)].flat());
    const fragment = (offset: number): number[] =>
      box(
        'moof',
        box('mfhd', zeros(4), word(i + 1)),
        box(
          'traf',
          box('tfhd', word(0x020002), word(1), word(i + 1)),
          box('tfdt', zeros(4), word(before * ticks)),
          box('trun', word(0x701), word(samples.length), word(offset), ...listed),
        ),
      );
    const head = fragment(fragment(0).length + 8);
    before += samples.length;
    const size = samples.reduce((sum, { data }) => sum + data.length, 8);
    return [
      bytes(head),
      bytes([word(size), word(0x6d646174)].flat()),
      ...samples.map(({ data }) => Uint8Array.from(data)),
    ];
  });
}

async function partOf(clip: Blob, inStream: boolean): Promise<Part> {
  using input = new Input({ formats: ALL_FORMATS, source: new BlobSource(clip) });
  const track = (await input.getPrimaryVideoTrack())!;
  const file = new DataView(await clip.arrayBuffer());
  const movie = child(file, 0, file.byteLength, 'moov')!;
  const inside = new DataView(file.buffer, movie.start, movie.end - movie.start);
  const list = path(inside, trackBox(inside, track.id)!, 'mdia', 'minf', 'stbl', 'stsd')!;
  const size = inside.getUint32(list.start + 8);
  const entry = [...new Uint8Array(inside.buffer, inside.byteOffset + list.start + 8, size)];
  const sets = inStream ? parameterSets(inside, list.start + 8, size) : [];
  if (inStream) entry[7] = '3'.charCodeAt(0);
  const samples: Part['samples'][number][] = [];
  for await (const { data, type } of new EncodedPacketSink(track).packets())
    samples.push({ data: type === 'key' ? bytes([...sets, ...data]) : data, isKey: type === 'key' });
  return { entry, samples };
}

/** SPS and PPS of an avcC record, each behind its length in four bytes. */
function parameterSets(movie: DataView, start: number, size: number): number[] {
  const record = child(movie, start + 8 + 78, start + size, 'avcC')!;
  const all = new Uint8Array(movie.buffer, movie.byteOffset + record.start, record.end - record.start);
  const sets: number[] = [];
  let at = 5;
  for (const mask of [31, 255])
    for (let count = all[at++]! & mask; count > 0; count--) {
      const length = all[at]! * 256 + all[at + 1]!;
      sets.push(...word(length), ...all.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  return sets;
}
