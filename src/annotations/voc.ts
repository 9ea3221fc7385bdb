// Reads one Pascal VOC annotation: the boxes of an image, as PASCAL VOC, DIOR and labelImg write them.
import { UserError } from '../errors';
import { readXml } from '../formats/xml';
import { clipBox, type LabelledBox } from './boxes';

export interface VocAnnotation {
  /** The image's file name, where the file says it. */
  readonly filename: string | null;
  /** Null where the file says nothing, or 0. */
  readonly widthPixels: number | null;
  readonly heightPixels: number | null;
  readonly boxes: readonly LabelledBox[];
  /** Boxes that lie outside the image or have no area. */
  readonly dropped: number;
}

type Field = 'name' | 'xmin' | 'ymin' | 'xmax' | 'ymax' | 'difficult' | 'truncated';

/**
 * Reads the fields below `annotation`: `filename`, `size`, and of each `object` its `name`, `bndbox`, `difficult` and
 * `truncated` (0 where they are missing). VOC counts pixels from 1 and includes the last: `xmin` 1 and `xmax` 10 are
 * the edges 0 and 10. Boxes are clipped to the image. A polygon beside a `bndbox` is not looked at.
 * @param path only named in errors.
 * @throws UserError with a code that starts with `voc-` or `xml-`.
 */
export function parseVoc(text: string, path: string): VocAnnotation {
  const refuse = (code: string, what: string): UserError => new UserError(code, `${what} (${path})`, { path });
  const facts = new Map<string, string>();
  const raw: LabelledBox[] = [];
  let object = new Map<Field, string>();
  let isShape = false;

  const number = (value: string | undefined, what: string): number => {
    const parsed = value === undefined || value === '' ? NaN : Number(value);
    if (!(Math.abs(parsed) <= 1e7))
      throw refuse('voc-number', `${what} is "${(value ?? '').slice(0, 20)}" and should be a number of pixels`);
    return parsed;
  };
  const size = (name: string): number | null => {
    const value = facts.has(name) ? number(facts.get(name), `The ${name}`) : 0;
    return value > 0 ? value : null;
  };
  const addBox = (): void => {
    const place = raw.length + 1;
    const label = object.get('name') ?? '';
    if (label === '') throw refuse('voc-name', `Object ${place} has no name`);
    if (isShape && !object.has('xmin'))
      throw refuse('voc-rotated', `Object ${place} is a rotated box or polygon; convert to upright boxes <bndbox>`);
    const edge = (field: Field): number =>
      number(object.get(field), `"${field}" of object ${place} (${label.slice(0, 40)})`);
    raw.push({
      label,
      x0: edge('xmin') - 1,
      y0: edge('ymin') - 1,
      x1: edge('xmax'),
      y1: edge('ymax'),
      difficult: object.get('difficult') === '1',
      truncated: object.get('truncated') === '1',
    });
  };

  readXml(text, path, {
    open(names) {
      if (names.length === 1 && names[0] !== 'annotation')
        throw refuse('voc-root', `The root is <${names[0]!}>, not <annotation> as in Pascal VOC`);
      if (names.length === 2 && names[1] === 'object') [object, isShape] = [new Map<Field, string>(), false];
      if (names[1] === 'object' && (names.at(-1) === 'robndbox' || names.at(-1) === 'polygon')) isShape = true;
    },
    close(names, value) {
      const [, second, third, fourth] = names;
      if (names.length === 2 && second === 'object') addBox();
      else if (names.length === 2 && second === 'filename') facts.set('filename', value);
      else if (names.length === 3 && second === 'size' && third !== undefined) facts.set(third, value);
      else if (names.length === 3 && second === 'object' && isFlag(third)) object.set(third, value);
      else if (names.length === 4 && third === 'bndbox' && isEdge(fourth)) object.set(fourth, value);
    },
  });
  const widthPixels = size('width');
  const heightPixels = size('height');
  const boxes = raw.flatMap((box) => {
    const clipped = clipBox(box, widthPixels, heightPixels);
    return clipped === null ? [] : [{ ...box, ...clipped }];
  });
  const filename = facts.get('filename') ?? '';
  return {
    filename: filename === '' ? null : filename,
    widthPixels,
    heightPixels,
    boxes,
    dropped: raw.length - boxes.length,
  };
}

function isFlag(name: string | undefined): name is 'name' | 'difficult' | 'truncated' {
  return name === 'name' || name === 'difficult' || name === 'truncated';
}

function isEdge(name: string | undefined): name is 'xmin' | 'ymin' | 'xmax' | 'ymax' {
  return name === 'xmin' || name === 'ymin' || name === 'xmax' || name === 'ymax';
}
