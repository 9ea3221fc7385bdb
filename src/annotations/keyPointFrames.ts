// People's key points as other programs write them, a person in a frame each: COCO, OpenPose, AlphaPose and MMPose JSON.
// Forms and orders of points: docs/try.md, with their sources.
import { UserError } from '../errors';
import { human36mFromCoco } from '../figure/cocoJoints';

/** One person in one frame. */
export interface PersonInFrame {
  /** As the file numbers frames. */
  readonly frame: number;
  /** Who it is where the file says so; else people are followed. */
  readonly id: string | null;
  /** Human3.6M's joints, [17, 3]: x, y in pixels and a confidence of 0..1. */
  readonly points: Float32Array;
}

export interface KeyPointFrames {
  readonly people: readonly PersonInFrame[];
  /** Of the picture, where the file says so. */
  readonly width: number | null;
  readonly height: number | null;
}

const cocoPoints = 17;

/** COCO's 17 among OpenPose's BODY_25 and COCO-18, by their own numbers. */
const openPose: Readonly<Record<number, readonly number[]>> = {
  25: [0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11],
  18: [0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10],
};

type Json = Readonly<Record<string, unknown>>;

/**
 * The people of a parsed file; null where it is none of these forms.
 * @param path gives the number of OpenPose's frame (`NAME_000000000012_keypoints.json`), and is named in sentences.
 * @throws UserError `key-points-damaged` where the form is known and a person is not whole.
 */
export function readKeyPointFrames(value: unknown, path: string): KeyPointFrames | null {
  if (isObject(value)) {
    if (Array.isArray(value['people'])) return readOpenPose(value['people'], path);
    if (Array.isArray(value['instance_info'])) return readMmPose(value['instance_info'], path);
    if (Array.isArray(value['annotations'])) return readCoco(value, value['annotations'], path);
    return null;
  }
  if (!Array.isArray(value) || value.length === 0) return null;
  if (value.every((one) => isObject(one) && Array.isArray(one['instances']))) return readMmPose(value, path);
  if (value.every((one) => isObject(one) && Array.isArray(one['keypoints'])))
    return { people: value.map((one: Json, i) => readListed(one, i, path)), width: null, height: null };
  return null;
}

function readOpenPose(list: readonly unknown[], path: string): KeyPointFrames {
  const frame = Number(openPoseName(path)?.frame ?? 0);
  const people = list.map((person, i): PersonInFrame => {
    const where = `person ${i + 1}`;
    const [values, id] = isObject(person) ? [person['pose_keypoints_2d'], person['person_id']] : [null, null];
    const count = Array.isArray(values) ? values.length / 3 : 0;
    const order = openPose[count];
    if (!order) throw damaged(path, where);
    const all = numbers(values, count * 3, path, where);
    const known = Array.isArray(id) && Number(id[0]) >= 0 ? String(id[0]) : null;
    return { frame, id: known, points: joints((point, channel) => all[order[point]! * 3 + channel]!) };
  });
  return { people, width: null, height: null };
}

/** What OpenPose's names of files say: which video, and which of its frames. */
export function openPoseName(path: string): { readonly base: string; readonly frame: string } | null {
  const [, base, frame] = /^(.*)_(\d+)_keypoints\.json$/i.exec(path) ?? [];
  return base === undefined || frame === undefined ? null : { base, frame };
}

/** An entry a frame, also where nobody is seen; demos count frames from 0 or from 1. */
function readMmPose(list: readonly unknown[], path: string): KeyPointFrames {
  const numberOf = (entry: unknown, rank: number): number =>
    isObject(entry) && Number.isInteger(entry['frame_id']) ? Number(entry['frame_id']) : rank;
  const first = list.length > 0 ? numberOf(list[0], 0) : 0;
  const people = list.flatMap((entry, rank): PersonInFrame[] => {
    if (!isObject(entry) || !Array.isArray(entry['instances'])) throw damaged(path, `frame ${rank + 1}`);
    const frame = numberOf(entry, rank) - first;
    return entry['instances'].map((person: unknown, i): PersonInFrame => {
      const where = `frame ${rank + 1}, person ${i + 1}`;
      if (!isObject(person) || !Array.isArray(person['keypoints']) || person['keypoints'].length < cocoPoints)
        throw damaged(path, where);
      const scores = person['keypoint_scores'];
      const certain = Array.isArray(scores) ? numbers(scores, cocoPoints, path, where) : null;
      const places: readonly unknown[] = person['keypoints'];
      const read = (point: number, channel: number): number =>
        channel === 2 ? (certain?.[point] ?? 1) : numbers(places[point], 2, path, where)[channel]!;
      return { frame, id: idOf(person['track_id']), points: joints(read) };
    });
  });
  return { people, width: null, height: null };
}

/** Labels, whose pictures are the frames in their order. */
function readCoco(file: Json, annotations: readonly unknown[], path: string): KeyPointFrames | null {
  const images = Array.isArray(file['images']) ? file['images'].filter(isObject) : [];
  const rank = new Map(images.map((image, i) => [String(image['id']), i]));
  const people = annotations.flatMap((one, i): PersonInFrame[] => {
    if (!isObject(one) || !Array.isArray(one['keypoints']) || one['num_keypoints'] === 0) return [];
    const person = readListed(one, i, path);
    return [{ ...person, frame: rank.get(String(one['image_id'])) ?? person.frame }];
  });
  if (people.length === 0) return null;
  const size = (key: string): number | null => (Number(images[0]?.[key]) > 0 ? Number(images[0]![key]) : null);
  return { people, width: size('width'), height: size('height') };
}

/** An entry of COCO's results, or of AlphaPose's, whose pictures are numbered by their names. */
function readListed(one: Json, i: number, path: string): PersonInFrame {
  const where = `entry ${i + 1}`;
  const coco = numbers(one['keypoints'], cocoPoints * 3, path, where);
  const image = one['image_id'];
  const frame = typeof image === 'number' ? image : Number(/(\d+)\D*$/.exec(String(image))?.[1] ?? NaN);
  if (!Number.isInteger(frame)) throw damaged(path, where);
  return {
    frame,
    id: idOf(one['idx'] ?? one['track_id']),
    points: joints((point, channel) => coco[point * 3 + channel]!),
  };
}

/** COCO's points as joints; its labels have a visibility of 0, 1 or 2 in place of a confidence. */
function joints(read: (point: number, channel: number) => number): Float32Array {
  const coco = new Float32Array(cocoPoints * 3);
  for (let i = 0; i < coco.length; i++) {
    const value = read(Math.floor(i / 3), i % 3);
    coco[i] = i % 3 === 2 ? Math.min(1, Math.max(0, value)) : value;
  }
  return human36mFromCoco(coco);
}

function idOf(value: unknown): string | null {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : null;
}

/** At least so many numbers. */
function numbers(value: unknown, count: number, path: string, where: string): number[] {
  if (!Array.isArray(value) || value.length < count || !value.every((one) => Number.isFinite(one)))
    throw damaged(path, where);
  return value as number[];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function damaged(path: string, where: string): UserError {
  const message = `Key points are missing or no numbers (${where}): a person has 17 of COCO's or 18 or 25 of OpenPose's, each with x, y and a confidence (${path})`;
  return new UserError('key-points-damaged', message, { path, where });
}
