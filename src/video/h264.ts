// What an H.264 stream says of itself: its parts (NAL units), the size and shape of its pictures, where decoding can begin.
// ITU-T H.264 (V14, 08/2021): 7.3.1 NAL units, 7.3.2.1.1 sequence parameter sets, D.1.8 recovery points, E.1.1 VUI.

import { Bits } from './h264Bits';

export interface H264Picture {
  readonly width: number;
  readonly height: number;
  /** Width of a pixel over its height; 1 where the stream does not say. */
  readonly pixelAspect: number;
  /** Pictures may be shown in another order than they are decoded in. */
  readonly mayReorder: boolean;
  readonly counting: PictureCounting;
}

/** How pictures are numbered in the headers of their slices. */
interface PictureCounting {
  readonly frameNumberBits: number;
  /** Null where the header does not simply have the order of the picture behind its number. */
  readonly orderBits: number | null;
  /** Without chroma there are fewer weights. */
  readonly hasChroma: boolean;
}

/** Where NAL units lie: behind start codes, or behind lengths of so many bytes. */
export type NalFraming = 'startCodes' | 1 | 2 | 3 | 4;

export const SLICE = 1;
export const IDR = 5;
const SEI = 6;
const SPS = 7;
export const PPS = 8;
const RECOVERY_POINT = 6;

/** How a track's packets are cut up, by its `avcC` record. */
export function framingOf(description: Uint8Array | null): NalFraming {
  return description === null || description.length < 5 ? 'startCodes' : (((description[4]! & 3) + 1) as 1 | 2 | 3 | 4);
}

/** NAL units of a packet, of one type if wanted; ends where the bytes do not hold what they promise. */
export function* nalUnits(data: Uint8Array, framing: NalFraming, type?: number): Generator<Uint8Array> {
  const isWanted = (at: number): boolean => type === undefined || (data[at]! & 31) === type;
  if (framing !== 'startCodes') {
    for (let at = 0; at + framing <= data.length;) {
      let length = 0;
      for (let i = 0; i < framing; i++) length = length * 256 + data[at + i]!;
      at += framing;
      if (length > data.length - at) return;
      if (length > 0 && isWanted(at)) yield data.subarray(at, at + length);
      at += length;
    }
    return;
  }
  let start = -1;
  for (let i = 0; i + 2 < data.length; i++) {
    if (data[i] !== 0 || data[i + 1] !== 0 || data[i + 2] !== 1) continue;
    if (start >= 0 && i > start && isWanted(start)) yield data.subarray(start, i);
    start = i + 3;
    i += 2;
  }
  if (start >= 0 && start < data.length && isWanted(start)) yield data.subarray(start);
}

/** How decoding can begin at a packet: at an IDR picture, at a recovery point without one, or not at all. */
export function entryOf(data: Uint8Array, framing: NalFraming): 'idr' | 'recovery' | null {
  let recovers = false;
  for (const unit of nalUnits(data, framing)) {
    const type = unit[0]! & 31;
    if (type === IDR) return 'idr';
    if (type === SEI) recovers ||= hasRecoveryPoint(unit);
    if (type === SLICE && recovers) return 'recovery';
  }
  return null;
}

function hasRecoveryPoint(unit: Uint8Array): boolean {
  for (let at = 1; at + 2 < unit.length;) {
    let [type, size] = [0, 0];
    while (unit[at] === 255) [type, at] = [type + 255, at + 1];
    type += unit[at++] ?? 0;
    while (unit[at] === 255) [size, at] = [size + 255, at + 1];
    size += unit[at++] ?? 0;
    if (type === RECOVERY_POINT) return true;
    at += size;
  }
  return false;
}

/** The first sequence parameter set of an `avcC` record, or of a packet. */
export function pictureOf(data: Uint8Array, framing: NalFraming | 'avcC'): H264Picture | null {
  if (framing === 'avcC') {
    const length = data.length < 8 ? 0 : data[6]! * 256 + data[7]!;
    return (data[5]! & 31) === 0 ? null : parseSps(data.subarray(8, 8 + length));
  }
  for (const unit of nalUnits(data, framing, SPS)) return parseSps(unit);
  return null;
}

/** Width over height by aspect_ratio_idc 1 to 16 (table E-1). */
const aspects = [
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
] as const;

const withChroma = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

function parseSps(unit: Uint8Array): H264Picture | null {
  if (unit.length < 5) return null;
  const bits = new Bits(unit);
  bits.skip(8);
  const profile = bits.read(8);
  bits.skip(16);
  bits.golomb();
  let chroma = 1;
  if (withChroma.includes(profile)) {
    chroma = bits.golomb();
    if (chroma === 3) bits.skip(1);
    bits.golomb();
    bits.golomb();
    bits.skip(1);
    if (bits.read(1) === 1)
      for (let i = 0; i < (chroma === 3 ? 12 : 8); i++) if (bits.read(1) === 1) skipScalingList(bits, i < 6 ? 16 : 64);
  }
  const frameNumberBits = bits.golomb() + 4;
  const orderType = bits.golomb();
  let orderBits: number | null = null;
  if (orderType === 0) orderBits = bits.golomb() + 4;
  else if (orderType === 1) {
    bits.skip(1);
    bits.golomb();
    bits.golomb();
    for (let i = bits.golomb(); i > 0 && !bits.isOver; i--) bits.golomb();
  }
  bits.golomb();
  bits.skip(1);
  const columns = bits.golomb() + 1;
  const rows = bits.golomb() + 1;
  // Without this flag a row of the map is two rows of macroblocks: mediabunny 1.61 forgets it for size and crop.
  const framesOnly = bits.read(1);
  if (framesOnly === 0) bits.skip(1);
  bits.skip(1);
  const crop = bits.read(1) === 1 ? [bits.golomb(), bits.golomb(), bits.golomb(), bits.golomb()] : [0, 0, 0, 0];
  const [across, down] = [chroma === 1 || chroma === 2 ? 2 : 1, (chroma === 1 ? 2 : 1) * (2 - framesOnly)];
  const width = 16 * columns - across * (crop[0]! + crop[1]!);
  const height = 16 * rows * (2 - framesOnly) - down * (crop[2]! + crop[3]!);
  const { pixelAspect, reorder } = bits.read(1) === 1 ? parseVui(bits) : { pixelAspect: 1, reorder: null };
  if (bits.isOver || width <= 0 || height <= 0) return null;
  const counting = {
    frameNumberBits,
    orderBits: framesOnly === 1 ? orderBits : null,
    hasChroma: chroma > 0,
  };
  return { width, height, pixelAspect, mayReorder: profile !== 66 && orderType !== 2 && reorder !== 0, counting };
}

function parseVui(bits: Bits): { pixelAspect: number; reorder: number | null } {
  let pixelAspect = 1;
  if (bits.read(1) === 1) {
    const id = bits.read(8);
    const [across, down] = id === 255 ? [bits.read(16), bits.read(16)] : (aspects[id - 1] ?? [1, 1]);
    if (across > 0 && down > 0) pixelAspect = across / down;
  }
  if (bits.read(1) === 1) bits.skip(1);
  if (bits.read(1) === 1) {
    bits.skip(4);
    if (bits.read(1) === 1) bits.skip(24);
  }
  if (bits.read(1) === 1) {
    bits.golomb();
    bits.golomb();
  }
  if (bits.read(1) === 1) bits.skip(65);
  const [nal, vcl] = [skipHrd(bits), skipHrd(bits)];
  if (nal || vcl) bits.skip(1);
  bits.skip(1);
  if (bits.read(1) === 0 || bits.isOver) return { pixelAspect, reorder: null };
  bits.skip(1);
  for (let i = 0; i < 4; i++) bits.golomb();
  return { pixelAspect, reorder: bits.golomb() };
}

function skipHrd(bits: Bits): boolean {
  if (bits.read(1) === 0) return false;
  const count = bits.golomb() + 1;
  bits.skip(8);
  for (let i = 0; i < count && !bits.isOver; i++) {
    bits.golomb();
    bits.golomb();
    bits.skip(1);
  }
  bits.skip(20);
  return true;
}

function skipScalingList(bits: Bits, size: number): void {
  let [last, next] = [8, 8];
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + bits.signedGolomb() + 256) % 256;
    if (next !== 0) last = next;
  }
}
