// Lines of text, whichever system wrote it.

/** The lines without their ends (`\n`, `\r\n` or `\r`). A regular expression would take ten times the memory. */
export function splitLines(text: string): string[] {
  if (!text.includes('\r')) return text.split('\n');
  const lines = new Array<string>(countEnds(text) + 1);
  let start = 0;
  for (let i = 0; i < lines.length; i++) {
    let end = start;
    while (end < text.length && !isEnd(text.charCodeAt(end))) end++;
    lines[i] = text.slice(start, end);
    start = end + (isPair(text, end) ? 2 : 1);
  }
  return lines;
}

function countEnds(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) if (isEnd(text.charCodeAt(at)) && !isPair(text, at)) count++;
  return count;
}

function isEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

function isPair(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0x0d && text.charCodeAt(at + 1) === 0x0a;
}

/** The 1-based line of a place in the text. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** The line and column of a place in the text, both from 1. */
export function placeAt(text: string, index: number): { line: number; column: number } {
  return { line: lineAt(text, index), column: index - text.lastIndexOf('\n', index - 1) };
}
