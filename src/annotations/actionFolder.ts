// A folder of videos with temporal action labels: which videos are there, which labels are usable.
import type { DataFile } from '../formats/dataFile';
import type { DataReport } from './dataReport';
import { parseActivityNet, type ActionEntry } from './activityNet';
import type { Folder } from './folder';
import { missingMedia, reportOf, unlabelled, type LabelledItem, type LabelSet } from './labelSet';

export type ActionVideo = LabelledItem & Omit<ActionEntry, 'file'>;

/** Reads `labels` and joins its entries with the videos of the folder. Throws what `parseActivityNet` throws. */
export async function readActionFolder(folder: Folder, labels: DataFile): Promise<LabelSet<ActionVideo>> {
  const list = folder.files.find(({ path }) => /(^|\/)(classes|category_idx)\.txt$/i.test(path));
  const classList = list ? await folder.text(list) : null;
  const { entries, unusable, notices, classes } = parseActivityNet(await folder.text(labels), labels.path, classList);
  const items: ActionVideo[] = [];
  const problems = [...unusable];
  const named = new Set<string>();
  for (const { file, ...entry } of entries) {
    const media = folder.find(file ?? entry.name, 'video', labels.path);
    if (media === null) problems.push(missingMedia(file ?? entry.name, labels.path));
    else items.push({ ...entry, path: media.path, media });
    if (media !== null) named.add(media.path);
  }
  for (const { path } of unusable) named.add(folder.find(path, 'video', labels.path)?.path ?? '');
  for (const { path } of folder.media('video')) if (!named.has(path)) problems.push(unlabelled(path));
  return { items, unusable: problems, notices: [...folder.notices, ...notices], classes };
}

export function reportActions(set: LabelSet<ActionVideo>): DataReport {
  return reportOf(set, {
    unit: 'videos',
    labels: ({ segments }) => segments.map(({ label }) => label),
    seconds: ({ durationSeconds }) => durationSeconds,
  });
}
