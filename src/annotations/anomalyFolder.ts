// A folder of surveillance videos with anomaly labels in any of the known formats: which videos are there.
import { stemOf } from '../formats/filePaths';
import type { DataFile } from '../formats/dataFile';
import type { DataProblem } from './dataReport';
import { parseAnomalyList } from './anomalyList';
import type { AnomalyEntry, AnomalyVideo } from './anomalyVideos';
import { parseCaptionedVideos } from './captionedVideos';
import type { Folder } from './folder';
import { finding, missingMedia, unlabelled, type LabelSet } from './labelSet';
import { joinMedia } from './mediaNames';
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

/**
 * Joins entries with the videos of the folder, by name and never by line. Of several files the first counts; entries of
 * one file about the same video are joined, and refused where they contradict each other.
 */
function joinVideos(folder: Folder, parts: readonly LabelPart[]): LabelSet<AnomalyVideo> {
  const unusable: DataProblem[] = parts.flatMap((part) => part.unusable);
  const notices: DataProblem[] = parts.flatMap((part) => part.notices ?? []);
  const listed = parts.flatMap(({ file, entries }) => entries.map((entry) => ({ entry, from: file.path })));
  const wanted = listed.map(({ entry, from }) => ({ names: [entry.name], near: from }));
  const { media, notices: joined } = joinMedia(folder, 'video', wanted);
  const items = new Map<string, { readonly video: AnomalyVideo; readonly from: string }>();
  const missing = new Set<string>();
  const contradictory = new Set<string>();
  for (const [i, { entry, from }] of listed.entries()) {
    const found = media[i] ?? null;
    const { name, ...labels } = entry;
    if (found === null) {
      const key = stemOf(name.replaceAll('\\', '/')).toLowerCase();
      if (!missing.has(key)) unusable.push(missingMedia(name, from));
      missing.add(key);
      continue;
    }
    const known = items.get(found.path);
    const video: AnomalyVideo = { ...labels, path: found.path, media: found };
    if (!known) items.set(found.path, { video, from });
    else if (known.from === from) {
      const both = joinLabels(known.video, video);
      if (both === null) contradictory.add(found.path);
      else items.set(found.path, { video: both, from });
      if (both !== null)
        notices.push(finding('label-joined', 'Two entries are of this video and are joined', found.path));
    }
  }
  for (const path of contradictory) {
    items.delete(path);
    unusable.push(finding('label-contradicts', 'The labels of this video contradict each other: mend them', path));
  }
  const named = new Set(media.map((file) => file?.path));
  for (const { path } of folder.media('video')) if (!named.has(path)) unusable.push(unlabelled(path));
  const videos = [...items.values()].map(({ video }) => video);
  const others = new Set(videos.map(({ className }) => className));
  others.delete('Normal');
  const classes = videos.length > 0 ? ['Normal', ...[...others].sort()] : [];
  return { items: videos, unusable, notices: [...folder.notices, ...notices, ...joined], classes };
}

/** The labels of two entries of one video, or null where they contradict each other. */
function joinLabels(a: AnomalyVideo, b: AnomalyVideo): AnomalyVideo | null {
  if (a.className !== b.className || a.abnormal !== b.abnormal) return null;
  const spans = new Map([...(a.spans ?? []), ...(b.spans ?? [])].map((span) => [JSON.stringify(span), span]));
  return {
    ...a,
    spans: a.spans === null && b.spans === null ? null : [...spans.values()],
    boxes: new Map([...b.boxes, ...a.boxes]),
    regions: [...new Map([...a.regions, ...b.regions].map((region) => [JSON.stringify(region), region])).values()],
  };
}
