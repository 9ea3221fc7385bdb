// Reads a YAML file of settings as dotted keys with their lines, and writes one.
import { Document, LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, type Node } from 'yaml';
import { UserError } from '../errors';

type Scalar = number | string | boolean | null;

export interface YamlEntry {
  /** Names of the maps that it lies in and its own, with dots between them. */
  readonly key: string;
  /** From 1. */
  readonly line: number;
  /** Undefined for what is no scalar and no list of them. */
  readonly value: Scalar | readonly Scalar[] | undefined;
}

/** More is no file of settings; an alias may stand for a scalar, so that no file can grow while it is read. */
const mostCharacters = 1 << 20;

/**
 * All entries in the order of the file, those of nested maps by dotted keys.
 * @throws UserError `yaml-size`, `yaml-syntax` with its line, or `yaml-map` for a file that is no map.
 */
export function readYaml(text: string): YamlEntry[] {
  if (text.length > mostCharacters)
    throw new UserError('yaml-size', 'A file of settings has at most a million characters.');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [mistake] = document.errors;
  if (mistake) {
    const { line, col: column } = lines.linePos(mistake.pos[0]);
    const reason = mistake.message;
    throw new UserError('yaml-syntax', `Line ${line}, column ${column} is not valid YAML: ${reason}`, {
      line,
      column,
      reason,
    });
  }
  const { contents } = document;
  if (contents === null) return [];
  if (!isMap(contents))
    throw new UserError('yaml-map', 'This is no list of settings: every line must be a key, a colon and a value.');
  const entries: YamlEntry[] = [];
  const collect = (map: Node | null, prefix: string): void => {
    if (!isMap(map)) return;
    for (const pair of map.items) {
      const key = prefix + (isScalar(pair.key) ? String(pair.key.value) : '?');
      const { line } = lines.linePos((pair.key as Node | null)?.range?.[0] ?? 0);
      if (isMap(pair.value)) collect(pair.value, `${key}.`);
      else entries.push({ key, line, value: valueOf(pair.value as Node | null) });
    }
  };
  const valueOf = (node: Node | null): YamlEntry['value'] => {
    if (node === null) return null;
    if (isAlias(node)) return scalarOf(node.resolve(document));
    return isSeq(node) ? listOf(node.items.map((item) => scalarOf(item))) : scalarOf(node);
  };
  collect(contents, '');
  return entries;
}

function scalarOf(node: unknown): Scalar | undefined {
  if (node === null) return null;
  if (!isScalar(node)) return undefined;
  const { value } = node;
  return value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
    ? value
    : undefined;
}

function listOf(items: readonly (Scalar | undefined)[]): readonly Scalar[] | undefined {
  return items.every((item) => item !== undefined) ? items : undefined;
}

/** A file with these entries, in this order, as nested maps; lists in one line. */
export function writeYaml(
  entries: readonly (readonly [string, Scalar | readonly Scalar[]])[],
  comment: string,
): string {
  const document = new Document({});
  document.commentBefore = ` ${comment}`;
  for (const [key, value] of entries) {
    const node = document.createNode(value);
    if (isSeq(node)) node.flow = true;
    document.setIn(key.split('.'), node);
  }
  return document.toString();
}
