// Boxes of MP4 that move or cut a track's time, built by hand; damage means no edits, and never a hang.
import { describe, expect, it } from 'vitest';
import { readMp4Edits } from '../../src/video/mp4Edits';
import { seededRandom } from '../../src/training/seededRandom';

const word = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
const box = (name: string, ...content: number[][]): number[] => {
  const body = content.flat();
  return [...word(body.length + 8), ...Array.from(name, (letter) => letter.charCodeAt(0)), ...body];
};
const zeros = (count: number) => Array<number>(count).fill(0);
const file = (...boxes: number[][]) => new Blob([Uint8Array.from(boxes.flat())]);

const movieHeader = box('mvhd', zeros(12), word(1000), zeros(84));
function track(id: number, ...inside: number[][]): number[] {
  const header = box('tkhd', zeros(12), word(id), zeros(68));
  const media = (table: number[]) =>
    box('mdia', box('mdhd', zeros(12), word(12_800), zeros(8)), box('minf', box('stbl', table)));
  return box('trak', header, ...inside.slice(1), media(inside[0]!));
}
const editList = (...edits: [duration: number, mediaTime: number][]) =>
  box(
    'edts',
    box('elst', zeros(4), word(edits.length), ...edits.map(([a, b]) => [...word(a), ...word(b), 0, 1, 0, 0])),
  );
const offsets = (...values: number[]) =>
  box('ctts', zeros(4), word(values.length), ...values.map((value) => [...word(1), ...word(value)]));
const run = (...values: number[]) =>
  box('trun', word(0x01000b01), word(values.length), word(0), ...values.map((value) => [...zeros(8), ...word(value)]));

describe('edits of an MP4', () => {
  it('end where the one edit ends, empty time before it included', async () => {
    const movie = box(
      'moov',
      movieHeader,
      track(1, offsets(0)),
      track(2, offsets(0), editList([1500, -1], [1700, 1067])),
    );
    const { endSeconds, shiftSeconds } = await readMp4Edits(file(box('ftyp', zeros(8)), movie), 2);
    expect(endSeconds).toBeCloseTo(3.201, 9);
    expect(shiftSeconds).toBe(0);
    expect(await readMp4Edits(file(movie), 1)).toEqual({ endSeconds: Infinity, shiftSeconds: 0 });
  });

  it('cut nothing where there are several, or one without length', async () => {
    for (const list of [editList([500, 0], [700, 9000]), editList([0, 1024])])
      expect((await readMp4Edits(file(box('moov', movieHeader, track(1, offsets(0), list))), 1)).endSeconds).toBe(
        Infinity,
      );
  });

  it('move a track whose offsets fall below zero, unless an edit list rules', async () => {
    const plain = box('moov', movieHeader, track(1, offsets(1280, -2560, 0)));
    expect((await readMp4Edits(file(plain), 1)).shiftSeconds).toBeCloseTo(0.2, 9);
    const edited = box('moov', movieHeader, track(1, offsets(1280, -2560, 0), editList([4000, 0])));
    expect((await readMp4Edits(file(edited), 1)).shiftSeconds).toBe(0);
  });

  it('read the offsets of the first fragment', async () => {
    const movie = box('moov', movieHeader, track(7, offsets()));
    const header = (id: number) => box('tfhd', zeros(4), word(id));
    const fragment = box('moof', box('traf', header(3), run(-999)), box('traf', header(7), run(0, -640, 640)));
    expect((await readMp4Edits(file(movie, fragment, box('mdat', zeros(4))), 7)).shiftSeconds).toBeCloseTo(0.05, 9);
  });

  it('are none in damaged headers', async () => {
    const random = seededRandom(5);
    const movie = box('moov', movieHeader, track(2, offsets(0, -5), editList([1500, -1], [1700, 1067])));
    for (let i = 0; i < 2000; i++) {
      const bytes = movie.slice(0, 1 + Math.floor(random() * movie.length));
      for (let k = 0; k < 4; k++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      const edits = await readMp4Edits(file(bytes), 2);
      expect(edits.endSeconds).toBeGreaterThanOrEqual(0);
    }
  });
});
