// A folder of surveillance videos with anomaly labels in any of the known formats: which videos are there.
import type { DataFile } from '../formats/dataFile';
import type { DataProblem } from './dataReport';
import { parseAnomalyList } from './anomalyList';
import type { AnomalyEntry, AnomalyVideo } from './anomalyVideos';
import { parseCaptionedVideos } from './captionedVideos';
import { stemOf, type Folder } from './folder';
import { missingMedia, unlabelled, type LabelSet } from './labelSet';
import { splitNamed } from './splits';
import { looksLikeUcfAnnotation, looksLikeUcfList, parseUcfAnnotation, parseUcfList } from './ucfCrime';

/** Reads captions in FG-CLIP's formats; of several files of one video the first counts. Throws what the parser throws. */
export async function readCaptionFolder(folder: Folder, labels: readonly DataFile[]): Promise<LabelSet<AnomalyVideo>> {
  const parts = [];
  for (const file of labels) parts.push({ file, ...parseCaptionedVideos(await folder.text(file), file.path) });
  return joinVideos(folder, parts);
}

/** Reads a list with frame intervals and boxes. Throws what `parseAnomalyList` throws. */
export async function readAnomalyList(folder: Folder, labels: DataFile): Promise<LabelSet<AnomalyVideo>> {
  return joinVideos(folder, [{ file: labels, ...parseAnomalyList(await folder.text(labels), labels.path) }]);
}

/** Reads UCF-Crime's texts: intervals come first, so that a test list adds only what they lack. */
export async function readUcfFolder(folder: Folder): Promise<LabelSet<AnomalyVideo>> {
  const annotations: LabelPart[] = [];
  const lists: LabelPart[] = [];
  for (const file of folder.withExtension('txt')) {
    const text = await folder.text(file);
    const words = stemOf(file.path).split(/[^a-z]+/i);
    const split = words.some((word) => splitNamed(word) === 'test') ? 'test' : 'train';
    if (looksLikeUcfAnnotation(text)) annotations.push({ file, ...parseUcfAnnotation(text, file.path) });
    else if (looksLikeUcfList(text)) lists.push({ file, ...parseUcfList(text, file.path, split) });
  }
  return joinVideos(folder, [...annotations, ...lists]);
}

interface LabelPart {
  readonly file: DataFile;
  readonly entries: readonly AnomalyEntry[];
  readonly unusable: readonly DataProblem[];
  readonly notices?: readonly DataProblem[];
}

/** Joins entries with the videos of the folder, by name and never by line. */
function joinVideos(folder: Folder, parts: readonly LabelPart[]): LabelSet<AnomalyVideo> {
  const items: AnomalyVideo[] = [];
  const unusable: DataProblem[] = [];
  const named = new Set<string>();
  const seen = new Set<string>();
  for (const { file, entries, unusable: refused } of parts) {
    unusable.push(...refused);
    for (const { name, ...entry } of entries) {
      const media = folder.find(name, 'video', file.path);
      const key = media?.path ?? stemOf(name.replaceAll('\\', '/')).toLowerCase();
      if (seen.has(key)) continue;
      seen.add(key);
      if (media === null) unusable.push(missingMedia(name, file.path));
      else items.push({ ...entry, path: media.path, media });
      if (media !== null) named.add(media.path);
    }
  }
  for (const { path } of folder.media('video')) if (!named.has(path)) unusable.push(unlabelled(path));
  const notices = [...folder.notices, ...parts.flatMap((part) => part.notices ?? [])];
  const others = new Set(items.map(({ className }) => className));
  others.delete('Normal');
  return { items, unusable, notices, classes: items.length > 0 ? ['Normal', ...[...others].sort()] : [] };
}
