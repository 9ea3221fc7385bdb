// Turns bytes into text whichever way they were written: UTF-8, UTF-16 or UTF-32, declared in XML, GBK, or UTF-8 encoded twice.

export interface DecodedText {
  readonly text: string;
  /** `declared`: as an XML declaration says. `unknown`: none of these; what could not be read became U+FFFD. */
  readonly encoding: 'utf-8' | 'utf-16' | 'utf-32' | 'declared' | 'gbk' | 'unknown';
}

/** Reads text in the encoding that fits. GBK is read as its superset GB 18030. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const wide = wideEncoding(bytes);
  if (wide === 'utf-32le' || wide === 'utf-32be')
    return { text: decodeUtf32(bytes, wide === 'utf-32le'), encoding: 'utf-32' };
  if (wide !== null) return { text: new TextDecoder(wide).decode(bytes), encoding: 'utf-16' };
  const declared = declaredEncoding(bytes);
  const asDeclared = declared === null ? null : decodeStrictly(bytes, declared);
  if (asDeclared !== null) return { text: asDeclared, encoding: 'declared' };
  const utf8 = decodeStrictly(bytes, 'utf-8');
  if (utf8 !== null) return { text: utf8, encoding: 'utf-8' };
  const gbk = decodeStrictly(bytes, 'gb18030');
  return gbk === null ? { text: new TextDecoder().decode(bytes), encoding: 'unknown' } : { text: gbk, encoding: 'gbk' };
}

/** The first characters of a text whose bytes may end within one: for telling what kind of file it is. */
export function decodeStart(bytes: Uint8Array): string {
  // No encoding takes more than four bytes for a character.
  for (let cut = 0; cut < 4 && cut < bytes.length; cut++) {
    const { text, encoding } = decodeText(bytes.subarray(0, bytes.length - cut));
    if (encoding !== 'unknown' && encoding !== 'gbk') return text;
  }
  return decodeText(bytes).text;
}

/** UTF-16 or UTF-32 by its mark, or UTF-16 without one: every second byte of most signs in labels is zero. */
function wideEncoding(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be' | null {
  const [a = 1, b = 1, c = 1, d = 1] = bytes;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 && bytes.length % 4 === 0 ? 'utf-32le' : 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff && bytes.length % 4 === 0) return 'utf-32be';
  const seen = Math.min(bytes.length, 1000) & ~1;
  const zeros: [even: number, odd: number] = [0, 0];
  for (let i = 0; i < seen; i++) if (bytes[i] === 0) zeros[i % 2 === 0 ? 0 : 1]++;
  const many = Math.max(2, seen / 8);
  if (zeros[1] >= many && zeros[0] === 0) return 'utf-16le';
  return zeros[0] >= many && zeros[1] === 0 ? 'utf-16be' : null;
}

function decodeUtf32(bytes: Uint8Array, littleEndian: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 4; at + 4 <= bytes.length; at += 4) {
    const code = view.getUint32(at, littleEndian);
    text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  }
  return text;
}

/** What an XML declaration in plain letters says, unless that is UTF-8 or cannot be: then it is not written so. */
function declaredEncoding(bytes: Uint8Array): string | null {
  if (bytes[0] !== 0x3c || bytes[1] !== 0x3f) return null;
  let head = '';
  for (const byte of bytes.subarray(0, 200)) head += String.fromCharCode(byte);
  const name = /^<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(head)?.[1]?.toLowerCase();
  return name === undefined || /^(utf|ucs|iso-10646)/.test(name) ? null : name;
}

function decodeStrictly(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // Not written so, or an encoding that no browser knows.
    return null;
  }
}

/** What Windows-1252 shows for the bytes 0x80 to 0x9f; the others are Latin-1. Written out: Node 20 decodes them as Latin-1. */
const windows1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** Runs of at least two characters that single bytes above 0x7f can stand for. */
const suspicious = new RegExp(`[\\u0080-\\u00ff${windows1252}]{2,}`, 'g');

/**
 * Undoes "UTF-8 read as Windows-1252 or Latin-1 and written as UTF-8 again" (`å·®` was `差`), up to twice over. Runs
 * that are not UTF-8 when taken as bytes stay as they are: `Ä±` does not become a letter of another language unless it
 * could have been one.
 */
export function repairDoubleEncoding(text: string): string {
  const once = repairOnce(text);
  return once === text ? text : repairOnce(once);
}

function repairOnce(text: string): string {
  return text.replace(suspicious, (run) => {
    const bytes = Uint8Array.from(run, (char) => {
      const place = windows1252.indexOf(char);
      return place < 0 ? char.charCodeAt(0) : 0x80 + place;
    });
    return decodeStrictly(bytes, 'utf-8') ?? run;
  });
}
