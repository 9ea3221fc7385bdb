// Boxes of MP4 that move or cut a track's time, built by hand; damage means no edits, and never a hang.
import { describe, expect, it } from 'vitest';
import { readMp4Edits, uncut, UnreadableEdits, type Mp4Edits } from '../../src/video/mp4Edits';
import { seededRandom } from '../../src/samples/seededRandom';

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
const editList = (...edits: [duration: number, mediaTime: number, speed?: number][]) =>
  box(
    'edts',
    box(
      'elst',
      zeros(4),
      word(edits.length),
      ...edits.map(([a, b, speed = 1]) => [...word(a), ...word(b), ...word(speed * 65_536)]),
    ),
  );
const offsets = (...values: number[]) =>
  box('ctts', zeros(4), word(values.length), ...values.map((value) => [...word(1), ...word(value)]));
const run = (...values: number[]) =>
  box('trun', word(0x01000b01), word(values.length), word(0), ...values.map((value) => [...zeros(8), ...word(value)]));

const movieWith = (...inside: number[][]) => box('moov', movieHeader, track(1, ...inside));
const edits = async (...list: [number, number, number?][]) =>
  await readMp4Edits(file(movieWith(offsets(0), editList(...list))), 1);

/** To the nanosecond: from, to, shift. */
const rounded = (found: Mp4Edits) =>
  found.map(({ fromSeconds, toSeconds, shiftSeconds }) =>
    [fromSeconds, toSeconds, shiftSeconds].map((value) => Math.round(value * 1e9) / 1e9),
  );

describe('edits of an MP4', () => {
  it('begin and end where the one edit does, empty time before it included', async () => {
    const movie = box(
      'moov',
      movieHeader,
      track(1, offsets(0)),
      track(2, offsets(0), editList([1500, -1], [1700, 1067])),
    );
    // The demuxer's clock is 1.5 where the edit begins.
    expect(rounded(await readMp4Edits(file(box('ftyp', zeros(8)), movie), 2))).toEqual([[1.5, 3.2, 0]]);
    expect(await readMp4Edits(file(movie), 1)).toEqual(uncut);
  });

  it('go to the end where the last one has no length', async () => {
    expect(await edits([0, 1024])).toEqual(uncut);
    expect(rounded(await edits([0, 0], [0, 1280]))).toEqual([[0.1, Infinity, -0.1]]);
  });

  it('cut out a part, and let time pass between parts', async () => {
    // 0.5 s from 0.1 s on; then nothing for 0.25 s; then from 2 s on. The clock's zero is the first edit's beginning.
    expect(rounded(await edits([500, 1280], [250, -1], [700, 25_600]))).toEqual([
      [0, 0.5, 0],
      [1.9, 2.6, -1.15],
    ]);
  });

  it('show a part again, and an earlier one later', async () => {
    expect(rounded(await edits([500, 12_800], [500, 12_800], [300, 0]))).toEqual([
      [0, 0.5, 0],
      [0, 0.5, 0.5],
      [-1, -0.7, 2],
    ]);
  });

  it('at another speed, as stills or in thousands are refused, not taken for cuts', async () => {
    await expect(edits([500, 0], [500, 6400, 2])).rejects.toThrow(UnreadableEdits);
    await expect(edits([500, 0, 0], [500, 6400])).rejects.toThrow(UnreadableEdits);
    await expect(edits(...Array.from({ length: 1001 }, (): [number, number] => [10, 0]))).rejects.toThrow(
      UnreadableEdits,
    );
  });

  it('are none where a list shows nothing', async () => {
    expect(await edits()).toEqual(uncut);
    expect(await edits([500, -1])).toEqual(uncut);
  });

  it('move a track whose offsets fall below zero, unless an edit list rules', async () => {
    const plain = movieWith(offsets(1280, -2560, 0));
    expect(rounded(await readMp4Edits(file(plain), 1))).toEqual([[-0.2, Infinity, 0.2]]);
    const edited = movieWith(offsets(1280, -2560, 0), editList([4000, 0]));
    expect(rounded(await readMp4Edits(file(edited), 1))).toEqual([[0, 4, 0]]);
  });

  it('read the offsets of the first fragment', async () => {
    const movie = box('moov', movieHeader, track(7, offsets()));
    const header = (id: number) => box('tfhd', zeros(4), word(id));
    const fragment = box('moof', box('traf', header(3), run(-999)), box('traf', header(7), run(0, -640, 640)));
    const found = await readMp4Edits(file(movie, fragment, box('mdat', zeros(4))), 7);
    expect(rounded(found)).toEqual([[-0.05, Infinity, 0.05]]);
  });

  it('are none in damaged headers', async () => {
    const random = seededRandom(5);
    const list = editList([1500, -1], [1700, 1067], [300, 0]);
    const movie = box('moov', movieHeader, track(2, offsets(0, -5), list));
    for (let i = 0; i < 2000; i++) {
      const bytes = movie.slice(0, 1 + Math.floor(random() * movie.length));
      for (let k = 0; k < 4; k++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      try {
        const found = await readMp4Edits(file(bytes), 2);
        expect(found.length).toBeGreaterThan(0);
        for (const { fromSeconds, toSeconds } of found) expect(toSeconds).toBeGreaterThan(fromSeconds);
      } catch (error) {
        expect(error).toBeInstanceOf(UnreadableEdits);
      }
    }
  });
});
