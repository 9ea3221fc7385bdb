// Seeded damage to files: flips, cuts, inserted, repeated and moved pieces, huge numbers, deep nesting.

/** Longer than this no mutated input grows beyond its original: a parser's time is to be tested, not ours. */
const largestInsertBytes = 40_000;

const openers = ['[', '{"a":', '(', '<a>', '{', '<a b="', '&#', '"\\u'];
const numbers = [
  '-1',
  '0',
  '4294967295',
  '2147483648',
  '9007199254740993',
  '99999999999999999999',
  '1e308',
  '1e999',
  '-0.0',
  'NaN',
  '0x10',
  '1'.repeat(400),
];
const binaryNumbers = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

type Random = () => number;

/** A copy of `bytes` with one to four damages. `tokens` are words of the format, for insertion. */
export function mutate(bytes: Uint8Array, random: Random, tokens: readonly string[] = []): Uint8Array<ArrayBuffer> {
  let out = Uint8Array.from(bytes);
  const count = 1 + below(random, 4);
  for (let i = 0; i < count; i++) out = damages[below(random, damages.length)]!(out, random, tokens);
  return out;
}

type Damage = (bytes: Uint8Array<ArrayBuffer>, random: Random, tokens: readonly string[]) => Uint8Array<ArrayBuffer>;

const damages: readonly Damage[] = [
  flipBit,
  overwriteByte,
  cutPiece,
  cutEnd,
  insertBytes,
  insertToken,
  repeatPiece,
  movePiece,
  replaceNumber,
  replaceNumber,
  overwriteInteger,
  nestDeeply,
];

function flipBit(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = below(random, bytes.length);
  bytes[at]! ^= 1 << below(random, 8);
  return bytes;
}

function overwriteByte(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  bytes[below(random, bytes.length)] = below(random, 256);
  return bytes;
}

function cutPiece(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = below(random, bytes.length);
  return splice(bytes, at, at + pieceLength(bytes, random), new Uint8Array(0));
}

function cutEnd(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  return bytes.slice(0, below(random, bytes.length));
}

function insertBytes(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = below(random, bytes.length);
  return splice(
    bytes,
    at,
    at,
    Uint8Array.from({ length: 1 + below(random, 8) }, () => below(random, 256)),
  );
}

function insertToken(
  bytes: Uint8Array<ArrayBuffer>,
  random: Random,
  tokens: readonly string[],
): Uint8Array<ArrayBuffer> {
  const at = below(random, bytes.length);
  return splice(bytes, at, at, encode(pick(random, tokens.length > 0 ? tokens : openers)));
}

function repeatPiece(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = below(random, bytes.length);
  const piece = bytes.slice(at, at + pieceLength(bytes, random));
  const most = Math.max(1, Math.floor(largestInsertBytes / Math.max(1, piece.length)));
  const times = 1 + below(random, random() < 0.9 ? Math.min(4, most) : most);
  const repeated = new Uint8Array(piece.length * times);
  for (let i = 0; i < times; i++) repeated.set(piece, i * piece.length);
  return splice(bytes, at, at, repeated);
}

function movePiece(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const from = below(random, bytes.length);
  const length = pieceLength(bytes, random);
  const piece = bytes.slice(from, from + length);
  const rest = splice(bytes, from, from + length, new Uint8Array(0));
  const to = below(random, rest.length);
  return splice(rest, to, to, piece);
}

/** Puts another number where the text has one. */
function replaceNumber(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const isDigit = (at: number): boolean => bytes[at]! >= 0x30 && bytes[at]! <= 0x39;
  let start = below(random, bytes.length);
  while (start < bytes.length && !isDigit(start)) start++;
  let end = start;
  while (end < bytes.length && isDigit(end)) end++;
  return splice(bytes, start, end, encode(pick(random, numbers)));
}

/** Overwrites 1, 2, 4 or 8 bytes with a number at the edge of its type, in either byte order. */
function overwriteInteger(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const size = 1 << below(random, 4);
  if (bytes.length < size) return bytes;
  const value = BigInt(pick(random, binaryNumbers));
  const view = new DataView(new ArrayBuffer(8));
  const little = random() < 0.5;
  view.setBigUint64(0, value, little);
  const part = new Uint8Array(view.buffer, little ? 0 : 8 - size, size);
  bytes.set(part, below(random, bytes.length - size + 1));
  return bytes;
}

function nestDeeply(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = below(random, bytes.length);
  const opener = pick(random, openers);
  const most = Math.floor(largestInsertBytes / opener.length);
  return splice(bytes, at, at, encode(opener.repeat(1 + below(random, random() < 0.8 ? 50 : most))));
}

/** Short pieces are likelier, but any length up to the whole occurs. */
function pieceLength(bytes: Uint8Array, random: Random): number {
  return 1 + below(random, random() < 0.6 ? Math.min(16, bytes.length) : bytes.length);
}

function splice(bytes: Uint8Array, start: number, end: number, middle: Uint8Array): Uint8Array<ArrayBuffer> {
  const after = bytes.subarray(Math.min(end, bytes.length));
  const out = new Uint8Array(start + middle.length + after.length);
  out.set(bytes.subarray(0, start));
  out.set(middle, start);
  out.set(after, start + middle.length);
  return out;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A whole number from 0 to `limit` - 1; 0 when `limit` is 0. */
function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)]!;
}
