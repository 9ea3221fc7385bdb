// Runs as one .zip that another browser reads in again: record, views and checkpoints, and beside them what people read.
import { checksumOf } from '../formats/checksumOf';
import type { DataFile } from '../formats/dataFile';
import { pack, unpack } from '../formats/packedValue';
import type { Progress } from '../formats/progress';
import { broken, shownName } from '../formats/zipDirectory';
import { unzipFolder, type ZippedFile } from '../formats/zipFolder';
import { UserError } from '../errors';
import type { Moment, RunRecord } from '../training/protocol';
import { checkedRecord } from './recordSchema';
import type { KeptViews } from './runStore';

export interface ArchivedCheckpoint {
  readonly step: number;
  readonly blob: Blob;
}

export interface ArchivedRun {
  readonly record: RunRecord;
  readonly views: KeptViews;
  readonly checkpoints: readonly ArchivedCheckpoint[];
}

/** `others` are for people and other programs, by their path in the run's folder; nobody reads them in again. */
export interface RunToArchive extends ArchivedRun {
  readonly others: readonly DataFile[];
}

/** The file at the top that says what the archive is. */
interface Contents {
  readonly format: number;
  /** Of the runs, in the order of the list. */
  readonly folders: readonly string[];
}

const format = 1;
const contentsName = 'tabtune.json';
const moments: readonly Moment[] = ['before', 'now', 'after'];

/** The files of an archive, one folder for each run. */
export function archiveFiles(runs: readonly RunToArchive[]): DataFile[] {
  const folders = foldersOf(runs.map(({ record }) => record.name));
  const contents: Contents = { format, folders };
  return [
    { path: contentsName, blob: new Blob([JSON.stringify(contents, null, 1)]) },
    ...runs.flatMap((run, i) => filesOf(run).map(({ path, blob }) => ({ path: `${folders[i]!}/${path}`, blob }))),
  ];
}

/**
 * The runs of an archive, wherever in it their folders lie; its other files are left alone.
 * @param name only named in errors.
 * @throws UserError `zip-…`, `archive-no-runs`, `archive-newer`, `archive-record`, `packed-broken`, `file-unreadable`.
 */
export async function readArchive(archive: Blob, name: string, progress?: Progress): Promise<ArchivedRun[]> {
  const files = await unzipFolder(archive, name, isOurs);
  const contents = files.find(({ path }) => path === contentsName || path.endsWith(`/${contentsName}`));
  if (!contents) throw noRuns(name);
  const base = contents.path.slice(0, -contentsName.length);
  const { format: written, folders } = await readContents(contents.blob, name);
  if (written !== format)
    throw new UserError(
      'archive-newer',
      `This archive was written by a newer version of Tabtune; reload the page (${name})`,
      {
        path: name,
      },
    );
  const runs: ArchivedRun[] = [];
  for (const [i, folder] of folders.entries()) {
    progress?.(folder, i, folders.length);
    const begin = `${base}${folder}/`;
    const own = files.filter(({ path }) => path.startsWith(begin));
    runs.push(
      await readRun(new Map(own.map((file) => [file.path.slice(begin.length), file])), shownName(name, folder)),
    );
  }
  return runs;
}

function filesOf({ record, views, checkpoints, others }: RunToArchive): DataFile[] {
  const shown = moments.filter((moment) => views[moment] !== undefined);
  return [
    ...others,
    ...packedFiles('record', portable(record)),
    ...shown.flatMap((moment) => packedFiles(`views/${moment}`, views[moment])),
    ...checkpoints.map(({ step, blob }) => ({ path: `checkpoints/step-${step}.safetensors`, blob })),
  ];
}

/** Resized frames, and the way to a folder, mean something to one browser alone. */
function portable(record: RunRecord): RunRecord {
  const kept = Object.entries(record).filter(([key]) => key !== 'frames' && key !== 'folder');
  return Object.fromEntries(kept) as unknown as RunRecord;
}

function packedFiles(path: string, value: unknown): DataFile[] {
  const { json, bytes } = pack(value);
  const text = { path: `${path}.json`, blob: new Blob([json]) };
  return bytes.size === 0 ? [text] : [text, { path: `${path}.bin`, blob: bytes }];
}

function isOurs(path: string): boolean {
  return /(^|[\\/])(tabtune\.json|record\.(json|bin)|views[\\/]\w+\.(json|bin)|checkpoints[\\/]step-\d+\.safetensors)$/.test(
    path,
  );
}

type RunFiles = ReadonlyMap<string, ZippedFile>;

async function readRun(files: RunFiles, shown: string): Promise<ArchivedRun> {
  const record = portable(checkedRecord(await readPacked(files, 'record', shown), `${shown}/record.json`));
  const views: Partial<Record<Moment, unknown>> = {};
  for (const moment of moments) {
    const view = await readPacked(files, `views/${moment}`, shown);
    if (view !== undefined) views[moment] = view;
  }
  const checkpoints: ArchivedCheckpoint[] = [];
  for (const [path, file] of files) {
    const step = /^checkpoints\/step-(\d+)\.safetensors$/.exec(path)?.[1];
    if (step === undefined) continue;
    if ((await checksumOf(file.blob, file.path)) !== file.crc)
      throw broken('A file of the archive is damaged', file.path);
    checkpoints.push({ step: Number(step), blob: file.blob });
  }
  return { record, views, checkpoints };
}

/** Undefined where the archive has no such value. */
async function readPacked(files: RunFiles, path: string, shown: string): Promise<unknown> {
  const [text, bytes] = [files.get(`${path}.json`), files.get(`${path}.bin`)];
  if (!text) return undefined;
  return await unpack({ json: await text.blob.text(), bytes: bytes?.blob ?? new Blob() }, `${shown}/${path}.json`);
}

async function readContents(blob: Blob, name: string): Promise<Contents> {
  try {
    const { format, folders } = JSON.parse(await blob.text()) as Partial<Contents>;
    if (typeof format === 'number' && Array.isArray(folders) && folders.every((one) => typeof one === 'string'))
      return { format, folders };
  } catch (cause) {
    throw noRuns(name, cause);
  }
  throw noRuns(name);
}

function noRuns(path: string, cause?: unknown): UserError {
  const message = `This archive holds no runs: choose a .zip that was saved under Runs (${path})`;
  return new UserError('archive-no-runs', message, { path }, { cause });
}

/** Names of runs as names of folders that every system allows, each only once. */
function foldersOf(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const safe = name.replace(/[\\/:*?"<>|\p{Cc}]+/gu, '-').replace(/^[.\s]+|[.\s]+$/g, '') || 'run';
    let folder = safe;
    for (let i = 2; taken.has(folder.toLowerCase()); i++) folder = `${safe} ${i}`;
    taken.add(folder.toLowerCase());
    return folder;
  });
}
