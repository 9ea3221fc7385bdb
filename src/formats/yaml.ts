// Reads a YAML file of settings as dotted keys with their lines, and writes one.
import {
  Document,
  LineCounter,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Node,
  type YAMLMap,
} from 'yaml';
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

/** More is no file of settings. */
const mostCharacters = 1 << 20;

/** Aliases may stand for maps: so many entries no recipe has. */
const mostEntries = 10_000;
const deepest = 16;

/**
 * All entries in the order of the file, those of nested maps by dotted keys. Read as PyYAML reads it (YAML 1.1): merge
 * keys, aliases of maps, `yes` and `off`, `1e-4`. A map that is only there to be merged or repeated is told where it is.
 * @throws UserError `yaml-size`, `yaml-documents`, `yaml-syntax` with its line, or `yaml-map` for a file that is no map.
 */
export function readYaml(text: string): YamlEntry[] {
  if (text.length > mostCharacters) throw tooLarge();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.1' });
  const [mistake] = document.errors;
  if (mistake) {
    const { line, col: column } = lines.linePos(mistake.pos[0]);
    if (mistake.code === 'MULTIPLE_DOCS') {
      const message = `A second document begins in line ${line} (---): a file of settings is one; remove the others.`;
      throw new UserError('yaml-documents', message, { line });
    }
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
  return new Entries(document, lines).read(contents);
}

function tooLarge(): UserError {
  return new UserError('yaml-size', 'A file of settings has at most a million characters.');
}

class Entries {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  /** Anchors that an alias refers to. */
  readonly #used = new Set<string>();
  readonly #entries: YamlEntry[] = [];

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
    visit(document, { Alias: (_, { source }) => void this.#used.add(source) });
  }

  read(root: YAMLMap): YamlEntry[] {
    this.#collect(root, '', null, new Set(), 0);
    return this.#entries;
  }

  /**
   * Adds what a map says but for the keys in `said`.
   * @param line where the map is repeated or merged, or null where it stands itself.
   */
  #collect(map: YAMLMap, prefix: string, line: number | null, said: Set<string>, depth: number): void {
    if (depth > deepest || this.#entries.length > mostEntries) throw tooLarge();
    const merges: [Node | null, number][] = [];
    for (const { key: keyNode, value: valueNode } of map.items) {
      const name = isScalar(keyNode) ? (keyNode.source ?? String(keyNode.value)) : '?';
      const at = line ?? this.#lines.linePos((keyNode as Node | null)?.range?.[0] ?? 0).line;
      const node = valueNode as Node | null;
      if (name === '<<') merges.push([node, at]);
      else if (!said.has(name)) {
        said.add(name);
        this.#add(prefix + name, node, line, at, depth);
      }
    }
    // What a map says itself goes before what is merged into it, and of several the first.
    for (const [node, at] of merges) {
      const found = this.#resolved(node);
      for (const one of isSeq(found) ? found.items : [found]) {
        const merged = this.#resolved(one as Node | null);
        if (isMap(merged)) this.#collect(merged, prefix, at, said, depth + 1);
      }
    }
  }

  #add(key: string, node: Node | null, line: number | null, at: number, depth: number): void {
    const found = this.#resolved(node);
    if (!isMap(found)) this.#entries.push({ key, line: at, value: this.#valueOf(found) });
    else if (isAlias(node)) this.#collect(found, `${key}.`, at, new Set(), depth + 1);
    else if (found.anchor === undefined || !this.#used.has(found.anchor))
      this.#collect(found, `${key}.`, line, new Set(), depth + 1);
  }

  #resolved(node: Node | null): Node | null {
    return isAlias(node) ? ((node.resolve(this.#document) as Node | undefined) ?? null) : node;
  }

  #valueOf(node: Node | null): YamlEntry['value'] {
    if (node === null) return null;
    return isSeq(node)
      ? listOf(node.items.map((item) => scalarOf(this.#resolved(item as Node | null))))
      : scalarOf(node);
  }
}

function scalarOf(node: unknown): Scalar | undefined {
  if (node === null) return null;
  if (!isScalar(node)) return undefined;
  const { value, source } = node;
  // PyYAML takes neither for true or false.
  if (typeof value === 'boolean' && /^[yn]$/i.test(source ?? '')) return source;
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
    visit(node, {
      Scalar(_, scalar) {
        if (meansOther(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
      },
    });
    document.setIn(key.split('.'), node);
  }
  return document.toString();
}

/** A text that YAML 1.1 takes for true, false or a number. */
function meansOther(value: unknown): boolean {
  return typeof value === 'string' && /^([yn]|yes|no|on|off|[-+]?[\d.][\d_.:]*(e[-+]?\d+)?)$/i.test(value);
}
