// Reads box labels in COCO's JSON: images, categories and boxes in lists that refer to each other by number.
import { UserError } from '../errors';
import { isList, isRecord, parseJson } from '../formats/json';
import type { DataFile } from '../formats/dataFile';
import type { DataProblem } from './dataReport';
import { clipBox, type LabelledBox, type LabelledImage } from './boxes';
import type { Folder } from './folder';
import { finding, missingMedia, unlabelled, type LabelSet, type Split } from './labelSet';
import { splitGroups, splitNamed } from './splits';

export interface CocoImage {
  readonly file: string;
  readonly widthPixels: number | null;
  readonly heightPixels: number | null;
  readonly boxes: readonly LabelledBox[];
}

export interface Coco {
  readonly images: readonly CocoImage[];
  readonly notices: readonly DataProblem[];
  /** In the order of the categories' numbers. */
  readonly classes: readonly string[];
}

/**
 * Reads `{images: [{id, file_name, width, height}], categories: [{id, name}], annotations: [{image_id, category_id,
 * bbox: [x, y, width, height] from 0, iscrowd?}]}`. Boxes are clipped to the image; a crowd counts as difficult.
 * @throws UserError with a code that starts with `coco-` or `json-`.
 */
export function parseCoco(text: string, path: string): Coco {
  const refuse = (code: string, what: string): UserError => new UserError(code, `${what} (${path})`, { path });
  const root = parseJson(text, path);
  const lists = ['images', 'categories', 'annotations'].map((name) => (isRecord(root) ? root[name] : null));
  const [imageList, categoryList, annotationList] = lists;
  if (!isList(imageList) || !isList(categoryList) || !isList(annotationList))
    throw refuse('coco-lists', 'The lists "images", "categories" and "annotations" must all be there');

  const names = new Map<number, string>();
  for (const [i, category] of categoryList.entries()) {
    const { id, name } = isRecord(category) ? category : {};
    if (typeof id !== 'number' || typeof name !== 'string' || name === '')
      throw refuse('coco-category', `Category ${i + 1} needs a number "id" and a "name"`);
    names.set(id, name);
  }
  const images = new Map<number, CocoImage & { boxes: LabelledBox[] }>();
  for (const [i, image] of imageList.entries()) {
    const { id, file_name: file, width, height } = isRecord(image) ? image : {};
    if (typeof id !== 'number' || typeof file !== 'string' || file === '' || images.has(id))
      throw refuse('coco-image', `Image ${i + 1} needs a number "id" of its own and a "file_name"`);
    images.set(id, { file, widthPixels: pixels(width), heightPixels: pixels(height), boxes: [] });
  }
  const dropped: string[] = [];
  for (const [i, annotation] of annotationList.entries()) {
    const wrong = addBox(annotation, names, images);
    if (wrong !== null) dropped.push(`number ${i + 1} ${wrong}`);
  }
  const what = `${dropped.length} of ${annotationList.length} annotations are left out: ${dropped[0] ?? ''}`;
  const detail = { dropped: dropped.length, of: annotationList.length };
  const notices = dropped.length > 0 ? [finding('coco-annotation', what, path, detail)] : [];
  const classes = [...names].sort(([a], [b]) => a - b).map(([, name]) => name);
  return { images: [...images.values()], notices, classes: [...new Set(classes)] };
}

/** Adds the box to its image, or says what is wrong with it. */
function addBox(
  annotation: unknown,
  names: ReadonlyMap<number, string>,
  images: ReadonlyMap<number, CocoImage & { boxes: LabelledBox[] }>,
): string | null {
  const { image_id: imageId, category_id: categoryId, bbox, iscrowd } = isRecord(annotation) ? annotation : {};
  const image = typeof imageId === 'number' ? images.get(imageId) : undefined;
  const label = typeof categoryId === 'number' ? names.get(categoryId) : undefined;
  if (image === undefined) return 'belongs to no image';
  if (label === undefined) return 'belongs to no category';
  const [x, y, width, height] = isList(bbox) ? bbox : [];
  if (typeof x !== 'number' || typeof y !== 'number' || typeof width !== 'number' || typeof height !== 'number')
    return 'has no "bbox" of four numbers';
  const box = clipBox({ x0: x, y0: y, x1: x + width, y1: y + height }, image.widthPixels, image.heightPixels);
  if (box === null) return 'lies outside its image or has no area';
  image.boxes.push({ label, ...box, difficult: iscrowd === 1, truncated: false });
  return null;
}

function pixels(value: unknown): number | null {
  return typeof value === 'number' && value > 0 && value <= 1e7 ? value : null;
}

/** Reads all COCO files of a folder; each file's or folder's name says the split, and without one it is 70/15/15. */
export async function readCocoFolder(folder: Folder, labels: readonly DataFile[]): Promise<LabelSet<LabelledImage>> {
  const items: LabelledImage[] = [];
  const unusable: DataProblem[] = [];
  const notices: DataProblem[] = [];
  const classes = new Set<string>();
  const seen = new Set<string>();
  for (const file of labels) {
    const coco = parseCoco(await folder.text(file), file.path);
    notices.push(...coco.notices);
    for (const name of coco.classes) classes.add(name);
    for (const { file: name, ...image } of coco.images) {
      const media = folder.find(name, 'image', file.path);
      if (media === null) unusable.push(missingMedia(name, file.path));
      else if (seen.has(media.path))
        notices.push(
          finding('coco-twice', 'More than one file has labels for this image; the first counts', media.path),
        );
      else items.push({ ...image, path: media.path, media, split: splitOf(file.path) });
      if (media !== null) seen.add(media.path);
    }
  }
  for (const { path } of folder.media('image')) if (!seen.has(path)) unusable.push(unlabelled(path));
  const free = items.filter(({ split }) => split === null).map(({ path }) => path);
  const own = splitGroups(free, { val: 0.15, test: 0.15 });
  if (free.length > 0)
    notices.push(finding('label-own-split', 'No file name tells the split: 70 % train, 15 % validate, 15 % test', ''));
  return {
    items: items.map((item) => ({ ...item, split: item.split ?? own.get(item.path)! })),
    unusable,
    notices: [...folder.notices, ...notices],
    classes: [...classes],
  };
}

/** `instances_val2017.json` and `test.coco.json` tell it by name, Roboflow's `valid/_annotations.coco.json` by folder. */
function splitOf(path: string): Split | null {
  const words = path.toLowerCase().split(/[/._\-\d\s]+/);
  return words.reduceRight<Split | null>((found, word) => found ?? splitNamed(word), null);
}
