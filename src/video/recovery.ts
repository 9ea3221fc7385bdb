// Decoding that begins at a recovery point: later pictures must not take pictures off the list that were never decoded.
// ITU-T H.264, 7.3.3 (slice headers), 7.3.3.1 to 7.3.3.3, 8.2.5.4 (marking).
import { IDR, nalUnits, PPS, SLICE, type H264Picture, type NalFraming } from './h264';
import { Bits } from './h264Bits';

/** What slices say only where the picture parameter set does. */
interface PictureSet {
  readonly hasOrderBottom: boolean;
  /** Pictures in each list unless a slice says otherwise. */
  readonly lists: readonly [number, number];
  readonly weightsP: boolean;
  readonly weightsB: boolean;
  readonly isRedundant: boolean;
}

/** An order to take a picture off the list of references. */
interface Removal {
  /** By how many numbers the picture lies before this one. */
  readonly back: number;
  /** Where the order stands in the slice, in bits. */
  readonly at: number;
  readonly end: number;
}

/**
 * Chromium's decoder (FFmpeg, told to stop at mistakes) gives up where a picture is taken off the list that is not on
 * it. In packets behind a recovery point such orders become ones of the same length that change nothing, until an IDR
 * picture comes.
 */
export class RecoveryFilter {
  readonly #framing: NalFraming;
  readonly #picture: H264Picture;
  #set: PictureSet | null;
  /** The present picture's number, counted from the recovery point. */
  #number = 0;
  #last: number | null = null;
  #isOver = false;

  /** @param parameters the track's `avcC` record, or null where packets bring their parameter sets. */
  constructor(framing: NalFraming, picture: H264Picture, parameters: Uint8Array | null) {
    this.#framing = framing;
    this.#picture = picture;
    const unit = parameters === null ? null : firstSetOf(parameters);
    this.#set = unit && readPictureSet(unit);
  }

  /** The next packet in decode order, as the decoder takes it. */
  apply(data: Uint8Array): Uint8Array {
    const { frameNumberBits, orderBits } = this.#picture.counting;
    if (this.#isOver || orderBits === null) return data;
    const wrap = 2 ** frameNumberBits;
    const copy = Uint8Array.from(data);
    let isCounted = false;
    for (const unit of nalUnits(copy, this.#framing)) {
      const type = unit[0]! & 31;
      this.#isOver ||= type === IDR;
      if (type === PPS) this.#set = readPictureSet(unit);
      if (type !== SLICE || this.#isOver || this.#set === null) continue;
      const { frameNumber, removals } = readSlice(unit, this.#picture, this.#set);
      if (!isCounted) this.#number += (frameNumber - (this.#last ?? frameNumber) + wrap) % wrap;
      this.#last = frameNumber;
      isCounted = true;
      for (const removal of removals) if (removal.back > this.#number) neutralise(unit, removal);
    }
    return this.#isOver ? data : copy;
  }
}

function readSlice(
  unit: Uint8Array,
  { counting }: H264Picture,
  set: PictureSet,
): { frameNumber: number; removals: readonly Removal[] } {
  const bits = new Bits(unit);
  bits.skip(8);
  bits.golomb();
  const type = bits.golomb() % 5;
  bits.golomb();
  const frameNumber = bits.read(counting.frameNumberBits);
  bits.skip(counting.orderBits ?? 0);
  if (set.hasOrderBottom) bits.signedGolomb();
  if (set.isRedundant) bits.golomb();
  const [isP, isB] = [type === 0, type === 1];
  if (isB) bits.skip(1);
  if (isP || isB) {
    const given = bits.read(1) === 1;
    const first = given ? bits.golomb() + 1 : set.lists[0];
    const second = isB ? (given ? bits.golomb() + 1 : set.lists[1]) : 0;
    for (let list = 0; list < (isB ? 2 : 1); list++) skipOrder(bits);
    if ((isP && set.weightsP) || (isB && set.weightsB)) skipWeights(bits, first + second, counting.hasChroma);
  }
  const isReference = (unit[0]! & 0x60) !== 0;
  const removals = isReference && bits.read(1) === 1 ? readRemovals(bits) : [];
  // Bytes that keep start codes out of the header would move its bits.
  return { frameNumber, removals: bits.isOver || bits.hasPadding(bits.place) ? [] : removals };
}

/** ref_pic_list_modification of one list. */
function skipOrder(bits: Bits): void {
  if (bits.read(1) === 1) while (!bits.isOver && bits.golomb() !== 3) bits.golomb();
}

/** pred_weight_table */
function skipWeights(bits: Bits, pictures: number, hasChroma: boolean): void {
  bits.golomb();
  if (hasChroma) bits.golomb();
  for (let i = 0; i < pictures && !bits.isOver; i++) {
    if (bits.read(1) === 1) for (let k = 0; k < 2; k++) bits.signedGolomb();
    if (hasChroma && bits.read(1) === 1) for (let k = 0; k < 4; k++) bits.signedGolomb();
  }
}

/** dec_ref_pic_marking */
function readRemovals(bits: Bits): Removal[] {
  const removals: Removal[] = [];
  for (
    let at = bits.place, order = bits.golomb();
    order !== 0 && !bits.isOver;
    at = bits.place, order = bits.golomb()
  ) {
    if (order === 1) removals.push({ back: bits.golomb() + 1, at, end: bits.place });
    if (order === 3) bits.golomb();
    if (order === 2 || order === 3 || order === 4 || order === 6) bits.golomb();
  }
  return removals;
}

/** Order 4, how many long-term pictures there may be, is one bit longer on either side and means nothing without any. */
function neutralise(unit: Uint8Array, { at, end }: Removal): void {
  const fourth = 5;
  const zeros = (end - at - fourth - 1) / 2;
  // The picture just before the recovery point, in a slice of the next one, has the shortest order, which has no like.
  if (zeros < 0) return;
  writeBits(unit, at, fourth, 0b00101);
  writeBits(unit, at + fourth, 2 * zeros + 1, 2 ** zeros);
}

/** Overwrites bits with a value. */
function writeBits(bytes: Uint8Array, at: number, count: number, value: number): void {
  for (let i = 0; i < count; i++) {
    const place = at + count - 1 - i;
    const mask = 128 >> (place & 7);
    const bit = (value >> i) & 1;
    bytes[place >> 3] = bit === 1 ? bytes[place >> 3]! | mask : bytes[place >> 3]! & ~mask;
  }
}

function readPictureSet(unit: Uint8Array): PictureSet | null {
  const bits = new Bits(unit);
  bits.skip(8);
  bits.golomb();
  bits.golomb();
  bits.skip(1);
  const hasOrderBottom = bits.read(1) === 1;
  // Slice groups have not been seen for twenty years.
  if (bits.golomb() > 0) return null;
  const lists = [bits.golomb() + 1, bits.golomb() + 1] as const;
  const weightsP = bits.read(1) === 1;
  const weightsB = bits.read(2) === 1;
  for (let i = 0; i < 3; i++) bits.signedGolomb();
  bits.skip(2);
  return { hasOrderBottom, lists, weightsP, weightsB, isRedundant: bits.read(1) === 1 };
}

/** The first picture parameter set of an `avcC` record. */
function firstSetOf(record: Uint8Array): Uint8Array | null {
  let at = 6;
  for (let i = (record[5] ?? 0) & 31; i > 0; i--) at += 2 + (record[at] ?? 0) * 256 + (record[at + 1] ?? 0);
  const length = (record[at + 1] ?? 0) * 256 + (record[at + 2] ?? 0);
  return (record[at] ?? 0) === 0 || length === 0 ? null : record.subarray(at + 3, at + 3 + length);
}
