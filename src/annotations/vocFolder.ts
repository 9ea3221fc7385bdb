// A folder of Pascal VOC annotations and images: VOC, DIOR, an export of Roboflow's, or one's own.
import { stemOf } from '../formats/filePaths';
import { UserError } from '../errors';
import type { DataFile } from '../formats/dataFile';
import type { DataProblem } from './dataReport';
import { unifySpelling, withoutRepeats, type LabelledImage } from './boxes';
import type { Folder } from './folder';
import { finding, missingMedia, unlabelled, type LabelSet } from './labelSet';
import { type Progress } from '../formats/progress';
import { joinMedia } from './mediaNames';
import { parseVoc, type VocAnnotation } from './voc';
import { readVocLists, splitVocByFolder } from './vocSplits';

/**
 * Reads every .xml file with its image, which has the same name in a folder like its own, or the name that the file
 * says. Boxes that two files give one image are joined. Lists tell the splits, else folders, else they are drawn.
 */
export async function readVocFolder(folder: Folder, progress?: Progress): Promise<LabelSet<LabelledImage>> {
  const annotations = folder.withExtension('xml');
  const lists = await readVocLists(folder, annotations);
  const strangers = [...(lists?.strangers ?? [])];
  const unusable: DataProblem[] = [];
  const notices: DataProblem[] = [];
  const read: { readonly file: DataFile; readonly found: VocAnnotation | null }[] = [];
  for (const [i, file] of annotations.entries()) {
    progress?.(file.path, i, annotations.length);
    read.push({ file, found: await readAnnotation(folder, file, unusable) });
  }
  const wanted = read.map(({ file, found }) => {
    const names = [file.path.replace(/\.xml$/i, ''), ...(found?.filename ? [found.filename] : [])];
    return { names, near: file.path };
  });
  const listed = strangers.map(([name]) => ({ names: [name], near: '' }));
  const { media, notices: joined } = joinMedia(folder, 'image', [...wanted, ...listed]);
  const placed = read.map(({ file: { path } }, i) => ({ path, image: media[i] ?? null }));
  const { splits, notices: drawn } = lists ? { splits: lists.splits, notices: [] } : splitVocByFolder(folder, placed);
  const items = new Map<string, LabelledImage>();
  for (const [i, { file, found }] of read.entries()) {
    const split = splits.get(file.path) ?? null;
    const image = media[i] ?? null;
    if (found === null) continue;
    if (image === null) unusable.push(missingMedia(found.filename ?? stemOf(file.path), file.path));
    else if (lists && split === null)
      unusable.push(
        finding('label-no-split', 'None of the split files lists this image: add it or remove the file', file.path),
      );
    else {
      const { widthPixels, heightPixels, boxes, dropped } = found;
      const known = items.get(image.path);
      items.set(image.path, {
        ...{ path: image.path, media: image, split: known?.split ?? split, widthPixels, heightPixels },
        boxes: known ? joinBoxes(known, boxes, notices) : boxes,
      });
      const what = `${dropped} boxes lie outside the image or have no area and are left out`;
      if (dropped > 0) notices.push(finding('box-outside', what, file.path, { dropped }));
    }
  }
  for (const [stem, split] of strangers) {
    const what = `${split}.txt lists this image, but it has no .xml file: add it`;
    unusable.push(finding('voc-missing-annotation', what, stem, { split }));
  }
  const named = new Set(media.map((file) => file?.path));
  for (const { path } of folder.media('image')) if (!named.has(path)) unusable.push(unlabelled(path));
  if (items.size > 0) notices.push(...drawn);

  const spelling = unifySpelling([...items.values()].flatMap(({ boxes }) => boxes.map(({ label }) => label)));
  const unified = [...items.values()].map((item) => ({
    ...item,
    boxes: item.boxes.map((box) => ({ ...box, label: spelling.get(box.label)! })),
  }));
  const classes = [...new Set(spelling.values())].sort();
  return { items: unified, unusable, notices: [...folder.notices, ...notices, ...joined], classes };
}

/** Null where it cannot be read, which is then among the unusable. */
async function readAnnotation(folder: Folder, file: DataFile, unusable: DataProblem[]): Promise<VocAnnotation | null> {
  try {
    return parseVoc(await folder.text(file), file.path);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    unusable.push({ path: file.path, code: error.code, message: error.message, detail: error.detail });
    return null;
  }
}

function joinBoxes(known: LabelledImage, more: LabelledImage['boxes'], notices: DataProblem[]): LabelledImage['boxes'] {
  const boxes = [...known.boxes, ...more];
  withoutRepeats(boxes);
  notices.push(finding('label-joined', 'Two entries are of this image; their boxes are joined', known.path));
  return boxes;
}
