// A dropped folder: its files by path and by name, and its texts, whatever program wrote them.
import { UserError } from '../errors';
import { commonFolder, fileName, insidePath, isLitter, stemOf } from '../formats/filePaths';
import { parseJson } from '../formats/json';
import { decodeStart, decodeText, repairDoubleEncoding } from '../formats/text';
import type { DataFile } from '../formats/dataFile';
import type { DataProblem } from './dataReport';
import { notFootage, type NotFootage } from './footage';
import { finding } from './labelSet';

const videoExtensions =
  'mp4 m4v mov qt webm mkv avi divx ogv ts mts m2ts m2t mpg mpeg m2v vob mod wmv asf flv f4v 3gp 3g2 mxf rm rmvb'.split(
    ' ',
  );
const imageExtensions = 'jpg jpeg jpe jfif png webp avif bmp gif tif tiff heic heif jp2 ppm pgm'.split(' ');
export type Media = 'video' | 'image';

/** Files that are made of videos and called like them, in lists of features and of labels. */
const madeExtensions = 'npy npz pkl pt pth h5 hdf5 mat csv txt xml json'.split(' ');

/** What labels write behind a name; `clip.v2` and `take_12.5` have nothing there. */
const writtenExtension = new RegExp(`\\.(${[...videoExtensions, ...imageExtensions, ...madeExtensions].join('|')})$`);

/** A name in lower case without folders and without what says which kind of file it is. */
export function bareName(name: string): string {
  const base = fileName(name.replaceAll('\\', '/')).toLowerCase();
  return writtenExtension.test(base) ? stemOf(base) : base;
}

/** No label file is larger, and far beyond lies the longest string of a browser. */
const largestTextBytes = 200_000_000;

const sniffedBytes = 8000;

export function extensionOf(path: string): string {
  return /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
}

export function mediaOf(path: string): Media | null {
  const extension = extensionOf(path);
  if (videoExtensions.includes(extension)) return 'video';
  return imageExtensions.includes(extension) ? 'image' : null;
}

export class Folder {
  /** Sorted by path, without what is hidden and what operating systems leave. */
  readonly files: readonly DataFile[];
  readonly #found: DataProblem[] = [];
  readonly #hidden: readonly string[];
  /** Pictures and videos that are no footage; those that labels name are footage after all. */
  readonly #left = new Map<string, NotFootage>();
  readonly #repairText: boolean;
  readonly #root: number;
  readonly #noticed = new Set<string>();
  readonly #byName = new Map<string, DataFile[]>();
  readonly #byStem = new Map<string, DataFile[]>();

  /**
   * @param repairText whether texts in GBK and twice-encoded UTF-8 are read as they were meant.
   * @throws UserError `path-outside` when a path leaves the folder.
   */
  constructor(files: readonly DataFile[], repairText = false) {
    this.#repairText = repairText;
    const inside = files.map(({ path, blob }) => ({ path: insidePath(path), blob }));
    // The folder that somebody chose may be called as they like.
    const root = commonFolder(inside.map(({ path }) => path)).length;
    this.#root = root;
    this.#hidden = inside.map(({ path }) => path).filter((path) => isLitter(path.slice(root)));
    this.files = inside.filter(({ path }) => !isLitter(path.slice(root))).sort((a, b) => (a.path < b.path ? -1 : 1));
    const media = this.files.filter(({ path }) => mediaOf(path) !== null);
    for (const { path } of media) {
      const kind = notFootage(path.slice(root));
      if (kind !== null) this.#left.set(path, kind);
    }
    // Where all is called so, it is how somebody calls their footage.
    if (this.#left.size === media.length) this.#left.clear();
    for (const file of this.files) {
      addTo(this.#byName, fileName(file.path).toLowerCase(), file);
      if (mediaOf(file.path) !== null) addTo(this.#byStem, stemOf(file.path).toLowerCase(), file);
    }
  }

  /** A file's path without the folders that all files lie in, which somebody may have called as they like. */
  inside(path: string): string {
    return path.slice(this.#root);
  }

  withExtension(...extensions: readonly string[]): DataFile[] {
    return this.files.filter(({ path }) => extensions.includes(extensionOf(path)));
  }

  /** Footage alone: no masks, thumbnails or maps, unless labels name them. */
  media(kind: Media): DataFile[] {
    return this.files.filter(({ path }) => mediaOf(path) === kind && !this.#left.has(path));
  }

  /** What was noticed about texts while they were read, and what is left out, one for each kind. */
  get notices(): readonly DataProblem[] {
    const kinds = new Map<NotFootage | 'hidden', string[]>();
    for (const [path, kind] of this.#left) kinds.set(kind, [...(kinds.get(kind) ?? []), path]);
    if (this.#hidden.length > 0) kinds.set('hidden', [...this.#hidden]);
    return [...this.#found, ...[...kinds].map(([kind, paths]) => leftOut(kind, paths))];
  }

  /** Adds what a reader noticed. */
  notice(found: DataProblem): void {
    this.#found.push(found);
  }

  /**
   * The video or image that labels mean by `name`: its path, or only the end of it, with or without extension, in any
   * case; foreign folders in front (`/home/x/`, `D:\`) do not count. Of several the one that shares most of the path
   * and then lies nearest to `near` wins. What is no footage is found only by its own name, or beside its labels.
   */
  find(name: string, kind: Media, near = ''): DataFile | null {
    const wanted = name.replaceAll('\\', '/').toLowerCase();
    const base = fileName(wanted);
    const named = this.#byName.get(base) ?? this.#byStem.get(base) ?? this.#byStem.get(bareName(base)) ?? [];
    let best: DataFile | null = null;
    let bestScore = -1;
    for (const file of named) {
      if (mediaOf(file.path) !== kind || !this.#isMeant(file.path, name, near)) continue;
      const path = file.path.toLowerCase();
      const score = 1000 * sharedEnd(foldersOf(path), foldersOf(wanted)) + sharedStart(path, near.toLowerCase());
      if (score > bestScore) [best, bestScore] = [file, score];
    }
    if (best !== null) this.#left.delete(best.path);
    return best;
  }

  #isMeant(path: string, name: string, near: string): boolean {
    if (!this.#left.has(path) || notFootage(fileName(path)) !== null) return true;
    return notFootage(name) !== null || (near !== '' && folderOf(near) === folderOf(path));
  }

  /** The beginning of a text file, decoded as `text` decodes it: for telling what it is. */
  async start({ blob }: DataFile): Promise<string> {
    return decodeStart(new Uint8Array(await blob.slice(0, sniffedBytes).arrayBuffer()));
  }

  /**
   * A text file's content.
   * @throws UserError `text-too-large`.
   */
  async text({ path, blob }: DataFile): Promise<string> {
    if (blob.size > largestTextBytes)
      throw new UserError('text-too-large', `This file is larger than 200 MB; save the labels in parts (${path})`, {
        path,
      });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const { text, encoding } = decodeText(bytes);
    if (encoding === 'unknown')
      this.#notice('text-unreadable', 'Parts of this text are in no known encoding: save it as UTF-8', path);
    if (encoding === 'gbk') {
      const state = this.#repairText ? 'is read as such' : 'can be repaired';
      this.#notice('text-gbk', `This text is written in GBK, which ${state}`, path);
      return this.#repairText ? text : new TextDecoder().decode(bytes);
    }
    const repaired = repairDoubleEncoding(text);
    if (repaired === text) return text;
    const state = this.#repairText ? 'was undone' : 'can be repaired';
    this.#notice('text-double-encoded', `This text was encoded as UTF-8 twice, which ${state}`, path);
    return this.#repairText ? repaired : text;
  }

  /** A JSON file's value; throws what `text` and `parseJson` throw. */
  async json(file: DataFile): Promise<unknown> {
    return parseJson(await this.text(file), file.path);
  }

  /** One notice per file, however often it is read. */
  #notice(code: string, what: string, path: string): void {
    if (this.#noticed.has(path)) return;
    this.#noticed.add(path);
    this.#found.push(finding(code, what, path, { repaired: this.#repairText }));
  }
}

function addTo(map: Map<string, DataFile[]>, key: string, file: DataFile): void {
  const files = map.get(key);
  if (files) files.push(file);
  else map.set(key, [file]);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function foldersOf(path: string): string[] {
  return path.split('/').slice(0, -1);
}

/** How many of the last folders are the same. */
function sharedEnd(a: readonly string[], b: readonly string[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a.at(-1 - n) === b.at(-1 - n)) n++;
  return n;
}

/** How many of the first characters are the same. */
function sharedStart(a: string, b: string): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return Math.min(n, 999);
}

const leftOutWords: Readonly<Record<NotFootage | 'hidden', readonly [one: string, many: string]>> = {
  mask: ['mask', 'masks'],
  thumbnail: ['thumbnail, preview or sheet', 'thumbnails, previews or sheets'],
  map: ['map of depth, flow or the like', 'maps of depth, flow or the like'],
  hidden: ['hidden or system file', 'hidden or system files'],
};

function leftOut(kind: NotFootage | 'hidden', paths: readonly string[]): DataProblem {
  const files = paths.length;
  const [one, many] = leftOutWords[kind];
  const what = files === 1 ? `1 ${one} is left out: it is` : `${files} ${many} are left out: they are`;
  return finding('label-left-out', `${what} no footage`, [...paths].sort()[0]!, { files, kind });
}
