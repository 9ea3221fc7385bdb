// Finds where JSON stops being JSON: browsers' messages tell no position, or each in its own words.

/** Python's own words among them: another mistake is then the one to tell. */
const word = /^(?:true|false|null|NaN|-?Infinity|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

/** Index of the first token that does not belong; the text's length when something is missing at its end. */
export function jsonMistakeAt(text: string): number {
  const open: string[] = [];
  let state: 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'after' = 'value';
  for (let at = skipBlanks(text, 0), end = 0; at < text.length; at = skipBlanks(text, end)) {
    end = tokenEnd(text, at);
    const part = text.slice(at, end);
    const wantsValue: boolean = state === 'value' || state === 'value or end';
    const wantsKey: boolean = state === 'key' || state === 'key or end';
    if (part === '"' && (wantsValue || wantsKey)) {
      end = stringEnd(text, at);
      if (end < 0) return at;
      state = wantsKey ? 'colon' : 'after';
    } else if (wantsValue && (part === '[' || part === '{')) {
      open.push(part);
      state = part === '[' ? 'value or end' : 'key or end';
    } else if (part === ']' && open.at(-1) === '[' && (state === 'after' || state === 'value or end')) {
      open.pop();
      state = 'after';
    } else if (part === '}' && open.at(-1) === '{' && (state === 'after' || state === 'key or end')) {
      open.pop();
      state = 'after';
    } else if (part === ',' && state === 'after' && open.length > 0) state = open.at(-1) === '[' ? 'value' : 'key';
    else if (part === ':' && state === 'colon') state = 'value';
    else if (wantsValue && word.test(part)) state = 'after';
    else return at;
  }
  return text.length;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (' \t\n\r'.includes(text[at] ?? '-')) at++;
  return at;
}

/** Behind a sign, an opening quote, or a word. */
function tokenEnd(text: string, start: number): number {
  let end = start + 1;
  if ('[]{},:"'.includes(text[start]!)) return end;
  while (end < text.length && !' \t\n\r[]{},:"'.includes(text[end]!)) end++;
  return end;
}

/** Just behind the quote that ends the string at `start`; -1 when it does not end on its line. */
function stringEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i + 1;
    if (code < 0x20) return -1;
    if (code === 0x5c) i++;
  }
  return -1;
}
