// Lines of text, whichever system wrote it.

/** The lines without their ends (`\n`, `\r\n` or `\r`). Splitting by a regular expression takes ten times the memory. */
export function splitLines(text: string): string[] {
  const unix = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  return unix.split('\n');
}

/** The 1-based line of a place in the text. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
