// Text as CLIP's tokenizer wants it: what ftfy's fix_text mends, HTML entities, one space between words, lower case.
//
// Left out of ftfy 6.3.1: guessing at mis-decoded text in other encodings than Windows-1252 and Latin-1.
import { repairDoubleEncoding } from '../formats/text';
import { unescapeHtml } from './htmlEntities';

/** Letters that Unicode keeps for old encodings as one character; both spellings look alike. */
const ligatures: Readonly<Record<string, string>> = {
  Ĳ: 'IJ', ĳ: 'ij', ŉ: 'ʼn', Ǆ: 'DŽ', ǅ: 'Dž', ǆ: 'dž', Ǉ: 'LJ', ǈ: 'Lj', ǉ: 'lj', Ǌ: 'NJ', ǋ: 'Nj', ǌ: 'nj',
  Ǳ: 'DZ', ǲ: 'Dz', ǳ: 'dz', ﬀ: 'ff', ﬁ: 'fi', ﬂ: 'fl', ﬃ: 'ffi', ﬄ: 'ffl', ﬅ: 'ſt', ﬆ: 'st',
}; // prettier-ignore
const ligature = new RegExp(`[${Object.keys(ligatures).join('')}]`, 'g');

const wideOrNarrow = /[\u3000\uff01-\uffef]/g;
const singleQuotes = /[\u02bc\u2018-\u201b]/g;
const doubleQuotes = /[\u201c-\u201f]/g;
const lineBreaks = /\r\n|[\r\u2028\u2029\u0085]/g;
const terminalEscapes = /\u001b\[[\d;]*[a-zA-Z]/g;
const controls = /[\u0000-\u0008\u000b\u000e-\u001f\u007f\u206a-\u206f\ufeff\ufff9-\ufffc]/g;

/** As ftfy.fix_text: quotes, ligatures, full width, line breaks, control characters, NFC, UTF-8 encoded twice. */
function fixText(text: string): string {
  const unescaped = text.includes('<') ? text : unescapeHtml(text);
  return repairDoubleEncoding(unescaped.replace(terminalEscapes, ''))
    .replace(ligature, (letter) => ligatures[letter]!)
    .replace(wideOrNarrow, (character) => character.normalize('NFKC'))
    .replace(singleQuotes, "'")
    .replace(doubleQuotes, '"')
    .replace(lineBreaks, '\n')
    .replace(controls, '')
    .normalize('NFC');
}

/** What CLIP's SimpleTokenizer splits into words; Radford et al. 2021, arXiv:2103.00020. */
export function cleanText(text: string): string {
  return unescapeHtml(unescapeHtml(fixText(text)))
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}
