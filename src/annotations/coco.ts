// Reads box labels in COCO's JSON: images, categories and boxes in lists that refer to each other by number or text.
import { UserError } from '../errors';
import { isList, isRecord, notNumberAt, parseJson } from '../formats/json';
import type { DataProblem } from './dataReport';
import { clipBox, withoutRepeats, type LabelledBox } from './boxes';
import { finding } from './labelSet';

export interface CocoImage {
  readonly file: string;
  readonly widthPixels: number | null;
  readonly heightPixels: number | null;
  readonly boxes: readonly LabelledBox[];
}

export interface Coco {
  /** One for each file, under however many ids it is listed. */
  readonly images: readonly CocoImage[];
  /** Images of which it cannot be told which annotations are theirs. */
  readonly unusable: readonly DataProblem[];
  readonly notices: readonly DataProblem[];
  /** In the order of the categories' numbers, or of the file where their ids are texts. */
  readonly classes: readonly string[];
}

type Image = CocoImage & { readonly boxes: LabelledBox[] };

/**
 * Reads `{images: [{id, file_name, width, height}], categories: [{id, name}], annotations: [{image_id, category_id,
 * bbox: [x, y, width, height] from 0, iscrowd?}]}`. An id is a number or a text, or the file's name in "image_id"; `1` and `"1"` are the same. Boxes are
 * clipped to the image; a crowd counts as difficult. What is listed twice counts once.
 * @throws UserError with a code that starts with `coco-` or `json-`.
 */
export function parseCoco(text: string, path: string): Coco {
  const refuse = (code: string, what: string): UserError => new UserError(code, `${what} (${path})`, { path });
  const root = parseJson(withLongIds(text), path);
  const lists = ['images', 'categories', 'annotations'].map((name) => (isRecord(root) ? root[name] : null));
  const [imageList, categoryList, annotationList] = lists;
  if (!isList(imageList) || !isList(categoryList) || !isList(annotationList))
    throw refuse('coco-lists', 'The lists "images", "categories" and "annotations" must all be there');

  const notices: DataProblem[] = [];
  const names = new Ids<string>();
  const nameless: number[] = [];
  for (const [i, category] of categoryList.entries()) {
    const { id, name } = isRecord(category) ? category : {};
    if (!isId(id) || typeof name !== 'string' || name === '') nameless.push(i + 1);
    else names.add(id, name);
  }
  const namelessText = `Category ${nameless[0] ?? ''} needs an "id" and a "name"`;
  if (nameless.length > 0 && names.size === 0) throw refuse('coco-category', namelessText);
  if (nameless.length > 0) notices.push(finding('coco-category', namelessText, path));

  const { ids, byFile, images, unusable, broken } = readImages(imageList, path);
  const brokenText = `Image ${broken[0] ?? ''} needs an "id" and a "file_name"`;
  if (broken.length > 0 && images.length === 0) throw refuse('coco-image', brokenText);
  for (const i of broken) unusable.push(finding('coco-image', `Image ${i} needs an "id" and a "file_name"`, path));

  const dropped: string[] = [];
  let strangers = 0;
  for (const [i, annotation] of annotationList.entries()) {
    const wrong = addBox(annotation, names, { ids, byFile });
    if (wrong === null) continue;
    if (wrong === strangerText) strangers++;
    const why = notNumberAt(root, `annotations[${i}].bbox`);
    dropped.push(`number ${i + 1} ${wrong}${why === null ? '' : `, ${why}`}`);
  }
  // Not one picture would be what its labels say: all would count as pictures in which nothing is.
  if (strangers > 0 && strangers === annotationList.length)
    throw refuse(
      'coco-strangers',
      `None of the ${strangers} annotations belongs to an image: their "image_id" must be an image's "id"`,
    );
  const detail = { dropped: dropped.length, of: annotationList.length };
  const what = `${dropped.length} of ${annotationList.length} annotations are left out: ${dropped[0] ?? ''}`;
  if (dropped.length > 0) notices.push(finding('coco-annotation', what, path, detail));
  const repeated = images.reduce((sum, image) => sum + withoutRepeats(image.boxes), 0);
  const twice = `${repeated} boxes repeat another of the same image and count once`;
  if (repeated > 0) notices.push(finding('label-repeated', twice, path, { repeated }));
  return { images, unusable, notices, classes: [...new Set(names.inOrder())] };
}

/** Ids beyond the numbers that JavaScript tells apart, as texts: Python writes them of any length. */
function withLongIds(text: string): string {
  return text.replace(/"((?:image_|category_)?id)"(\s*:\s*)(-?\d{16,})(?=\s*[,}])/g, '"$1"$2"$3"');
}

const strangerText = 'belongs to no image';

interface Images {
  /** Null for an id that stands for two files. */
  readonly ids: Ids<Image | null>;
  readonly byFile: ReadonlyMap<string, Image>;
  readonly images: readonly Image[];
  readonly unusable: DataProblem[];
  /** Places in the list, from 1, of entries without id or name. */
  readonly broken: readonly number[];
}

function readImages(list: readonly unknown[], path: string): Images {
  const byFile = new Map<string, Image>();
  const filesOf = new Map<string, Set<string>>();
  const broken: number[] = [];
  const entries: [id: string | number, file: string][] = [];
  for (const [i, value] of list.entries()) {
    const { id, file_name: file, width, height } = isRecord(value) ? value : {};
    if (!isId(id) || typeof file !== 'string' || file === '') {
      broken.push(i + 1);
      continue;
    }
    entries.push([id, file]);
    const key = String(id);
    filesOf.set(key, (filesOf.get(key) ?? new Set()).add(file));
    if (!byFile.has(file))
      byFile.set(file, { file, widthPixels: pixels(width), heightPixels: pixels(height), boxes: [] });
  }
  const ids = new Ids<Image | null>();
  const unusable = new Map<string, DataProblem>();
  for (const [id, file] of entries) {
    const files = filesOf.get(String(id))!;
    ids.add(id, files.size === 1 ? byFile.get(file)! : null);
    if (files.size === 1 || unusable.has(file)) continue;
    const what = `${path} gives ${files.size} images the id ${id}, so that their boxes cannot be told apart: number them anew`;
    unusable.set(file, finding('coco-same-number', what, file, { id }));
  }
  const images = [...byFile.values()].filter(({ file }) => !unusable.has(file));
  return { ids, byFile, images, unusable: [...unusable.values()], broken };
}

function isId(value: unknown): value is string | number {
  return (typeof value === 'number' && Number.isFinite(value)) || (typeof value === 'string' && value !== '');
}

/** Values by id, where Python writes `"7"` for what it wrote as 7 elsewhere, or 7 for `"0007"`. */
class Ids<T> {
  readonly #values = new Map<string, { readonly id: string | number; readonly value: T }>();
  /** By number, null where two ids are the same number. */
  readonly #numbers = new Map<number, T | null>();

  get size(): number {
    return this.#values.size;
  }

  add(id: string | number, value: T): void {
    const number = Number(id);
    const known = this.#values.has(String(id));
    this.#values.set(String(id), { id, value });
    if (!known && Number.isSafeInteger(number)) this.#numbers.set(number, this.#numbers.has(number) ? null : value);
  }

  get(id: unknown): T | null | undefined {
    if (!isId(id)) return undefined;
    if (this.#values.has(String(id))) return this.#values.get(String(id))!.value;
    return Number.isSafeInteger(Number(id)) ? this.#numbers.get(Number(id)) : undefined;
  }

  /** By number where all ids are such, else as they were added. */
  inOrder(): T[] {
    const all = [...this.#values.values()];
    if (all.every(({ id }) => !Number.isNaN(Number(id)))) all.sort((a, b) => Number(a.id) - Number(b.id));
    return all.map(({ value }) => value);
  }
}

/** Adds the box to its image, or says what is wrong with it. */
function addBox(
  annotation: unknown,
  names: Ids<string>,
  { ids, byFile }: Pick<Images, 'ids' | 'byFile'>,
): string | null {
  const { image_id: imageId, category_id: categoryId, bbox, iscrowd } = isRecord(annotation) ? annotation : {};
  const known = ids.get(imageId);
  const image = known === undefined && typeof imageId === 'string' ? byFile.get(imageId) : known;
  const label = names.get(categoryId);
  if (image === undefined) return strangerText;
  if (image === null) return 'has the id of two images';
  if (label === undefined || label === null) return 'belongs to no category';
  const [x, y, width, height] = isList(bbox) ? bbox : [];
  if (!isFinite(x) || !isFinite(y) || !isFinite(width) || !isFinite(height)) return 'has no "bbox" of four numbers';
  const box = clipBox({ x0: x, y0: y, x1: x + width, y1: y + height }, image.widthPixels, image.heightPixels);
  if (box === null) return 'lies outside its image or has no area';
  image.boxes.push({ label, ...box, difficult: iscrowd === 1 || iscrowd === true, truncated: false });
  return null;
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function pixels(value: unknown): number | null {
  return typeof value === 'number' && value > 0 && value <= 1e7 ? value : null;
}
