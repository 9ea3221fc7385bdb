// Reads the HIERARCHY part of a BVH file into a flat list of nodes, parents first.
import { UserError } from '../errors';

export type Axis = 'X' | 'Y' | 'Z';

/** One of a node's channels: a shift along, or a turn about (degrees), an axis. */
export interface BvhChannel {
  readonly kind: 'position' | 'rotation';
  readonly axis: Axis;
}

/**
 * A joint, or an End Site under the name `<parent>_End` (without channels). Of equal names the second is `<name>.001` and
 * so on, as Blender calls it.
 */
export interface BvhNode {
  readonly name: string;
  /** Index of the parent, -1 for the root; parents come before their children. */
  readonly parent: number;
  /** From the parent, in the file's unit. */
  readonly offset: readonly [number, number, number];
  readonly channels: readonly BvhChannel[];
  /** Index of the first of the node's channels in a frame's values. */
  readonly firstChannel: number;
}

/** What is wrong with a file, with the line (1-based) where it shows. */
export function bvhError(code: string, what: string, path: string, line: number): UserError {
  return new UserError(code, `${what} (${path}, line ${line})`, { path, line });
}

/** `0,5`, as programs write a half where that is the custom. */
export function isDecimalComma(text: string): boolean {
  return /^[-+]?\d*,\d+(e[-+]?\d+)?$/i.test(text);
}

export function decimalComma(text: string, path: string, line: number): UserError {
  const what = `Numbers are written with a decimal comma, as "${text.slice(0, 20)}"; export the file again with points, or replace the commas`;
  return bvhError('bvh-decimal-comma', what, path, line);
}

/** Skeletons have dozens of nodes; more than this is a damaged file. */
const largestNodeCount = 2000;

const motionLine = /^\s*MOTION\b/i;

/** Words and braces up to the end of the line that says MOTION, one at a time: a list of all would be many times the file. */
class Tokens {
  readonly #lines: readonly string[];
  readonly #path: string;
  #row = 0;
  #column = 0;
  #next: string | null = null;
  /** 1-based line of the next token, or of the last one at the end. */
  #line = 1;

  constructor(lines: readonly string[], path: string) {
    this.#lines = lines;
    this.#path = path;
  }

  get line(): number {
    this.peek();
    return this.#line;
  }

  /** The next token, or '' at the end. */
  peek(): string {
    return (this.#next ??= this.#read());
  }

  #read(): string {
    for (let line = this.#lines[this.#row]; line !== undefined; line = this.#lines[++this.#row]) {
      let start = this.#column;
      while (start < line.length && isBlank(line, start)) start++;
      if (start < line.length) {
        let end = start + 1;
        if (!isBrace(line, start)) while (end < line.length && !isBlank(line, end) && !isBrace(line, end)) end++;
        this.#column = end;
        this.#line = this.#row + 1;
        return line.slice(start, end);
      }
      if (motionLine.test(line)) break;
      this.#column = 0;
    }
    return '';
  }

  take(): string {
    const text = this.peek();
    this.#next = null;
    return text;
  }

  expect(wanted: string): void {
    const { line } = this;
    const got = this.take();
    if (got.toUpperCase() !== wanted)
      throw this.fail(
        'bvh-syntax',
        `Expected "${wanted}", found ${got === '' ? 'the end of the file' : `"${got.slice(0, 40)}"`}`,
        line,
      );
  }

  /** The rest of the line up to a brace: names may hold blanks. */
  takeName(): string {
    const { line } = this;
    const words: string[] = [];
    while (this.line === line && !['', '{', '}'].includes(this.peek())) words.push(this.take());
    if (words.length === 0) throw this.fail('bvh-syntax', 'A joint has no name', line);
    return words.join(' ');
  }

  number(what: string): number {
    const { line } = this;
    const text = this.take();
    const value = Number(text === '' ? NaN : text);
    if (isDecimalComma(text)) throw decimalComma(text, this.#path, line);
    if (!(Math.abs(value) <= 1e6)) throw this.fail('bvh-bad-number', `${what} is not a usable number`, line);
    return value;
  }

  fail(code: string, what: string, line = this.line): Error {
    return bvhError(code, `${what}; correct the skeleton or export the file again`, this.#path, line);
  }
}

function isBlank(line: string, at: number): boolean {
  return line.charCodeAt(at) <= 0x20 || line[at] === '\u00a0';
}

function isBrace(line: string, at: number): boolean {
  return line[at] === '{' || line[at] === '}';
}

/** The nodes, the number of channels in all, and the number of lines that the part takes. Throws UserError. */
export function readHierarchy(
  lines: readonly string[],
  path: string,
): { nodes: BvhNode[]; channels: number; endLine: number } {
  const tokens = new Tokens(lines, path);
  tokens.expect('HIERARCHY');
  tokens.expect('ROOT');
  const nodes: BvhNode[] = [];
  const names = new Map<string, number>();
  const open: number[] = [];
  let channels = 0;

  const addNode = (wanted: string, isEndSite: boolean, line: number): void => {
    if (nodes.length >= largestNodeCount)
      throw tokens.fail('bvh-too-many-joints', 'The skeleton has too many joints', line);
    const times = names.get(wanted) ?? 0;
    names.set(wanted, times + 1);
    const name = times === 0 ? wanted : `${wanted}.${String(times).padStart(3, '0')}`;
    tokens.expect('{');
    tokens.expect('OFFSET');
    const offset = [tokens.number('The offset'), tokens.number('The offset'), tokens.number('The offset')] as const;
    const own = isEndSite ? [] : readChannels(tokens);
    nodes.push({ name, parent: open.at(-1) ?? -1, offset, channels: own, firstChannel: channels });
    channels += own.length;
    open.push(nodes.length - 1);
  };

  addNode(tokens.takeName(), false, 2);
  while (open.length > 0) {
    const { line } = tokens;
    const word = tokens.take().toUpperCase();
    if (word === 'JOINT') addNode(tokens.takeName(), false, line);
    else if (word === 'END') {
      tokens.expect('SITE');
      // Some programs give it a name, which nobody refers to.
      if (tokens.peek() !== '{' && tokens.peek() !== '') tokens.takeName();
      addNode(`${nodes[open.at(-1)!]!.name.replace(/\.\d{3,}$/, '')}_End`, true, line);
    } else if (word === '}') open.pop();
    else if (word === '' || word === 'MOTION')
      throw tokens.fail('bvh-braces', `${open.length} opening braces are not closed`, line);
    else throw tokens.fail('bvh-syntax', `"${word.slice(0, 40)}" is not expected here`, line);
  }
  const { line } = tokens;
  if (tokens.peek() === '}') throw tokens.fail('bvh-braces', 'There is a closing brace too many', line);
  if (tokens.peek().toUpperCase() === 'ROOT')
    throw tokens.fail('bvh-two-roots', 'The file has a second ROOT; keep one person per file', line);
  const endLine = tokens.peek() === '' ? lines.length : line - 1;
  return { nodes, channels, endLine };
}

function readChannels(tokens: Tokens): BvhChannel[] {
  tokens.expect('CHANNELS');
  const count = tokens.number('The number of channels');
  if (!Number.isInteger(count) || count < 0 || count > 6)
    throw tokens.fail('bvh-channels', 'A joint must have 0 to 6 channels');
  const channels: BvhChannel[] = [];
  for (let i = 0; i < count; i++) {
    const { line } = tokens;
    const word = tokens.take();
    const match = /^([XYZ])(position|rotation)$/i.exec(word);
    if (!match) throw tokens.fail('bvh-channels', `"${word.slice(0, 40)}" is not a channel such as Xrotation`, line);
    channels.push({ axis: match[1]!.toUpperCase() as Axis, kind: match[2]!.toLowerCase() as BvhChannel['kind'] });
  }
  return channels;
}
