// Reads tables of labelled segments (CSV, TSV): video, label, start and end in seconds or hh:mm:ss, a line each.
import { UserError } from '../errors';
import { splitLines } from '../formats/lines';
import type { ActionSegment } from './activityNet';
import type { DataProblem } from './dataReport';
import { finding, type Split } from './labelSet';
import { splitNamed } from './splits';

/** What a table says of one video. */
export interface TableVideo {
  readonly name: string;
  /** Null where no column says it. */
  readonly split: Split | null;
  readonly durationSeconds: number | null;
  /** As the lines come: some may repeat others. */
  readonly segments: readonly ActionSegment[];
}

export interface SegmentTable {
  readonly videos: readonly TableVideo[];
  /** One for each line that cannot be used, and one for those beyond the first hundred. */
  readonly unusable: readonly DataProblem[];
}

type Column = 'video' | 'label' | 'start' | 'end' | 'split' | 'duration' | 'fps' | 'startFrame' | 'endFrame';
type Columns = Partial<Record<Column, number>> & { secondsPerUnit?: number };

/** Headings without what is no letter and without units, the likeliest first. */
const headings: Readonly<Record<Column, string>> = {
  video:
    'video videoid videoname filename file mediafile mediafilename videofile videofilename videopath youtubeid ytid clip clipid path name id',
  label: 'classname class action activity behavior behaviour category actionname labelname event label labels tag',
  start:
    'start starttime startseconds startsec starttimeseconds starts tstart timestart begin begintime segmentstart actionstart onset from',
  end: 'end endtime endseconds endsec endtimeseconds ends tend timeend stop stoptime finish segmentend actionend offset to',
  split: 'split subset set partition',
  duration: 'duration videoduration videolength length',
  fps: 'fps framerate',
  startFrame: 'startframe framestart beginframe firstframe fstart',
  endFrame: 'endframe frameend stopframe lastframe fend',
};

/** `Start (ms)`, `end_sec`, `Begin Time - ss.msec`: how a heading says in what it counts. */
const units = /[^a-z\d]+(hh?:?mm:?ss(\W*ms(ec)?)?|ss\W*msec|m?secs?|m?seconds?|milliseconds?|m?s)\W*$/i;

/** With more broken lines than this, and more than good ones, it is another file. */
const mostBrokenLines = 100;
const longestLine = 10_000;
const longestHeading = 60;
const mostCells = 64;

/** Whether a text begins like such a table: headings, or a first line with a name, a label and two times. */
export function looksLikeSegmentTable(text: string): boolean {
  const lines = splitLines(text.slice(0, 4000));
  const first = lines[firstLine(lines)] ?? '';
  return columnsOf(cellsOf(first, separatorOf(first))) !== null;
}

/** Excel's `sep=;` and lines of comment come before the table; a comment may be its headings. */
function firstLine(lines: readonly string[]): number {
  return lines.findIndex((line) => {
    const isComment = line.startsWith('#') && columnsOf(cellsOf(line, separatorOf(line))) === null;
    return line.trim() !== '' && !isComment && !/^sep=.$/i.test(line.trim());
  });
}

/**
 * Reads a table with headings in any order (`video,label,start,end`, and if wanted `split`, `duration`, or frames with
 * `fps`), or without headings in the order video, label, start, end or video, start, end, label. A line with a video and
 * nothing else is a video in which nothing happens.
 * @throws UserError `segments-columns`, or `segments-format` when most lines are broken.
 */
export function parseSegmentTable(text: string, path: string): SegmentTable {
  const lines = splitLines(text.replace(/^\ufeff/, ''));
  const begin = firstLine(lines);
  const first = lines[begin] ?? '';
  const separator = separatorOf(first);
  const found = columnsOf(cellsOf(first, separator));
  if (found === null)
    throw new UserError('segments-columns', `The table needs the columns video, label, start and end (${path})`, {
      path,
    });
  const videos = new Map<string, TableVideo & { segments: ActionSegment[] }>();
  const unusable: DataProblem[] = [];
  let [good, broken] = [0, 0];
  // Tables have very many lines: what is made for each is little.
  const row = new Row(found.columns);
  for (let i = begin + (found.hasHeadings ? 1 : 0); i < lines.length; i++) {
    const line = lines[i]!;
    if (line.trim() === '' || line.startsWith('#')) continue;
    const wrong = line.length > longestLine ? 'is far too long' : row.read(line, separator);
    if (wrong !== null) {
      broken++;
      if (broken > Math.max(mostBrokenLines, good)) {
        const what = `Most lines are broken; line ${i + 1} ${wrong} (${path}, line ${i + 1})`;
        throw new UserError('segments-format', what, { path, line: i + 1 });
      }
      if (broken <= mostBrokenLines)
        unusable.push(finding('segments-line', `Line ${i + 1} ${wrong}`, path, { line: i + 1 }));
      continue;
    }
    good++;
    let video = videos.get(row.video);
    if (!video) videos.set(row.video, (video = row.newVideo()));
    if (row.label === '') continue;
    video.segments.push({ startSeconds: row.start, endSeconds: row.end, label: row.label });
  }
  const rest = broken - unusable.length;
  if (rest > 0) unusable.push(finding('segments-lines', `${rest} more lines of this table are broken`, path, { rest }));
  return { videos: [...videos.values()], unusable };
}

/** One line at a time. */
class Row {
  readonly #columns: Columns;
  readonly #cells = new Cells();
  video = '';
  /** Empty for a video in which nothing happens. */
  label = '';
  /** In seconds. */
  start = 0;
  end = 0;

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  /** What is wrong with the line in the middle of a sentence, or null. */
  read(line: string, separator: string): string | null {
    this.#cells.split(line, separator);
    this.video = this.#cell('video');
    if (this.video === '') return 'names no video';
    this.label = this.#cell('label');
    const isFrames = this.#columns.start === undefined || this.#columns.end === undefined;
    const from = this.#cell(isFrames ? 'startFrame' : 'start');
    const to = this.#cell(isFrames ? 'endFrame' : 'end');
    if (this.label === '') return from === '' && to === '' ? null : 'has no label';
    const rate = isFrames ? Number(this.#cell('fps').replace(',', '.')) : 1 / (this.#columns.secondsPerUnit ?? 1);
    if (!(rate > 0)) return 'counts frames, but has no "fps"';
    const first = secondsOf(from);
    const last = secondsOf(to);
    if (first === null || last === null) {
      const wrong = (first === null ? from : to).slice(0, 20);
      return `has "${wrong}" where a time in seconds or hh:mm:ss should stand`;
    }
    this.start = first / rate;
    this.end = last / rate;
    return this.end > this.start ? null : `ends at ${this.end} s, before it starts`;
  }

  newVideo(): TableVideo & { segments: ActionSegment[] } {
    const duration = secondsOf(this.#cell('duration'));
    return {
      name: this.video,
      split: splitNamed(this.#cell('split')),
      durationSeconds: duration !== null && duration > 0 ? duration : null,
      segments: [],
    };
  }

  #cell(name: Column): string {
    const place = this.#columns[name];
    return place === undefined ? '' : this.#cells.text(place);
  }
}

const number = /^\d{1,9}(\.\d*)?(e[+-]?\d{1,2})?$/i;

/** `12.5`, `12,5`, `12.5 s`, `1:02.5`, `0:01:02.5` or pandas' `0 days 00:01:02` in seconds; null for anything else. */
function secondsOf(text: string): number | null {
  if (number.test(text)) return sane(Number(text));
  if (text === '' || text.length > 40) return null;
  const parts = text
    .replace(/^0 days /, '')
    .replace(/\s*s(ec(onds?)?)?$/i, '')
    .replace(',', '.')
    .split(':');
  if (parts.length > 3 || !parts.every((part) => number.test(part.trim()))) return null;
  return sane(parts.reduce((sum, part) => sum * 60 + Number(part), 0));
}

function sane(seconds: number): number | null {
  return seconds <= 1e7 ? seconds : null;
}

function columnsOf(first: readonly string[]): { columns: Columns; hasHeadings: boolean } | null {
  const spaced = first.map((cell) => cell.slice(0, longestHeading).replace(/([a-z])([A-Z])/g, '$1 $2'));
  const bare = spaced.map((cell) => cell.replace(units, ''));
  const words = bare.map((cell) => cell.toLowerCase().replace(/[^a-z]+/g, ''));
  const columns: Columns = {};
  for (const [column, names] of Object.entries(headings) as [Column, string][])
    for (const name of names.split(' ')) {
      const place = words.indexOf(name);
      if (place < 0) continue;
      columns[column] = place;
      break;
    }
  const has = (...wanted: readonly Column[]): boolean => wanted.every((name) => columns[name] !== undefined);
  if (has('video', 'label') && (has('start', 'end') || has('startFrame', 'endFrame'))) {
    const start = columns.start ?? 0;
    const unit = spaced[start]!.slice(bare[start]!.length);
    if (/(^|[^a-z.])(ms|msecs?|milliseconds?)\W*$/i.test(unit)) columns.secondsPerUnit = 0.001;
    return { columns, hasHeadings: true };
  }
  if (first.length < 4 || first[0] === '') return null;
  const isTime = first.map((cell) => cell !== '' && secondsOf(cell) !== null);
  if (isTime[2] === true && isTime[3] === true && isTime[1] === false)
    return { columns: { video: 0, label: 1, start: 2, end: 3 }, hasHeadings: false };
  if (isTime[1] === true && isTime[2] === true && isTime[3] === false)
    return { columns: { video: 0, start: 1, end: 2, label: 3 }, hasHeadings: false };
  return null;
}

/** The one that is most frequent in the line. */
function separatorOf(line: string): string {
  const count = (mark: string): number => {
    let [found, at] = [0, line.indexOf(mark)];
    for (; at >= 0 && at < longestLine; at = line.indexOf(mark, at + 1)) found++;
    return found;
  };
  return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

function cellsOf(line: string, separator: string): string[] {
  const cells = new Cells();
  cells.split(line, separator);
  return Array.from({ length: cells.count }, (_, i) => cells.text(i));
}

/** Where the cells of a line lie: most of them nobody asks for. */
class Cells {
  #line = '';
  /** Start and end of each cell; the end is negative where it is quoted. */
  readonly #places = new Int32Array(2 * mostCells);
  count = 0;

  split(line: string, separator: string): void {
    this.#line = line;
    this.count = 0;
    for (let at = 0; at <= line.length && this.count < mostCells;) {
      while (line[at] === ' ') at++;
      const isQuoted = line[at] === '"';
      let end = isQuoted ? at + 1 : line.indexOf(separator, at);
      if (isQuoted)
        while (end < line.length && (line[end] !== '"' || line[end + 1] === '"')) end += line[end] === '"' ? 2 : 1;
      if (end < 0) end = line.length;
      this.#places[2 * this.count] = isQuoted ? at + 1 : at;
      this.#places[2 * this.count + 1] = isQuoted ? -end : end;
      this.count++;
      const stop = isQuoted ? line.indexOf(separator, end) : end;
      at = (stop < 0 ? line.length : stop) + 1;
    }
  }

  /** A cell, trimmed; empty where there is none. */
  text(place: number): string {
    if (place >= this.count) return '';
    const [start, end] = [this.#places[2 * place]!, this.#places[2 * place + 1]!];
    return end >= 0 ? this.#line.slice(start, end).trim() : this.#line.slice(start, -end).replaceAll('""', '"').trim();
  }
}
