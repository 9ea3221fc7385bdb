// A folder of COCO files and images: which images are there, and for what.
import type { DataFile } from '../formats/dataFile';
import { withoutRepeats, type LabelledImage } from './boxes';
import { parseCoco, type CocoImage } from './coco';
import type { DataProblem } from './dataReport';
import type { Folder } from './folder';
import { finding, missingMedia, unlabelled, type LabelSet } from './labelSet';
import { joinMedia } from './mediaNames';
import { splitGroups, splitInPath, splitOfFolders } from './splits';

/**
 * Reads all COCO files of a folder; each file's or folder's name says the split, else the image's folder, and without one
 * it is 70/15/15. Boxes that several files give an image are joined; of several splits the first counts.
 */
export async function readCocoFolder(folder: Folder, labels: readonly DataFile[]): Promise<LabelSet<LabelledImage>> {
  const unusable: DataProblem[] = [];
  const notices: DataProblem[] = [];
  const classes = new Set<string>();
  const listed: { readonly image: CocoImage; readonly from: string }[] = [];
  for (const file of labels) {
    const coco = parseCoco(await folder.text(file), file.path);
    unusable.push(...coco.unusable);
    notices.push(...coco.notices);
    for (const name of coco.classes) classes.add(name);
    for (const image of coco.images) listed.push({ image, from: file.path });
  }
  const refused = unusable.map(({ path }) => ({ names: [path], near: '' }));
  const wanted = listed.map(({ image, from }) => ({ names: [image.file], near: from }));
  const { media, notices: joined } = joinMedia(folder, 'image', [...wanted, ...refused]);
  const items = new Map<string, LabelledImage>();
  for (const [i, { image, from }] of listed.entries()) {
    const found = media[i] ?? null;
    if (found === null) unusable.push(missingMedia(image.file, from));
    else {
      const known = items.get(found.path);
      const split = splitInPath(folder.inside(from)) ?? splitOfFolders(folder.inside(found.path));
      const item = itemOf(image, found, split);
      items.set(found.path, known ? join(known, item, notices) : item);
    }
  }
  const named = new Set(media.map((file) => file?.path));
  for (const { path } of folder.media('image')) if (!named.has(path)) unusable.push(unlabelled(path));
  const all = [...items.values()];
  const free = all.filter(({ split }) => split === null).map(({ path }) => path);
  const own = splitGroups(free, { val: 0.15, test: 0.15 });
  if (free.length > 0)
    notices.push(
      finding(
        'label-own-split',
        'No name of a file or folder tells the split: 70 % train, 15 % validate, 15 % test',
        '',
      ),
    );
  return {
    items: all.map((item) => ({ ...item, split: item.split ?? own.get(item.path)! })),
    unusable,
    notices: [...folder.notices, ...notices, ...joined],
    classes: [...classes],
  };
}

function itemOf(image: CocoImage, media: DataFile, split: LabelledImage['split']): LabelledImage {
  const { widthPixels, heightPixels, boxes } = image;
  return { path: media.path, media, split, widthPixels, heightPixels, boxes };
}

/** Two lists of boxes of one image as one. */
function join(a: LabelledImage, b: LabelledImage, notices: DataProblem[]): LabelledImage {
  const boxes = [...a.boxes, ...b.boxes];
  const isNew = withoutRepeats(boxes) < b.boxes.length || b.boxes.length === 0;
  if (a.split !== b.split && b.split !== null && a.split !== null) {
    const what = `This image is labelled for ${a.split} and for ${b.split}; it counts for ${a.split}`;
    notices.push(finding('coco-twice', what, a.path, { split: a.split }));
  } else if (isNew)
    notices.push(finding('label-joined', 'Two entries are of this image; their boxes are joined', a.path));
  return { ...a, boxes, split: a.split ?? b.split };
}
