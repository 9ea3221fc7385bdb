// What Python writes into JSON for numbers that are none (NaN, Infinity, -Infinity): read as such, with their places.
import { placeAt } from './lines';

export interface NotNumber {
  /** For example `annotations[3].area`. */
  readonly keyPath: string;
  readonly word: string;
  readonly line: number;
  readonly column: number;
}

/** A text that browsers parse, in which the n-th such word is a string of its number behind the mark. */
export interface MarkedText {
  readonly text: string;
  readonly mark: string;
  readonly words: readonly { readonly word: string; readonly at: number }[];
}

/** Only so many are named. */
const mostNamed = 1000;
const wordPattern = /-?Infinity|NaN/y;

/** The text with all such words outside of strings marked, or null where there are none. */
export function withoutNotNumbers(text: string): MarkedText | null {
  const words: { word: string; at: number }[] = [];
  const mark = '\ue000';
  // A string of the file's own that looks like ours would become a number.
  if (text.includes(mark)) return null;
  let out = '';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) {
      for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++;
      continue;
    }
    if (code !== 0x2d && code !== 0x49 && code !== 0x4e) continue;
    wordPattern.lastIndex = i;
    const word = wordPattern.exec(text)?.[0];
    if (word === undefined) continue;
    out += `${text.slice(from, i)}"${mark}${words.length}"`;
    words.push({ word, at: i });
    i += word.length - 1;
    from = i + 1;
  }
  return words.length === 0 ? null : { text: out + text.slice(from), mark, words };
}

/** The parsed marked text with numbers for the marks, and where the first of them stand in `original`. */
export function namedNotNumbers(
  root: unknown,
  { mark, words }: MarkedText,
  original: string,
): readonly [value: unknown, found: readonly NotNumber[]] {
  const found: NotNumber[] = [];
  const numberOf = (value: unknown, keyPath: () => string): number | null => {
    if (typeof value !== 'string' || !value.startsWith(mark)) return null;
    const { word, at } = words[Number(value.slice(mark.length))]!;
    if (found.length < mostNamed) found.push({ keyPath: keyPath(), word, ...placeAt(original, at) });
    return Number(word);
  };
  const visit = (value: unknown, keyPath: string): void => {
    if (Array.isArray(value)) {
      const list = value as unknown[];
      for (let i = 0; i < list.length; i++) {
        const number = numberOf(list[i], () => `${keyPath}[${i}]`);
        if (number !== null) list[i] = number;
        else if (typeof list[i] === 'object') visit(list[i], `${keyPath}[${i}]`);
      }
    } else if (typeof value === 'object' && value !== null) {
      const record = value as Record<string, unknown>;
      for (const key of Object.keys(record)) {
        const inner = keyPath === '' ? key : `${keyPath}.${key}`;
        const number = numberOf(record[key], () => inner);
        if (number !== null) Object.defineProperty(record, key, { value: number, enumerable: true });
        else if (typeof record[key] === 'object') visit(record[key], inner);
      }
    }
  };
  const whole = numberOf(root, () => '');
  if (whole === null) visit(root, '');
  return [whole ?? root, found];
}
