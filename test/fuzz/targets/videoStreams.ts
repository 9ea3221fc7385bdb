// What containers and streams of videos say of themselves. Bytes that say nothing are not refused by the readers, which
// leave that to the demuxer; so that damage shows as refused, it is thrown here.
import { UserError } from '../../../src/errors';
import { entryOf, nalUnits, pictureOf } from '../../../src/video/h264';
import { matroskaVideo } from '../../../src/video/matroskaTracks';
import { programStreams } from '../../../src/video/transportStreams';
import { RecoveryFilter } from '../../../src/video/recovery';
import { entriesOf } from '../../../src/video/sampleEntries';
import { paddedVp9 } from '../../../src/video/vp9Padding';
import type { FuzzTarget } from '../harness';

const element = (id: readonly number[], ...content: readonly number[][]): number[] => {
  const body = content.flat();
  return [...id, 0x40 | (body.length >> 8), body.length & 255, ...body];
};
const encoding = element([0x62, 0x40], element([0x50, 0x34], element([0x42, 0x54], [0])));
const track = element(
  [0xae],
  element([0xd7], [1]),
  element([0x83], [1]),
  element([0x86], [86]),
  element([0x6d, 0x80], encoding),
);
const matroska = [
  ...element([0x1a, 0x45, 0xdf, 0xa3], [1]),
  ...element([0x18, 0x53, 0x80, 0x67], element([0x16, 0x54, 0xae, 0x6b], track)),
];
const packet = (pid: number, payload: readonly number[]) => [
  0x47,
  0x40 | (pid >> 8),
  pid & 255,
  0x10,
  0,
  ...payload,
  ...Array<number>(183 - payload.length).fill(255),
];
const map = [2, 0xb0, 18, 0, 1, 0xc1, 0, 0, 0xe1, 0, 0xf0, 0, 2, 0xe1, 1, 0xf0, 0, 1, 2, 3, 4];
const transport = [
  ...packet(0, [0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xf0, 0, 1, 2, 3, 4]),
  ...packet(0x1000, map),
  ...packet(0x1fff, []),
];

const word = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
const box = (name: string, ...content: readonly number[][]): number[] => {
  const body = content.flat();
  return [...word(body.length + 8), ...Array.from(name, (letter) => letter.charCodeAt(0)), ...body];
};
const zeros = (count: number) => Array<number>(count).fill(0);
const hevc = box('hvc1', zeros(24), [0, 192, 0, 128], zeros(50), box('hvcC', [1, 1, 96, 0, 0, 0, 176, ...zeros(16)]));
const vp9 = box('vp09', zeros(24), [0, 192, 0, 128], zeros(50), box('vpcC', [0, 0, 0, 0, 0, 31, 128, 0]));
const table = box(
  'stbl',
  box('stsd', zeros(4), word(2), hevc, vp9),
  box('stsc', zeros(4), word(2), ...[1, 3, 1, 2, 1, 2].map(word)),
  box('stco', zeros(4), word(4), zeros(16)),
);
const handler = box('hdlr', zeros(8), word(0x76696465), zeros(12));
const movie = box('trak', box('tkhd', zeros(12), word(1), zeros(68)), box('mdia', handler, box('minf', table)));

function movieEntries(bytes: Uint8Array): ReturnType<typeof entriesOf> {
  try {
    return entriesOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), null);
  } catch (error) {
    // The reader's caller leaves it to the demuxer to speak about what does not parse.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const target: FuzzTarget = {
  name: 'videoStreams',
  seeds: [Uint8Array.from(movie), Uint8Array.from(matroska), Uint8Array.from([...transport, ...packet(0x1fff, [])])],
  parse(bytes) {
    pictureOf(bytes, 'avcC');
    entryOf(bytes, 4);
    for (const unit of nalUnits(bytes, 'startCodes'))
      if (unit.length > bytes.length) throw new Error('beyond the packet');
    paddedVp9(bytes);
    const picture = pictureOf(bytes, 'startCodes');
    if (picture) new RecoveryFilter('startCodes', picture, bytes).apply(bytes);
    const entries = movieEntries(bytes);
    if (entries) return;
    if (matroskaVideo(bytes) === null && programStreams(bytes).length === 0) throw new UserError('nothing', 'Nothing.');
  },
};
export default target;
