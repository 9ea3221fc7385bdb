// A folder of videos with temporal action labels: which videos are there, which labels are usable.
import type { DataFile } from '../formats/dataFile';
import type { DataProblem, DataReport } from './dataReport';
import { parseActivityNet, segmentFrames, type ActionEntry, type ActivityNet } from './activityNet';
import type { Folder } from './folder';
import { finding, missingMedia, reportOf, unlabelled, type LabelledItem, type LabelSet } from './labelSet';
import { joinMedia } from './mediaNames';
import { parseSegmentTable, type TableVideo } from './segmentTable';
import { splitGroups, splitInPath, splitOfFolders } from './splits';

export type ActionVideo = LabelledItem & Omit<ActionEntry, 'file'>;

/**
 * Reads `labels` and joins its entries with the videos of the folder. Labels that a class list of the folder does not
 * name are left out, unless `list` is null. Throws what `parseActivityNet` throws.
 */
export async function readActionFolder(
  folder: Folder,
  labels: DataFile,
  list: DataFile | null | undefined = classListOf(folder),
): Promise<LabelSet<ActionVideo>> {
  const classList = list ? await folder.text(list) : null;
  return joinActions(folder, parseActivityNet(await folder.text(labels), labels.path, classList), [labels.path]);
}

function classListOf(folder: Folder): DataFile | undefined {
  return folder.files.find(({ path }) => /(^|\/)(classes|category_idx)\.txt$/i.test(path));
}

/**
 * Reads tables of segments; where no column tells the split, the table's name or folder does, else the video's folder, and
 * without any it is 70/15/15. Throws what `parseSegmentTable` throws.
 */
export async function readSegmentTables(folder: Folder, labels: readonly DataFile[]): Promise<LabelSet<ActionVideo>> {
  const unusable: DataProblem[] = [];
  const notices: DataProblem[] = [];
  const videos = new Map<string, TableVideo>();
  for (const file of labels) {
    const table = parseSegmentTable(await folder.text(file), file.path);
    unusable.push(...table.unusable);
    let repeated = 0;
    for (const video of table.videos) {
      const known = videos.get(video.name);
      const split = known?.split ?? video.split ?? splitInPath(folder.inside(file.path));
      const all = [...(known?.segments ?? []), ...video.segments];
      const segments = distinct(all);
      repeated += all.length - segments.length;
      videos.set(video.name, { ...video, split, segments });
    }
    if (repeated === 0) continue;
    const what = `${repeated} lines say what another says and count once`;
    notices.push(finding('label-repeated', what, file.path, { repeated }));
  }
  const entries = [...videos.values()].map((video) => ({ ...video, file: null, frames: null }));
  const classes = [...new Set(entries.flatMap(({ segments }) => segments.map(({ label }) => label)))].sort();
  return joinActions(
    folder,
    { entries, unusable, notices, classes },
    labels.map(({ path }) => path),
  );
}

type UnsplitEntry = Omit<ActionEntry, 'split'> & Pick<TableVideo, 'split'>;

function joinActions(
  folder: Folder,
  { entries, unusable, notices, classes }: Omit<ActivityNet, 'entries'> & { readonly entries: readonly UnsplitEntry[] },
  [from = '']: readonly string[],
): LabelSet<ActionVideo> {
  const wanted = [...entries.map(({ file, name }) => file ?? name), ...unusable.map(({ path }) => path)];
  const { media, notices: joined } = joinMedia(
    folder,
    'video',
    wanted.map((name) => ({ names: [name], near: from })),
  );
  const items = new Map<string, Omit<ActionVideo, 'split'> & Pick<TableVideo, 'split'>>();
  const problems = [...unusable];
  const told: DataProblem[] = [];
  for (const [i, { file, ...entry }] of entries.entries()) {
    const found = media[i] ?? null;
    if (found === null) {
      problems.push(missingMedia(file ?? entry.name, from));
      continue;
    }
    const known = items.get(found.path);
    if (known) told.push(finding('label-joined', 'Two entries are of this video; their labels are joined', found.path));
    const segments = known ? distinct([...known.segments, ...entry.segments]) : entry.segments;
    const split = known?.split ?? entry.split ?? splitOfFolders(folder.inside(found.path));
    items.set(found.path, { ...entry, segments, path: found.path, media: found, split });
  }
  const free = [...items.values()].filter(({ split }) => split === null).map(({ name }) => name);
  const own = splitGroups(free, { val: 0.15, test: 0.15 });
  if (free.length > 0)
    told.push(finding('label-own-split', 'Nothing tells the split: 70 % train, 15 % validate, 15 % test', ''));
  const split = [...items.values()].map((item) => ({ ...item, split: item.split ?? own.get(item.name)! }));
  const named = new Set(media.map((file) => file?.path));
  for (const { path } of folder.media('video')) if (!named.has(path)) problems.push(unlabelled(path));
  return { items: split, unusable: problems, notices: [...folder.notices, ...notices, ...joined, ...told], classes };
}

function distinct(segments: ActionVideo['segments']): ActionVideo['segments'] {
  return [...new Map(segments.map((segment) => [JSON.stringify(segment), segment])).values()];
}

export function reportActions(set: LabelSet<ActionVideo>): DataReport {
  return reportOf(set, {
    unit: 'videos',
    labels: ({ segments }) => segments.map(({ label }) => label),
    seconds: ({ durationSeconds }) => durationSeconds,
    unlearnable: (item) => item.segments.filter((segment) => isEmpty(segment, item)).length,
    sample: ({ segments }) => ({
      kind: 'video',
      spans: segments.map(({ label, startSeconds, endSeconds }) => ({ label, start: startSeconds, end: endSeconds })),
    }),
  });
}

/** Without one whole frame. */
function isEmpty(segment: ActionVideo['segments'][number], video: ActionVideo): boolean {
  const frames = segmentFrames(segment, video);
  return frames !== null && frames[1] <= frames[0];
}
