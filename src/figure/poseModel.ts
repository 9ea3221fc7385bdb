// A person's own 2-D model: what its inputs and outputs mean, recognised by their shapes or said by the person, and how
// its outputs become COCO's 17 points. Networks give more points too (Halpe, whole body); COCO's come first there.
import type { OnnxSlot, OnnxSlots } from '../formats/onnxSlots';

export const pointValues = ['imagenet', 'unit', 'signed', 'bytes'] as const;
export const pointForms = ['heatmaps', 'simcc', 'coordinates', 'rows'] as const;

/** Plain JSON: leaves beside the model as `NAME.onnx.json`. */
export interface PoseModelPlan {
  readonly input: string;
  readonly channelsFirst: boolean;
  /** Of the picture that it takes, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Of red, green and blue: standardised as ImageNet's, 0..1, -1..1, or 0..255. */
  readonly values: (typeof pointValues)[number];
  /**
   * `heatmaps` [1, P, h, w]; `simcc` [1, P, x] and [1, P, y]; `coordinates` [1, P, 2 or 3] as x, y and a score;
   * `rows` [1, 1, P, 3] as y, x and a score, as MoveNet gives.
   */
  readonly points: (typeof pointForms)[number];
  /** Its name; for `simcc` that of x, then that of y. */
  readonly outputs: readonly string[];
}

export interface NamedArray {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

const cocoPoints = 17;
/** Of a picture: what is smaller is something else, such as a list of joints. */
const leastSide = 32;

/** What the shapes say; null where they leave it open. */
export function recognisePoseModel({ inputs, outputs }: OnnxSlots): PoseModelPlan | null {
  const picture = pictureInput(inputs);
  if (!picture) return null;
  const found = pointOutputs(outputs, picture);
  if (!found) return null;
  const values = picture.isBytes ? 'bytes' : found.points === 'rows' || !picture.channelsFirst ? 'unit' : 'imagenet';
  const { input, channelsFirst, width, height } = picture;
  return { input, channelsFirst, width, height, values, ...found };
}

/** The input that takes a picture, and its size; 192 x 256 where that may vary. */
export function pictureInput(inputs: readonly OnnxSlot[]) {
  const sides = ({ shape }: OnnxSlot) => (shape[1] === 3 ? shape.slice(2) : shape.slice(1, 3));
  const isPicture = (slot: OnnxSlot): boolean =>
    slot.shape.length === 4 &&
    (slot.shape[1] === 3 || slot.shape[3] === 3) &&
    sides(slot).every((side) => typeof side !== 'number' || side < 0 || side >= leastSide);
  const slot = inputs.find(isPicture);
  if (!slot) return null;
  const channelsFirst = slot.shape[1] === 3;
  const [height, width] = sides(slot) as [number | string, number | string];
  const size = (side: number | string, usual: number): number => (typeof side === 'number' && side > 0 ? side : usual);
  const isBytes = slot.type === 'uint8' || slot.type === 'int32';
  return { input: slot.name, channelsFirst, width: size(width, 192), height: size(height, 256), isBytes };
}

function pointOutputs(
  outputs: readonly OnnxSlot[],
  { width, height }: { readonly width: number; readonly height: number },
): Pick<PoseModelPlan, 'points' | 'outputs'> | null {
  const many = (size: number | string | undefined): boolean => typeof size === 'number' && size >= cocoPoints;
  const maps = outputs.find(({ shape }) => shape.length === 4 && many(shape[1]) && shape[3] !== 3);
  if (maps) return { points: 'heatmaps', outputs: [maps.name] };
  const rows = outputs.find(({ shape }) => shape.length === 4 && shape[1] === 1 && many(shape[2]) && shape[3] === 3);
  if (rows) return { points: 'rows', outputs: [rows.name] };
  const lists = outputs.filter(({ shape }) => shape.length === 3 && many(shape[1]));
  const along = (side: number): OnnxSlot | undefined =>
    lists.find(({ shape: [, , last] }) => typeof last === 'number' && last >= side && last % side === 0);
  const [x, y] = [
    lists.find(({ name }) => /simcc_?x/i.test(name)) ?? along(width),
    lists.find(({ name }) => /simcc_?y/i.test(name)) ?? along(height),
  ];
  if (x && y && x !== y) return { points: 'simcc', outputs: [x.name, y.name] };
  const listed = lists.find(({ shape: [, , last] }) => last === 2 || last === 3);
  return listed ? { points: 'coordinates', outputs: [listed.name] } : null;
}

/** COCO's points in shares of the picture that the network took, with a score of 0..1, [17, 3]. */
export function readPosePoints(
  { points, outputs, width, height }: PoseModelPlan,
  arrays: Readonly<Record<string, NamedArray>>,
): Float32Array<ArrayBuffer> {
  const [first, second] = outputs.map((name) => arrays[name]!);
  const out = new Float32Array(cocoPoints * 3);
  for (let point = 0; point < cocoPoints; point++) {
    const place =
      points === 'heatmaps'
        ? peakOfMap(first!, point)
        : points === 'simcc'
          ? peakOfAxes(first!, second!, point)
          : listed(first!, point, points === 'rows', width, height);
    out.set([place[0], place[1], Math.min(1, Math.max(0, place[2]))], point * 3);
  }
  return out;
}

type Place = readonly [x: number, y: number, score: number];

/** The largest value, a quarter of a cell towards its larger neighbour, as top-down networks are read. */
function peakOfMap({ shape, values }: NamedArray, point: number): Place {
  const [, , rows = 1, columns = 1] = shape;
  const start = point * rows * columns;
  const best = largest(values, start, rows * columns);
  const [x, y] = [best % columns, Math.floor(best / columns)];
  const at = (column: number, row: number): number => values[start + row * columns + column]!;
  const across = x > 0 && x < columns - 1 ? Math.sign(at(x + 1, y) - at(x - 1, y)) : 0;
  const down = y > 0 && y < rows - 1 ? Math.sign(at(x, y + 1) - at(x, y - 1)) : 0;
  return [(x + across / 4) / columns, (y + down / 4) / rows, at(x, y)];
}

function peakOfAxes(across: NamedArray, down: NamedArray, point: number): Place {
  const peak = ({ shape, values }: NamedArray): readonly [number, number] => {
    const length = shape.at(-1)!;
    const best = largest(values, point * length, length);
    return [best / length, values[point * length + best]!];
  };
  const [[x, certain], [y, sure]] = [peak(across), peak(down)];
  return [x, y, Math.min(certain, sure)];
}

/** In pixels of the network's picture, or in shares of it. */
function listed({ shape, values }: NamedArray, point: number, isRow: boolean, width: number, height: number): Place {
  const stride = shape.at(-1)!;
  const [a, b] = [values[point * stride]!, values[point * stride + 1]!];
  const score = stride > 2 ? values[point * stride + 2]! : 1;
  if (isRow) return [b, a, score];
  let most = 0;
  for (let k = 0; k < cocoPoints; k++) most = Math.max(most, values[k * stride]!, values[k * stride + 1]!);
  return most > 2 ? [a / width, b / height, score] : [a, b, score];
}

function largest(values: ArrayLike<number>, start: number, count: number): number {
  let best = 0;
  for (let k = 1; k < count; k++) if (values[start + k]! > values[start + best]!) best = k;
  return best;
}

/** The plan in a file beside the model. Null for anything else. */
export function parsePoseModelPlan(text: string): PoseModelPlan | null {
  try {
    const { input, width, height, values, points, outputs } = JSON.parse(text) as Partial<PoseModelPlan>;
    const isWhole =
      typeof input === 'string' &&
      [width, height].every((side) => typeof side === 'number' && side > 0) &&
      pointValues.some((one) => one === values) &&
      pointForms.some((one) => one === points) &&
      Array.isArray(outputs) &&
      outputs.length === (points === 'simcc' ? 2 : 1);
    return isWhole ? (JSON.parse(text) as PoseModelPlan) : null;
  } catch {
    return null;
  }
}
