// XML of annotation files: what is read, what is refused, and that nothing can grow.
import { describe, expect, it } from 'vitest';
import { readXml } from '../../src/formats/xml';

function leaves(text: string): string[] {
  const out: string[] = [];
  readXml(text, 'a.xml', { close: (path, value) => void out.push(`${path.join('/')}=${value}`) });
  return out;
}

describe('XML', () => {
  it('gives the text of each element with its path', () => {
    const text = `<?xml version="1.0"?>\n<!DOCTYPE annotation>\n<!-- a <b> --><a x="1 > 0" y='"'>\n <b> Tom &amp; J&#233;r&#x72;y </b><b/><c><![CDATA[<&]]></c></a>\n`;
    expect(leaves(text)).toEqual(['a/b=Tom & Jérry', 'a/b=', 'a/c=<&', 'a=']);
  });

  it('reports beginnings before ends', () => {
    const seen: string[] = [];
    readXml('<a><b/></a>', 'a', {
      open: (p) => void seen.push(`+${p.at(-1)}`),
      close: (p) => void seen.push(`-${p.at(-1)}`),
    });
    expect(seen).toEqual(['+a', '+b', '-b', '-a']);
  });

  const laughs = `<!DOCTYPE a [<!ENTITY x "ha">${Array.from({ length: 9 }, (_, i) => `<!ENTITY x${i} "&x;&x;&x;">`).join('')}]><a>&x8;</a>`;
  it.each([
    ['nothing', '', 'xml-broken'],
    ['text alone', 'hello', 'xml-broken'],
    ['an open element', '<a>\n<b></b>', 'xml-broken'],
    ['a wrong end', '<a></b>', 'xml-broken'],
    ['an end too many', '<a></a></a>', 'xml-broken'],
    ['two roots', '<a/><b/>', 'xml-broken'],
    ['an unclosed comment', '<a><!-- </a>', 'xml-broken'],
    ['an unclosed tag', '<a><b </a>', 'xml-broken'],
    ['an unclosed value', '<a b="></a>', 'xml-broken'],
    ['a name that is missing', '<a>< b></a>', 'xml-broken'],
    ['text behind the root', '<a/>text', 'xml-broken'],
    ['a bare ampersand', '<a>Tom & Jerry</a>', 'xml-entity'],
    ['an unknown reference', '<a>&nbsp;</a>', 'xml-entity'],
    ['a reference that every object has', '<a>&constructor;</a>', 'xml-entity'],
    ['a character beyond Unicode', '<a>&#x110000;</a>', 'xml-entity'],
    ['a billion laughs', laughs, 'xml-doctype'],
    ['an entity from outside', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'xml-doctype'],
    ['deep nesting', '<a>'.repeat(100_000), 'xml-depth'],
  ])('refuses %s', (_, text, code) => {
    expect(() => leaves(text)).toThrow(expect.objectContaining({ name: 'UserError', code }));
  });

  it('names file and line', () => {
    expect(() => leaves('<a>\n<b>\n</c>\n</a>')).toThrow(/a\.xml, line 3/);
  });
});
