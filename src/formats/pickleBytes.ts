// The bytes of a pickle with a place in them: numbers, texts and runs of bytes as its instructions write them.
import { UserError } from '../errors';

/** Code of the error when bytes are missing: more of them may mend it. */
export const cutOffCode = 'pickle-cut-off';

export function brokenPickle(what: string, detail: Record<string, string | number> = {}): UserError {
  return new UserError(
    'pickle-broken',
    `The pickled part of the file is damaged: ${what}. Download or save it again.`,
    {
      what,
      ...detail,
    },
  );
}

const ascii = new TextDecoder('latin1');
const utf8 = new TextDecoder();
const fewLetters = 12;

export class PickleBytes {
  /** Position of the next byte. */
  at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, start: number) {
    this.at = start;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Position of the next `count` bytes, which are then behind us. Throws UserError `pickle-cut-off`. */
  take(count: number): number {
    const { at } = this;
    if (count > this.#bytes.length - at)
      throw new UserError(cutOffCode, 'The file is cut off within its list of tensors. Download or save it again.');
    this.at += count;
    return at;
  }

  uint(size: 1 | 2 | 4 | 8): number {
    const at = this.take(size);
    if (size === 1) return this.#bytes[at]!;
    if (size === 2) return this.#view.getUint16(at, true);
    if (size === 4) return this.#view.getUint32(at, true);
    return Number(this.#view.getBigUint64(at, true));
  }

  slice(count: number): Uint8Array {
    const at = this.take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** Up to the end of the line, without it. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    const text = this.#text(end < 0 ? Infinity : end - this.at, utf8);
    this.take(1);
    return text;
  }

  #text(count: number, decoder: TextDecoder): string {
    const at = this.take(count);
    const end = at + count;
    // A view and a decoder's call take a hundred times the memory of a few letters.
    if (count > fewLetters) return decoder.decode(this.#bytes.subarray(at, end));
    let text = '';
    for (let i = at; i < end; i++) {
      const byte = this.#bytes[i]!;
      if (byte > 127) return decoder.decode(this.#bytes.subarray(at, end));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** The value that an instruction spells out in the bytes after it; undefined for any other instruction. */
  literal(instruction: string): unknown {
    switch (instruction) {
      case 'N':
        return null;
      case '\x88':
      case '\x89':
        return instruction === '\x88';
      case 'I':
      case 'L':
        return wholeNumber(this.line());
      case 'J':
        return this.#view.getInt32(this.take(4), true);
      case 'K':
        return this.uint(1);
      case 'M':
        return this.uint(2);
      case '\x8a':
        return longNumber(this.slice(this.uint(1)));
      case '\x8b':
        return longNumber(this.slice(this.uint(4)));
      case 'F':
        return Number(this.line());
      case 'G':
        return this.#view.getFloat64(this.take(8), false);
      case 'S':
        return this.line().slice(1, -1);
      case 'V':
        return this.line();
      case 'U':
        return this.#text(this.uint(1), ascii);
      case 'T':
        return this.#text(this.uint(4), ascii);
      case '\x8c':
        return this.#text(this.uint(1), utf8);
      case 'X':
        return this.#text(this.uint(4), utf8);
      case '\x8d':
        return this.#text(this.uint(8), utf8);
      case 'C':
        return this.slice(this.uint(1));
      case 'B':
        return this.slice(this.uint(4));
      case '\x8e':
      case '\x96':
        return this.slice(this.uint(8));
      default:
        return undefined;
    }
  }
}

function wholeNumber(text: string): unknown {
  // Protocol 0 writes True and False as 01 and 00, and long numbers with an L.
  if (text === '01' || text === '00') return text === '01';
  const digits = text.endsWith('L') ? text.slice(0, -1) : text;
  if (!/^-?\d{1,20}$/.test(digits)) throw brokenPickle('a number is not a number');
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

/** Little-endian two's complement. */
function longNumber(bytes: Uint8Array): number | bigint {
  if (bytes.length > 16) throw brokenPickle('a number is too long');
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
  return narrow(BigInt.asIntN(bytes.length * 8, value));
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
