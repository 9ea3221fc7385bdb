// What streams and containers say of themselves, from bytes written by the test: H.264 parameter sets, recovery points,
// transport stream tables, Matroska headers, MP4 sample entries.
import { describe, expect, it } from 'vitest';
import { mendedMatroska } from '../../src/video/cutMatroska';
import { entryOf, nalUnits, pictureOf } from '../../src/video/h264';
import { matroskaVideo } from '../../src/video/matroskaTracks';
import { RecoveryFilter } from '../../src/video/recovery';
import { readSampleEntries } from '../../src/video/sampleEntries';
import { programStreams } from '../../src/video/transportStreams';
import { unpackedMatroska } from '../../src/video/unpackMatroska';
import { zlibSync } from 'fflate';

/** Bits as they are written into headers. */
class Writer {
  bits = '';
  u(count: number, value: number): this {
    this.bits += value.toString(2).padStart(count, '0');
    return this;
  }
  ue(value: number): this {
    const code = (value + 1).toString(2);
    this.bits += '0'.repeat(code.length - 1) + code;
    return this;
  }
  bytes(): number[] {
    const padded = `${this.bits}1`.padEnd(Math.ceil((this.bits.length + 1) / 8) * 8, '0');
    return padded.match(/.{8}/g)!.map((byte) => parseInt(byte, 2));
  }
}

interface Sps {
  readonly rows: number;
  readonly framesOnly: 0 | 1;
  readonly cropBottom: number;
  readonly sar?: readonly [number, number];
}

/** Main profile, 20 macroblocks wide. */
function sps({ rows, framesOnly, cropBottom, sar }: Sps): number[] {
  const bits = new Writer()
    .u(8, 77)
    .u(8, 0)
    .u(8, 30)
    .ue(0)
    .ue(0)
    .ue(0)
    .ue(2)
    .ue(4)
    .u(1, 0)
    .ue(19)
    .ue(rows - 1);
  bits.u(1, framesOnly);
  if (framesOnly === 0) bits.u(1, 1);
  bits.u(1, 1).u(1, 1).ue(0).ue(0).ue(0).ue(cropBottom);
  if (!sar) bits.u(1, 0);
  else bits.u(1, 1).u(1, 1).u(8, 255).u(16, sar[0]).u(16, sar[1]).u(4, 0).u(2, 0).u(1, 0).u(1, 0);
  return [0x67, ...bits.bytes()];
}

const pps = [
  0x68,
  ...new Writer().ue(0).ue(0).u(1, 1).u(1, 0).ue(0).ue(0).ue(0).u(1, 0).u(2, 0).ue(0).ue(0).ue(0).u(3, 4).bytes(),
];
/** A P slice with number and order, and orders to drop the pictures so many numbers before it. */
function slice(frameNumber: number, drops: readonly number[], type = 5): number[] {
  const bits = new Writer().ue(0).ue(type).ue(0).u(4, frameNumber).u(6, 8).u(1, 0).u(1, 0);
  bits.u(1, drops.length > 0 ? 1 : 0);
  for (const back of drops) bits.ue(1).ue(back - 1);
  if (drops.length > 0) bits.ue(0);
  return [0x61, ...bits.u(20, 0xfffff).bytes()];
}
const intra = (frameNumber: number) => [
  0x61,
  ...new Writer().ue(0).ue(7).ue(0).u(4, frameNumber).u(6, 8).u(1, 0).u(20, 1).bytes(),
];
const annexB = (...units: readonly number[][]) => Uint8Array.from(units.flatMap((unit) => [0, 0, 1, ...unit]));

describe('an H.264 stream', () => {
  it.each([
    ['frames', { rows: 15, framesOnly: 1, cropBottom: 0 }, [320, 240, 1]],
    ['fields, whose rows count twice', { rows: 9, framesOnly: 0, cropBottom: 2 }, [320, 280, 1]],
    ['its own shape of pixels', { rows: 15, framesOnly: 1, cropBottom: 4, sar: [64, 45] }, [320, 232, 64 / 45]],
  ] as const)('says its size with %s', (_, facts, [width, height, pixelAspect]) => {
    expect(pictureOf(annexB([9, 16], sps(facts)), 'startCodes')).toMatchObject({ width, height, pixelAspect });
    const unit = sps(facts);
    const record = Uint8Array.from([1, 77, 0, 30, 255, 225, 0, unit.length, ...unit, 1, 0, 0]);
    expect(pictureOf(record, 'avcC')).toMatchObject({ width, height });
  });

  it.each([
    // 1440 × 1080 in fields, shown as 4 : 3 of each pixel, as HDV has it; and a picture of 4 : 2 : 2 with a crop.
    ['HDV', 100, 1, { columns: 90, rows: 34, framesOnly: 0, crop: [0, 0, 0, 2], aspect: 14 }, [1440, 1080, 4 / 3]],
    ['4:2:2', 122, 2, { columns: 20, rows: 15, framesOnly: 1, crop: [0, 2, 0, 4], aspect: 0 }, [316, 236, 1]],
    ['grey', 100, 0, { columns: 20, rows: 8, framesOnly: 0, crop: [0, 0, 0, 8], aspect: 1 }, [320, 240, 1]],
  ] as const)(
    'says its size of %s, with lists of scaling',
    (_, profile, chroma, facts, [width, height, pixelAspect]) => {
      const bits = new Writer().u(8, profile).u(8, 0).u(8, 40).ue(0).ue(chroma).ue(0).ue(0).u(1, 0);
      // One list is there: sixteen times the same step, of which zeros are written as one bit each.
      bits.u(1, 1).u(1, 1);
      for (let i = 0; i < 16; i++) bits.ue(0);
      bits
        .u(7, 0)
        .ue(0)
        .ue(0)
        .ue(2)
        .ue(4)
        .u(1, 0)
        .ue(facts.columns - 1)
        .ue(facts.rows - 1)
        .u(1, facts.framesOnly);
      if (facts.framesOnly === 0) bits.u(1, 1);
      bits.u(1, 1).u(1, 1);
      for (const edge of facts.crop) bits.ue(edge);
      if (facts.aspect === 0) bits.u(1, 0);
      else bits.u(1, 1).u(1, 1).u(8, facts.aspect).u(4, 0).u(2, 0).u(1, 0).u(1, 0);
      expect(pictureOf(annexB([0x67, ...bits.bytes()]), 'startCodes')).toMatchObject({ width, height, pixelAspect });
    },
  );

  it('says where decoding can begin', () => {
    const recovery = [6, 6, 1, 0xc4, 0x80];
    expect(entryOf(annexB([0x65, 1]), 'startCodes')).toBe('idr');
    expect(entryOf(annexB(recovery, [0x61, 1]), 'startCodes')).toBe('recovery');
    expect(entryOf(annexB([6, 5, 1, 0, 0x80], [0x61, 1]), 'startCodes')).toBeNull();
    expect(entryOf(Uint8Array.of(0, 0, 0, 2, 0x65, 1), 4)).toBe('idr');
    expect([...nalUnits(Uint8Array.of(0, 0, 0, 9, 0x65), 4)]).toEqual([]);
  });

  it('keeps orders about pictures that were decoded, and makes others harmless', () => {
    const picture = pictureOf(annexB(sps({ rows: 15, framesOnly: 1, cropBottom: 0 })), 'startCodes')!;
    const filter = new RecoveryFilter('startCodes', picture, null);
    const first = annexB(sps({ rows: 15, framesOnly: 1, cropBottom: 0 }), pps, intra(14));
    expect(filter.apply(first)).toEqual(first);
    // Numbers wrap at 16: picture 1 lies three behind 14, and may drop 14 but not 13.
    const next = annexB(slice(15, []));
    expect(filter.apply(next)).toEqual(next);
    const wrapped = annexB(slice(1, [3, 4]));
    const applied = filter.apply(wrapped);
    expect(applied).toHaveLength(wrapped.length);
    const bitsOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
    // The first order stays; the second, 010 00100, becomes 00101 010: order 4 with 1.
    expect(bitsOf(applied)).toBe(bitsOf(wrapped).replace('01001101000100', '01001100101010'));
    const idr = annexB([0x65, 1]);
    expect(filter.apply(idr)).toBe(idr);
    const late = annexB(slice(3, [9]));
    expect(filter.apply(late)).toBe(late);
  });
});

describe('a transport stream', () => {
  const packet = (pid: number, payload: readonly number[]) => [
    0x47,
    0x40 | (pid >> 8),
    pid & 255,
    0x10,
    0,
    ...payload,
    ...Array<number>(183 - payload.length).fill(255),
  ];
  const table = (id: number, body: readonly number[]) => [
    id,
    0xb0,
    body.length + 9,
    0,
    1,
    0xc1,
    0,
    0,
    ...body,
    1,
    2,
    3,
    4,
  ];
  const stream = (type: number, ...descriptors: number[]) => [type, 0xe1, 1, 0xf0, descriptors.length, ...descriptors];
  const file = (...streams: readonly number[][]) =>
    Uint8Array.from([
      ...packet(0, table(0, [0, 1, 0xf0, 0])),
      ...packet(0x1000, table(2, [0xe1, 0, 0xf0, 0, ...streams.flat()])),
      ...packet(0x1fff, []),
      ...packet(0x1fff, []),
    ]);

  it('names the codec of each video stream', () => {
    const codecs = (...streams: readonly number[][]) => programStreams(file(...streams)).map(({ codec }) => codec);
    expect(codecs(stream(2), stream(3))).toEqual(['MPEG-2', null]);
    expect(codecs(stream(0x24), stream(0x1b))).toEqual(['HEVC (H.265)', 'H.264']);
    expect(codecs(stream(6, 5, 4, ...Array.from('AV01', (c) => c.charCodeAt(0))))).toEqual(['AV1']);
    expect(programStreams(new Uint8Array(1000))).toEqual([]);
  });
});

describe('a Matroska file', () => {
  const element = (id: readonly number[], ...content: readonly number[][]): number[] => {
    const body = content.flat();
    return [...id, 0x40 | (body.length >> 8), body.length & 255, ...body];
  };
  const letters = (text: string) => Array.from(text, (char) => char.charCodeAt(0));
  const track = (...more: number[][]) =>
    element([0xae], element([0xd7], [1]), element([0x83], [1]), element([0x86], letters('V_VP9')), ...more);
  const zlib = element([0x6d, 0x80], element([0x62, 0x40], element([0x50, 0x34], element([0x42, 0x54], [0]))));
  const locked = element([0x6d, 0x80], element([0x62, 0x40], element([0x50, 0x33], [1])));
  const file = (entry: number[], ...rest: number[][]) =>
    Uint8Array.from([
      ...element([0x1a, 0x45, 0xdf, 0xa3], [1]),
      ...element([0x18, 0x53, 0x80, 0x67], element([0x16, 0x54, 0xae, 0x6b], entry), ...rest),
    ]);

  it('says its codec, and whether its frames are packed or locked', () => {
    expect(matroskaVideo(file(track()))).toMatchObject({ codec: 'V_VP9', compression: null, isEncrypted: false });
    expect(matroskaVideo(file(track(zlib)))).toMatchObject({ compression: 'zlib' });
    expect(matroskaVideo(file(track(locked)))).toMatchObject({ isEncrypted: true });
    expect(matroskaVideo(new Uint8Array(9))).toBeNull();
  });

  it('packed with zlib comes out plain', async () => {
    const frame = Uint8Array.of(5, 6, 7, 8, 9);
    const block = element([0xa3], [0x81, 0, 0, 0x80, ...zlibSync(frame)]);
    const cluster = element([0x1f, 0x43, 0xb6, 0x75], element([0xe7], [0]), block);
    const plain = await unpackedMatroska(new Blob([file(track(zlib), cluster)]));
    const bytes = new Uint8Array(await plain!.arrayBuffer());
    expect(matroskaVideo(bytes)).toMatchObject({ codec: 'V_VP9', compression: null });
    const text = Array.from(bytes).join(',');
    expect(text).toContain('129,0,0,128,5,6,7,8,9');
    expect(await unpackedMatroska(new Blob([file(track(), cluster)]))).toBeNull();
  });
});

describe('a Matroska file that was cut', () => {
  const size = (value: number) => [1, ...Array.from({ length: 7 }, (_, i) => Math.floor(value / 256 ** (6 - i)) % 256)];
  const blocks = [
    [0xe7, 0x81, 0],
    [0xa3, 0x85, 0x81, 0, 0, 0x80, 7],
    [0xa3, 0x85, 0x81, 0, 9, 0, 8],
  ];
  const cluster = [0x1f, 0x43, 0xb6, 0x75, ...size(blocks.flat().length), ...blocks.flat()];
  const bytes = [0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67, ...size(cluster.length), ...cluster];

  it('ends behind its last whole block, with the sizes that this makes', async () => {
    const whole = new Blob([Uint8Array.from(bytes)]);
    expect(await mendedMatroska(whole)).toBeNull();
    const mended = await mendedMatroska(whole.slice(0, bytes.length - 2));
    const wanted = [...bytes.slice(0, -7)];
    wanted[16] = cluster.length - 7;
    wanted[28] = blocks.flat().length - 7;
    expect([...new Uint8Array(await mended!.arrayBuffer())]).toEqual(wanted);
    expect(await mendedMatroska(whole.slice(0, 18))).toBeNull();
  });
});

describe('the sample entries of an MP4', () => {
  const word = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
  const box = (name: string, ...content: number[][]): number[] => {
    const body = content.flat();
    return [...word(body.length + 8), ...Array.from(name, (letter) => letter.charCodeAt(0)), ...body];
  };
  const zeros = (count: number) => Array<number>(count).fill(0);
  const entry = (name: string, level: number) =>
    box(name, zeros(24), [0, 192, 0, 128], zeros(50), box('avcC', [1, 77, 0, level, 255, 225, 0, 0, 1, 0, 0]));
  const file = (entries: number[][], chunks: readonly (readonly [number, number, number])[]) => {
    const table = box(
      'stbl',
      box('stsd', zeros(4), word(entries.length), ...entries),
      box('stsc', zeros(4), word(chunks.length), ...chunks.flat().map(word)),
      box('stco', zeros(4), word(4), zeros(16)),
    );
    const handler = box('hdlr', zeros(8), word(0x76696465), zeros(12));
    const media = box('mdia', handler, box('minf', table));
    return new Blob([Uint8Array.from(box('moov', box('trak', box('tkhd', zeros(12), word(1), zeros(68)), media)))]);
  };

  it('hold from the sample on at which their chunks begin', async () => {
    const found = await readSampleEntries(
      file(
        [entry('avc1', 11), entry('avc1', 12)],
        [
          [1, 5, 1],
          [3, 2, 2],
        ],
      ),
      1,
    );
    expect(found?.parts?.map(({ fromPlace, config }) => [fromPlace, config.codec, config.codedWidth])).toEqual([
      [0, 'avc1.4d000b', 192],
      [10, 'avc1.4d000c', 192],
    ]);
  });

  it.each([
    ['hvc1', 'hvcC', [1, 0x01, 0x60, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 93, ...zeros(10)], 'hvc1.1.6.L93.B0', true],
    ['vp09', 'vpcC', [1, 0, 0, 0, 2, 31, 0xa1, 1, 1, 1, 0, 0], 'vp09.02.31.10', false],
    ['av01', 'av1C', [0x81, 0x08, 0x40, 0], 'av01.0.08M.10', false],
    ['vp08', 'vpcC', [1, 0, 0, 0, 0, 0, 0x80, 0], 'vp8', false],
  ] as const)('of %s are decoded as their record says', async (name, record, bytes, codec, isDescribed) => {
    const own = box(name, zeros(24), [0, 192, 0, 128], zeros(50), box(record, [...bytes]));
    const found = await readSampleEntries(
      file(
        [own, own],
        [
          [1, 1, 1],
          [2, 1, 2],
        ],
      ),
      1,
    );
    expect(
      found?.parts?.map(({ fromPlace, config }) => [fromPlace, config.codec, config.description !== undefined]),
    ).toEqual([
      [0, codec, isDescribed],
      [1, codec, isDescribed],
    ]);
  });

  it('say that they are encrypted, or of a codec whose change is not read', async () => {
    expect(await readSampleEntries(file([entry('encv', 11)], [[1, 1, 1]]), null)).toMatchObject({ isEncrypted: true });
    const mixed = await readSampleEntries(
      file(
        [entry('hvc1', 11), entry('hvc1', 12)],
        [
          [1, 1, 1],
          [2, 1, 2],
        ],
      ),
      1,
    );
    expect(mixed).toMatchObject({ entries: 2, parts: null });
    expect(await readSampleEntries(new Blob(['nothing of the kind']), 1)).toBeNull();
  });
});
