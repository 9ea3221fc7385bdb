// What a group's cases.ts exports: kinds of recordings and how each is compared, whatever its file is called.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { worstOf, type GoldenResult } from '../helpers/golden';
import { Recording } from '../helpers/recording';

/** Opens a device at the first call. */
export type OpenDevice = () => Promise<GPUDevice>;

type Cases = Iterable<GoldenResult> | AsyncIterable<GoldenResult> | Promise<readonly GoldenResult[]>;

export interface Kind<File> {
  /** Files of this kind that have been recorded; one that does not lie there is listed as absent. */
  readonly files: readonly string[];
  /** Whether a file under another name is of this kind. */
  readonly takes?: (file: File) => boolean;
  /** Verdicts on a file, named as they are shown after the file's own name. */
  readonly cases: (file: File, device: OpenDevice) => Cases;
}

export interface Table {
  readonly label: string;
  readonly folder: string;
  readonly value: unknown;
}

export interface GoldenGroup {
  /** Kinds of .safetensors files; the first that takes a file has it. */
  readonly tensors?: readonly Kind<Recording>[];
  /** Kinds of .json files. */
  readonly tables?: readonly Kind<Table>[];
  /** Files that nothing is compared with yet, and why. */
  readonly waiting?: Readonly<Record<string, string>>;
}

export interface Choice {
  /** Text that the shown names hold. */
  readonly only?: string | undefined;
  /** Full-size models, whose gradients are recorded by their norms: minutes each. */
  readonly long: boolean;
  readonly quick: boolean;
}

/** A verdict, a remark, or a file that is not of the size asked for. */
export type Said = { readonly result: GoldenResult } | { readonly note: string } | { readonly skipped: string };

/** Whether a recording is of a model too large to be stored whole. */
export const isLong = (file: Recording): boolean => /\[l2 norm/i.test(file.notes);

/** Judges every file of a group that lies in `folder`; names what is absent and what nobody compares. */
export async function* judgeGroup(
  name: string,
  group: GoldenGroup,
  folder: string,
  device: OpenDevice,
  choice: Choice,
): AsyncIterable<Said> {
  const files = readdirSync(folder).sort();
  const known = [...(group.tensors ?? []), ...(group.tables ?? [])].flatMap((kind) => kind.files);
  const lying = new Set(files.map((file) => basename(file, extname(file))));
  const absent = [...known, ...Object.keys(group.waiting ?? {})].filter((file) => !lying.has(file));
  if (absent.length > 0) yield { note: `absent: ${absent.map((file) => `${name}/${file}`).join(', ')}` };
  for (const file of files) {
    const stem = basename(file, extname(file));
    const waiting = group.waiting?.[stem];
    if (waiting !== undefined) yield { note: `not compared: ${name}/${stem}, ${waiting}` };
    else if (file.endsWith('.safetensors')) {
      const recording = new Recording(name, folder, stem);
      yield* judgeFile(kindOf(group.tensors, stem, recording), recording, device, choice, isLong(recording));
    } else if (file.endsWith('.json')) {
      const value = JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown;
      const table = { label: `${name}/${stem}`, folder, value };
      yield* judgeFile(kindOf(group.tables, stem, table), table, device, choice, false);
    }
  }
}

function kindOf<File>(kinds: readonly Kind<File>[] = [], stem: string, file: File): Kind<File> | undefined {
  return kinds.find((kind) => kind.takes?.(file)) ?? kinds.find((kind) => kind.files.includes(stem));
}

async function* judgeFile<File extends { readonly label: string }>(
  kind: Kind<File> | undefined,
  file: File,
  device: OpenDevice,
  { only = '', long, quick }: Choice,
  isLong: boolean,
): AsyncIterable<Said> {
  const { label } = file;
  if (!label.includes(only) && !only.startsWith(`${label}/`)) return;
  if (isLong ? !long : !quick) {
    yield { skipped: label };
    return;
  }
  if (kind === undefined) {
    yield { result: failure(`${label}: no case of this group takes the file`) };
    return;
  }
  try {
    for await (const result of await kind.cases(file, device)) {
      const shown = `${label}/${result.name}`;
      if (shown.includes(only)) yield { result: { ...result, name: shown } };
    }
    if (file instanceof Recording && only.length <= label.length) yield { result: file.coverage() };
  } catch (error) {
    yield {
      result: failure(`${label} stopped: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    };
  }
}

export function failure(name: string): GoldenResult {
  return { name, worst: Infinity, tolerance: 0, ok: false };
}

/** A text file beside the recordings; throws where it is absent. */
export function textBeside(folder: string, file: string): string {
  const path = join(folder, file);
  if (!existsSync(path)) throw new Error(`${file} is absent`);
  return readFileSync(path, 'utf8');
}

/** Verdicts under headings: one line each, the worst counts. */
export class Headings {
  readonly #results = new Map<string, GoldenResult[]>();

  add(heading: string, ...results: readonly GoldenResult[]): void {
    const known = this.#results.get(heading);
    if (known) known.push(...results);
    else this.#results.set(heading, [...results]);
  }

  lines(prefix = ''): GoldenResult[] {
    return [...this.#results].flatMap(([heading, results]) =>
      results.length > 0 ? [worstOf(`${prefix}${heading}`, results)] : [],
    );
  }
}
