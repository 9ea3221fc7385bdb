// Joins names in labels with files: by name, else by the one prefix or suffix in which all that is left differs.
import type { DataFile } from '../formats/dataFile';
import type { DataProblem } from './dataReport';
import { bareName, type Folder, type Media } from './folder';
import { finding } from './labelSet';

/** A file that labels name, by the likeliest name first. */
export interface WantedMedia {
  readonly names: readonly string[];
  /** The label file. */
  readonly near: string;
}

export interface JoinedMedia {
  /** For each that is wanted, null where it is not there. */
  readonly media: readonly (DataFile | null)[];
  readonly notices: readonly DataProblem[];
}

/** What stands before and after a name: on the files, or on the labels' side. */
interface Affix {
  readonly on: 'files' | 'labels';
  readonly before: string;
  readonly after: string;
}

/**
 * Data sets' own ways to call files, which hold even where only some of the files are of the set: ActivityNet's videos
 * are `v_<id>.mp4`, THUMOS14's `video_validation_0000051.mp4`, UCF-Crime's `Abuse001_x264.mp4`.
 */
const conventions: readonly (readonly [before: string, after: string])[] = [
  ['v_', ''],
  ['video_', ''],
  ['video_validation_', ''],
  ['video_test_', ''],
  ['', '_x264'],
];

/** Parts of a name at either end at which an affix may end. */
const mostParts = 8;

/** Finds every file that labels name. An affix is taken where it alone explains what is left, never where two might. */
export function joinMedia(folder: Folder, kind: Media, wanted: readonly WantedMedia[]): JoinedMedia {
  const media: (DataFile | null)[] = wanted.map(({ names, near }) => {
    for (const name of names) {
      const found = folder.find(name, kind, near);
      if (found !== null) return found;
    }
    return null;
  });
  const claimed = new Set(media.map((file) => file?.path));
  const free = folder.media(kind).filter(({ path }) => !claimed.has(path));
  const names = new Map<string, number[]>();
  for (const [i, { names: own }] of wanted.entries())
    if (media[i] === null) for (const name of own) addTo(names, bareName(name), i);
  if (names.size === 0 || free.length === 0) return { media, notices: [] };
  const affix = findAffix([...names.keys()], [...new Set(free.map(({ path }) => bareName(path)))]);
  if (affix === null) return { media, notices: [] };
  let matched = 0;
  for (const [name, places] of names)
    for (const i of places) {
      if (media[i] !== null) continue;
      const file = fileName(name, affix);
      media[i] = file === null ? null : folder.find(file, kind, wanted[i]!.near);
      if (media[i] !== null) matched++;
    }
  return { media, notices: [affixNotice(affix, matched, kind, wanted[0]!.near)] };
}

function addTo(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** What a file of this name in the labels is called, or null where the affix does not fit. */
function fileName(name: string, { on, before, after }: Affix): string | null {
  return on === 'files' ? before + name + after : without(name, before, after);
}

function without(name: string, before: string, after: string): string | null {
  const isThere = name.length > before.length + after.length && name.startsWith(before) && name.endsWith(after);
  return isThere ? name.slice(before.length, name.length - after.length) : null;
}

/** Names and the files that they would be by one affix. */
interface Match {
  readonly affix: Affix;
  readonly pairs: [name: string, file: string][];
}

/** The affix that matches most names, or null where none does or another matches these names to other files. */
function findAffix(names: readonly string[], files: readonly string[]): Affix | null {
  const matches = [
    ...matchesOf(files, names, 'files'),
    ...matchesOf(names, files, 'labels').map(({ affix, pairs }): Match => {
      return { affix, pairs: pairs.map(([file, name]) => [name, file]) };
    }),
  ];
  const [best] = matches
    .filter(({ affix }) => isKnown(affix) || (affix.on === 'files' ? files : names).every((long) => fits(long, affix)))
    .sort((a, b) => b.pairs.length - a.pairs.length);
  if (!best) return null;
  // One pair of many is chance, unless the data set is known to call its files so or nothing else is left.
  if (best.pairs.length === 1 && !isKnown(best.affix) && !(names.length === 1 && files.length === 1)) return null;
  const [byName, byFile] = [new Map(best.pairs), new Map(best.pairs.map(([name, file]) => [file, name]))];
  const clashes = ({ pairs }: Match): number =>
    pairs.filter(([name, file]) => (byName.get(name) ?? file) !== file || (byFile.get(file) ?? name) !== name).length;
  const isAmbiguous = matches.some((other) => other !== best && clashes(other) >= Math.max(1, best.pairs.length / 4));
  return isAmbiguous ? null : best.affix;
}

/** Every affix between separators, or letters and digits, that turns one of the shorter names into one of the longer. */
function matchesOf(longer: readonly string[], shorter: readonly string[], on: Affix['on']): Match[] {
  const wanted = new Set(shorter);
  const matches = new Map<string, Match>();
  for (const long of longer) {
    const marks = [...long.matchAll(/[^\p{L}\p{N}]+/gu)].map(
      ({ 0: mark, index }) => [index, index + mark.length] as const,
    );
    const starts = [0, ...startsIn(marks), ...turns(long, /(?<=\p{L})(?=\p{N})/gu).slice(0, mostParts)];
    const turned = turns(long, /(?<=\p{N})(?=\p{L})/gu).slice(-mostParts);
    const ends = [...marks.slice(-mostParts).map(([start]) => start), ...turned, long.length];
    for (const start of starts)
      for (const end of ends) {
        const short = long.slice(start, end);
        if (end <= start || short === long || !wanted.has(short)) continue;
        const affix = { on, before: long.slice(0, start), after: long.slice(end) };
        const key = `${affix.before}*${affix.after}`;
        const match = matches.get(key) ?? { affix, pairs: [] };
        match.pairs.push([short, long]);
        matches.set(key, match);
      }
  }
  return [...matches.values()];
}

/** Where letters go over into digits, or the other way: `clip12`. */
function turns(name: string, pattern: RegExp): number[] {
  return [...name.matchAll(pattern)].map(({ index }) => index);
}

/** Ids may begin with a separator themselves, as YouTube's do. */
function startsIn(marks: readonly (readonly [number, number])[]): number[] {
  return marks
    .slice(0, mostParts)
    .flatMap(([start, end]) => Array.from({ length: end - start }, (_, i) => start + i + 1));
}

function isKnown({ before, after }: Affix): boolean {
  return conventions.some(([start, end]) => start === before && end === after);
}

function fits(long: string, { before, after }: Affix): boolean {
  return without(long, before, after) !== null;
}

function affixNotice({ on, before, after }: Affix, matched: number, kind: Media, near: string): DataProblem {
  const unit = kind === 'video' ? ['video', 'videos'] : ['picture', 'pictures'];
  const parts = [...(before === '' ? [] : [`"${before}" before`]), ...(after === '' ? [] : [`"${after}" after`])].join(
    ' and ',
  );
  const way = on === 'files' ? 'adding' : 'taking away';
  const what = `${matched} ${unit[matched === 1 ? 0 : 1]!} matched after ${way} ${parts} the labels' names`;
  return finding('label-affix', what, near, { matched, way: on === 'files' ? 'add' : 'remove', before, after });
}
