// Encodings of label files, and the repair of text that was encoded twice.
import { describe, expect, it } from 'vitest';
import { splitLines } from '../../src/formats/lines';
import { decodeStart, decodeText, repairDoubleEncoding } from '../../src/formats/text';

const utf8 = (text: string) => new TextEncoder().encode(text);
/** What a program does that takes UTF-8 for the one-byte encoding of Western Windows and saves it as UTF-8. */
const twice = (text: string) => new TextDecoder('windows-1252').decode(utf8(text));

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const utf16 = (text: string) => latin1(Array.from(text, (char) => `${char}\0`).join(''));

describe('text', () => {
  it.each([
    ['UTF-8', utf8('车 café'), { text: '车 café', encoding: 'utf-8' }],
    ['UTF-8 with a mark', utf8('\ufeffcar'), { text: 'car', encoding: 'utf-8' }],
    ['GBK', Uint8Array.of(0xc8, 0xcb, 0xd4, 0xb1, 0x2c, 0xb4, 0xf2), { text: '人员,打', encoding: 'gbk' }],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x66, 0x8f, 0x61, 0), { text: '车a', encoding: 'utf-16' }],
    ['UTF-16 the other way round', Uint8Array.of(0xfe, 0xff, 0x8f, 0x66, 0, 0x61), { text: '车a', encoding: 'utf-16' }],
    ['UTF-16 without a mark', utf16('<a>Größe</a>'), { text: '<a>Größe</a>', encoding: 'utf-16' }],
    [
      'UTF-32',
      Uint8Array.of(0xff, 0xfe, 0, 0, 0x66, 0x8f, 0, 0, 0x97, 0xf6, 1, 0),
      { text: '车🚗', encoding: 'utf-32' },
    ],
    [
      'a declared encoding',
      latin1('<?xml version="1.0" encoding="ISO-8859-1"?><a>Größe</a>'),
      {
        text: '<?xml version="1.0" encoding="ISO-8859-1"?><a>Größe</a>',
        encoding: 'declared',
      },
    ],
    [
      'UTF-8 that is declared as UTF-16',
      utf8('<?xml version="1.0" encoding="utf-16"?><a>é</a>'),
      {
        text: '<?xml version="1.0" encoding="utf-16"?><a>é</a>',
        encoding: 'utf-8',
      },
    ],
    [
      'a declared GB 2312',
      Uint8Array.from([
        ...latin1("<?xml version='1.0' encoding='GB2312' standalone='yes'?><a>"),
        0xc8,
        0xcb,
        ...latin1('</a>'),
      ]),
      { text: "<?xml version='1.0' encoding='GB2312' standalone='yes'?><a>人</a>", encoding: 'declared' },
    ],
    [
      'a declared encoding that no browser knows',
      utf8('<?xml version="1.0" encoding="x-mac-klingon"?><a>é</a>'),
      { text: '<?xml version="1.0" encoding="x-mac-klingon"?><a>é</a>', encoding: 'utf-8' },
    ],
    [
      'UTF-16 without a mark, the other way round',
      latin1(Array.from('ab,cd,ef', (char) => `\0${char}`).join('')),
      { text: 'ab,cd,ef', encoding: 'utf-16' },
    ],
    ['nothing', new Uint8Array(0), { text: '', encoding: 'utf-8' }],
  ])('is read from %s', (_, bytes, want) => {
    expect(decodeText(bytes)).toEqual(want);
  });

  it('is told apart by its beginning, which may end within a character', () => {
    const bytes = utf8('a,车车');
    for (const end of [6, 7, 8]) expect(decodeStart(bytes.subarray(0, end))).toMatch(/^a,车/);
    expect(decodeStart(utf16('a,b,c').subarray(0, 9))).toMatch(/^a,b,/);
  });

  it('is read as far as possible from bytes of no known encoding', () => {
    expect(decodeText(Uint8Array.of(0x61, 0xff, 0x62))).toEqual({ text: 'a\ufffdb', encoding: 'unknown' });
  });

  it.each(['一名男子翻墙进入院子', 'Zwei Männer prügeln sich', '“quoted” – café', '🚗'])('is repaired: %s', (text) => {
    expect(twice(text)).not.toBe(text);
    expect(repairDoubleEncoding(twice(text))).toBe(text);
    expect(repairDoubleEncoding(twice(twice(text)))).toBe(text);
  });

  it.each(['一名男子翻墙', 'Männer, café, naïve', 'plain', '“quoted” – ÄÖÜ', ''])(
    'stays when nothing is wrong: %s',
    (text) => {
      expect(repairDoubleEncoding(text)).toBe(text);
    },
  );

  it('is repaired where it is broken, and stays elsewhere', () => {
    expect(repairDoubleEncoding(`{"a": "${twice('打架')}", "b": "打架 café"}`)).toBe('{"a": "打架", "b": "打架 café"}');
  });

  it('is cut into lines of any system', () => {
    expect(splitLines('a\r\nb\rc\n\nd')).toEqual(['a', 'b', 'c', '', 'd']);
  });
});
