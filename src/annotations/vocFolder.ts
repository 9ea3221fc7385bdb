// A folder of Pascal VOC annotations and images, with or without split files: VOC, DIOR, or one's own.
import { UserError } from '../errors';
import { splitLines } from '../formats/lines';
import type { DataFile } from '../formats/dataFile';
import type { DataProblem } from './dataReport';
import { unifySpelling, type LabelledImage } from './boxes';
import { stemOf, type Folder } from './folder';
import { finding, missingMedia, unlabelled, type LabelSet, type Split } from './labelSet';
import { type Progress } from '../formats/progress';
import { splitGroups, splitNamed } from './splits';
import { parseVoc } from './voc';

/**
 * Reads every .xml file with its image, which has the same name or the one that the file says. Splits come from
 * `train.txt`, `val.txt`, `test.txt` and `trainval.txt` (a name a line, wherever they lie); without any, 70/15/15.
 */
export async function readVocFolder(folder: Folder, progress?: Progress): Promise<LabelSet<LabelledImage>> {
  const annotations = folder.withExtension('xml');
  const stems = new Set(annotations.map(({ path }) => stemOf(path)));
  const lists = await readSplitFiles(folder, stems);
  const splits = lists ?? splitGroups([...stems], { val: 0.15, test: 0.15 });
  const items: LabelledImage[] = [];
  const unusable: DataProblem[] = [];
  const notices: DataProblem[] = [];
  const images = new Set<string>();
  for (const [i, file] of annotations.entries()) {
    progress?.(file.path, i, annotations.length);
    const split = splits.get(stemOf(file.path)) ?? null;
    const found = await readImage(folder, file, split, notices);
    if ('code' in found) unusable.push(found);
    else if (lists !== null && split === null)
      unusable.push(
        finding('label-no-split', 'None of the split files lists this image: add it or remove the file', file.path),
      );
    else items.push(found);
    const image = folder.find(stemOf(file.path), 'image', file.path) ?? ('media' in found ? found.media : null);
    if (image !== null) images.add(image.path);
  }
  for (const [stem, split] of lists ?? []) {
    if (!stems.has(stem))
      unusable.push(
        finding('voc-missing-annotation', `${split}.txt lists this image, but it has no .xml file: add it`, stem, {
          split,
        }),
      );
    const image = stems.has(stem) ? null : folder.find(stem, 'image');
    if (image !== null) images.add(image.path);
  }
  for (const { path } of folder.media('image')) if (!images.has(path)) unusable.push(unlabelled(path));
  if (lists === null && items.length > 0)
    notices.push(finding('label-own-split', 'There are no split files: 70 % train, 15 % validate, 15 % test', ''));

  const spelling = unifySpelling(items.flatMap(({ boxes }) => boxes.map(({ label }) => label)));
  const unified = items.map((item) => ({
    ...item,
    boxes: item.boxes.map((box) => ({ ...box, label: spelling.get(box.label)! })),
  }));
  const classes = [...new Set(spelling.values())].sort();
  return { items: unified, unusable, notices: [...folder.notices, ...notices], classes };
}

async function readImage(
  folder: Folder,
  file: DataFile,
  split: Split | null,
  notices: DataProblem[],
): Promise<LabelledImage | DataProblem> {
  try {
    const { filename, widthPixels, heightPixels, boxes, dropped } = parseVoc(await folder.text(file), file.path);
    const own = folder.find(stemOf(file.path), 'image', file.path);
    const media = own ?? (filename === null ? null : folder.find(filename, 'image', file.path));
    if (media === null) return missingMedia(filename ?? stemOf(file.path), file.path);
    if (dropped > 0)
      notices.push(
        finding('box-outside', `${dropped} boxes lie outside the image or have no area and are left out`, file.path, {
          dropped,
        }),
      );
    return { path: media.path, media, split, widthPixels, heightPixels, boxes };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { path: file.path, code: error.code, message: error.message, detail: error.detail };
  }
}

/** Split by stem, or null where no file lists any of the annotations. A train or val list outdoes trainval. */
async function readSplitFiles(folder: Folder, stems: ReadonlySet<string>): Promise<Map<string, Split> | null> {
  const files = folder
    .withExtension('txt')
    .filter(({ path }) => splitNamed(stemOf(path)) !== null)
    .sort((a, b) => Number(isTrainval(a)) - Number(isTrainval(b)));
  const splits = new Map<string, Split>();
  for (const file of files) {
    const split = splitNamed(stemOf(file.path))!;
    const names = splitLines(await folder.text(file)).map((line) => line.trim().split(/\s/)[0]!);
    const listed = names.filter((name) => name !== '').map((name) => (stems.has(name) ? name : stemOf(name)));
    if (!listed.some((name) => stems.has(name))) continue;
    for (const name of listed) if (!splits.has(name)) splits.set(name, split);
  }
  return splits.size > 0 ? splits : null;
}

function isTrainval({ path }: DataFile): boolean {
  return stemOf(path).toLowerCase() === 'trainval';
}
