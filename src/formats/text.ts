// Turns bytes into text whichever way they were written: UTF-8, UTF-16 with a mark, GBK, or UTF-8 encoded twice.

export interface DecodedText {
  readonly text: string;
  /** `unknown`: neither UTF-8 nor GBK; what could not be read became U+FFFD. */
  readonly encoding: 'utf-8' | 'utf-16' | 'gbk' | 'unknown';
}

/** Reads text in the encoding that fits. GBK is read as its superset GB 18030. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (mark === 0xfffe || mark === 0xfeff)
    return { text: new TextDecoder(mark === 0xfffe ? 'utf-16le' : 'utf-16be').decode(bytes), encoding: 'utf-16' };
  const utf8 = decodeStrictly(bytes, 'utf-8');
  if (utf8 !== null) return { text: utf8, encoding: 'utf-8' };
  const gbk = decodeStrictly(bytes, 'gb18030');
  return gbk === null ? { text: new TextDecoder().decode(bytes), encoding: 'unknown' } : { text: gbk, encoding: 'gbk' };
}

function decodeStrictly(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
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
