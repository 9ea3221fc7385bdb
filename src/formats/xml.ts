// Reads the XML of annotation files, element by element, without building a tree.
// Own code and not a library: on a file of 4 KB saxes allocates 53 times and fast-xml-parser 142 times the text, on
// 40 KB of empty elements 78 and 180 times; entities are where XML readers are attacked, and this one declares none.
import { UserError } from '../errors';
import { lineAt } from './lines';

export interface XmlHandler {
  /** An element begins; `path` holds the names from the root to it and changes after the call. */
  open?(path: readonly string[]): void;
  /** An element ends. `text` is what stands directly in it, trimmed, references replaced. */
  close(path: readonly string[], text: string): void;
}

const largestDepth = 32;
const namePattern = /[^\s/>=<"']{1,100}/y;
const predefined: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * Walks a whole document: elements, text, CDATA, comments, instructions; attributes are skipped. A document type with
 * declarations is refused, so no reference can grow ("billion laughs").
 * @param path only named in errors.
 * @throws UserError with a code that starts with `xml-`, naming file and line.
 */
export function readXml(text: string, path: string, handler: XmlHandler): void {
  const names: string[] = [];
  /** Text of each open element so far. */
  const texts: string[] = [];
  /** Roots that have ended: there may be one. */
  let roots = 0;
  let at = 0;

  const fail = (code: string, what: string, where: number): UserError => {
    const line = lineAt(text, where);
    return new UserError(code, `${what} (${path}, line ${line})`, { path, line });
  };
  const broken = (what: string, where: number): UserError =>
    fail('xml-broken', `This is not well-formed XML: ${what}; mend it or save it again`, where);
  /** Just behind the next `wanted`. */
  const behind = (wanted: string, from: number): number => {
    const found = text.indexOf(wanted, from);
    if (found < 0) throw broken(`"${wanted}" is missing`, at);
    return found + wanted.length;
  };
  const addText = (part: string, where: number): void => {
    if (names.length > 0) texts.push(texts.pop()! + part);
    else if (part.trim() !== '' && part.trim() !== '\ufeff') throw broken('text stands outside the root', where);
  };
  const readName = (from: number): string => {
    namePattern.lastIndex = from;
    const name = namePattern.exec(text)?.[0];
    if (name === undefined) throw broken('an element has no name', from);
    return name;
  };
  const close = (): void => {
    handler.close(names, texts.pop()!.trim());
    names.pop();
    if (names.length === 0) roots++;
  };

  while (at < text.length) {
    const next = text.indexOf('<', at);
    const end = next < 0 ? text.length : next;
    if (end > at)
      addText(
        decodeReferences(text.slice(at, end), (what) => fail('xml-entity', what, at)),
        at,
      );
    at = end;
    if (next < 0) break;
    if (text.startsWith('<!--', at)) at = behind('-->', at + 4);
    else if (text.startsWith('<?', at)) at = behind('?>', at + 2);
    else if (text.startsWith('<![CDATA[', at)) {
      const stop = behind(']]>', at);
      addText(text.slice(at + 9, stop - 3), at);
      at = stop;
    } else if (text.startsWith('<!', at)) {
      const stop = behind('>', at);
      if (/[[]|<!ENTITY/i.test(text.slice(at + 2, stop)))
        throw fail('xml-doctype', 'The file declares a document type of its own; remove <!DOCTYPE …>', at);
      at = stop;
    } else if (text.startsWith('</', at)) {
      const name = readName(at + 2);
      if (names.at(-1) !== name)
        throw broken(`</${name}> closes ${names.length > 0 ? `<${names.at(-1)!}>` : 'nothing'}`, at);
      at = behind('>', at);
      close();
    } else {
      const name = readName(at + 1);
      if (roots > 0) throw broken('there is a second root', at);
      if (names.length >= largestDepth)
        throw fail('xml-depth', `The elements nest deeper than ${largestDepth} levels`, at);
      names.push(name);
      texts.push('');
      const stop = tagEnd(text, at + 1 + name.length);
      if (stop < 0) throw broken(`<${name}> does not end`, at);
      handler.open?.(names);
      if (text[stop - 1] === '/') close();
      at = stop + 1;
    }
  }
  if (names.length > 0) throw broken(`<${names.at(-1)!}> is not closed; the file is cut off`, text.length);
  if (roots === 0) throw broken('it is empty', 0);
}

/** Index of the `>` that ends a tag, past quoted attribute values; -1 when there is none. */
function tagEnd(text: string, from: number): number {
  let quote = 0;
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === 0x3e) return i;
    else if (code === 0x22 || code === 0x27) quote = code;
    else if (code === 0x3c) return -1;
  }
  return -1;
}

function decodeReferences(text: string, fail: (what: string) => UserError): string {
  let out = '';
  let from = 0;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', from)) {
    const end = text.indexOf(';', at);
    const body = end < 0 ? '' : text.slice(at + 1, Math.min(end, at + 12));
    const char = /^#(\d+|x[\da-f]+)$/i.test(body)
      ? charOf(Number(body.slice(1).replace(/^x/i, '0x')))
      : predefined.get(body);
    if (char === undefined)
      throw fail(`"${text.slice(at, at + 12)}" is no reference that XML knows; write &amp; for &`);
    out += text.slice(from, at) + char;
    from = end + 1;
  }
  return from === 0 ? text : out + text.slice(from);
}

function charOf(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
