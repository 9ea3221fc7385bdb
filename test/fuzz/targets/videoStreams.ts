// What containers and streams of videos say of themselves. Bytes that say nothing are not refused by the readers, which
// leave that to the demuxer; so that damage shows as refused, it is thrown here.
import { UserError } from '../../../src/errors';
import { entryOf, nalUnits, pictureOf } from '../../../src/video/h264';
import { matroskaVideo } from '../../../src/video/matroskaTracks';
import { programStreams } from '../../../src/video/transportStreams';
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

const target: FuzzTarget = {
  name: 'videoStreams',
  seeds: [Uint8Array.from(matroska), Uint8Array.from([...transport, ...packet(0x1fff, [])])],
  parse(bytes) {
    pictureOf(bytes, 'startCodes');
    pictureOf(bytes, 'avcC');
    entryOf(bytes, 4);
    for (const unit of nalUnits(bytes, 'startCodes'))
      if (unit.length > bytes.length) throw new Error('beyond the packet');
    if (matroskaVideo(bytes) === null && programStreams(bytes).length === 0) throw new UserError('nothing', 'Nothing.');
  },
};
export default target;
