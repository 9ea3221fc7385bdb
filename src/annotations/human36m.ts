// Reads Human3.6M-style .npz archives: 2D detections and 3D poses by video, flat or one array per video.
import { UserError } from '../errors';
import type { NpyArray } from '../formats/npy';
import { readNpz, type NpzFile } from '../formats/npz';

/** What a 3D pose is given as. */
export type Human36mTruth =
  /** x, y in pixels, z in pixels relative to the root [frames, 17, 3]; millimetres per pixel [frames] (pose spec, section 9). */
  | { readonly kind: 'image'; readonly image3d: Float32Array; readonly factor: Float32Array }
  /** Millimetres in the camera's axes (x right, y down, z depth) [frames, 17, 3]. */
  | { readonly kind: 'camera'; readonly joints: Float32Array };

/** One video: one subject doing one action, seen by one camera. */
export interface Human36mVideo {
  readonly source: string;
  readonly subject: string;
  readonly action: string;
  readonly camera: string;
  readonly split: 'train' | 'val';
  readonly frames: number;
  /** [frames, 17, 2] in pixels. */
  readonly joints2d: Float32Array;
  /** [frames, 17], or null where the file has none. */
  readonly confidence: Float32Array | null;
  readonly truth: Human36mTruth;
}

/** Subjects that the protocol keeps for the test (pose spec, section 9). */
const testSubjects = new Set(['9', '11']);

function bad(code: string, what: string, path: string): UserError {
  return new UserError(code, `${what} (${path})`, { path });
}

/**
 * Reads all videos. Two layouts are known:
 * - flat: `joint_2d` [F,17,2], `joint3d_image` [F,17,3], `2.5d_factor` [F], `camera_name` [F], `source` [F], `action` [F]
 *   and optionally `confidence` [F,17]; frames of a video are consecutive. All names may carry the prefix `train/` or `test/`.
 * - by video: `positions_2d/<subject>/<action>/<camera>` [F,17,2] in pixels and
 *   `positions_3d/<subject>/<action>/<camera>` [F,17,3] in the camera's axes, in millimetres or metres.
 * Without a prefix, subjects 9 and 11 are validation. 2D that goes on longer than 3D is cut to it, as VideoPose3D does.
 * @param tell hears of videos that cannot be used while others can.
 * @throws UserError with a code that starts with `human36m-`, `npy-` or `zip-`.
 */
export function readHuman36m(
  bytes: Uint8Array,
  path: string,
  tell: (problem: UserError) => void = (problem) => {
    throw problem;
  },
): Human36mVideo[] {
  const npz = readNpz(bytes, path);
  const prefixes = ['', 'train/', 'test/'].filter((prefix) => npz.names.includes(`${prefix}joint_2d`));
  const videos = prefixes.flatMap((prefix) => readFlat(npz, prefix, path));
  const broken: UserError[] = [];
  for (const name of npz.names.filter((one) => one.startsWith('positions_2d/')))
    try {
      videos.push(readVideo(npz, name, path));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      broken.push(error);
    }
  if (videos.length === 0 && broken[0]) throw broken[0];
  broken.forEach(tell);
  if (videos.length > 0) return videos;
  // VideoPose3D's files hold one pickled dictionary: reading it gives the sentence that says how to convert.
  for (const name of ['positions_2d', 'positions_3d', ...npz.names.slice(0, 20)]) npz.read(name);
  throw bad(
    'human36m-names',
    `None of the known arrays is in this archive: wanted joint_2d, joint3d_image, … or positions_2d/<subject>/<action>/<camera>; found ${npz.names.slice(0, 6).join(', ') || 'nothing'}`,
    path,
  );
}

function readFlat(npz: NpzFile, prefix: string, path: string): Human36mVideo[] {
  const { data: joints2d, frames } = poses(npz, `${prefix}joint_2d`, 2, path);
  const image3d = poses(npz, `${prefix}joint3d_image`, 3, path, frames).data;
  const factor = floats(npz, `${prefix}2.5d_factor`, [frames], path);
  const confidenceName = `${prefix}confidence`;
  const confidence = npz.names.includes(confidenceName) ? floats(npz, confidenceName, [frames, 17], path) : null;
  const [source, camera, action] = ['source', 'camera_name', 'action'].map((name) =>
    texts(npz, prefix + name, frames, path),
  );
  if (factor.some((value) => value <= 0)) throw bad('human36m-factor', 'A value of 2.5d_factor is not above 0', path);

  const videos: Human36mVideo[] = [];
  for (let start = 0; start < frames;) {
    let end = start + 1;
    while (end < frames && source![end] === source![start] && camera![end] === camera![start]) end++;
    const subject = subjectOfSource(source![start]!);
    videos.push({
      source: source![start]!,
      subject,
      action: action![start]!,
      camera: camera![start]!,
      split: prefix === '' ? splitOf(subject) : prefix === 'test/' ? 'val' : 'train',
      frames: end - start,
      joints2d: joints2d.subarray(start * 34, end * 34),
      confidence: confidence?.subarray(start * 17, end * 17) ?? null,
      truth: { kind: 'image', image3d: image3d.subarray(start * 51, end * 51), factor: factor.subarray(start, end) },
    });
    start = end;
  }
  return videos;
}

function readVideo(npz: NpzFile, name: string, path: string): Human36mVideo {
  const parts = name.split('/').slice(1);
  if (parts.length !== 3 || parts.includes(''))
    throw bad('human36m-names', `"${name}" should be positions_2d/<subject>/<action>/<camera>`, path);
  const [subjectName, action, camera] = parts as [string, string, string];
  const detected = poses(npz, name, 2, path);
  const { data: joints, frames } = poses(npz, `positions_3d/${parts.join('/')}`, 3, path);
  if (detected.frames < frames)
    throw bad('human36m-shape', `"${name}" has ${detected.frames} frames of 2D for ${frames} of 3D`, path);
  const joints2d = detected.data.subarray(0, frames * 34);
  // Metres or millimetres: a person's thigh is 0.2 to 0.7 m long.
  const thigh = Math.hypot(joints[6]! - joints[3]!, joints[7]! - joints[4]!, joints[8]! - joints[5]!);
  const millimetres = thigh < 5 ? joints.map((value) => value * 1000) : joints;
  const length = thigh < 5 ? thigh * 1000 : thigh;
  if (!(length >= 200 && length <= 700))
    throw bad(
      'human36m-scale',
      `With joints in metres or millimetres the thigh in "${name}" would be ${length.toPrecision(3)} mm long`,
      path,
    );
  for (let z = 2; z < millimetres.length; z += 3)
    if (millimetres[z]! <= 0)
      throw bad(
        'human36m-camera-axes',
        `A joint in "${name}" lies behind the camera; convert world to camera coordinates first`,
        path,
      );
  const subject = subjectOfSource(subjectName);
  const source = parts.join('/');
  return {
    source,
    subject,
    action,
    camera,
    split: splitOf(subject),
    frames,
    joints2d,
    confidence: null,
    truth: { kind: 'camera', joints: millimetres },
  };
}

/** `s_09_act_05_subact_02_ca_01` or `S9` -> `9`; anything else stays as it is. */
function subjectOfSource(source: string): string {
  return /^s_?0*(\d+)(?!\d)/i.exec(source)?.[1] ?? source;
}

function splitOf(subject: string): 'train' | 'val' {
  return testSubjects.has(subject) ? 'val' : 'train';
}

function array(npz: NpzFile, name: string, path: string): NpyArray {
  const found = npz.read(name);
  if (!found) throw bad('human36m-missing-array', `The array "${name}" is not in the archive`, path);
  return found;
}

function poses(
  npz: NpzFile,
  name: string,
  axes: 2 | 3,
  path: string,
  frames?: number,
): { data: Float32Array; frames: number } {
  const { shape } = array(npz, name, path);
  const count = frames ?? shape[0] ?? 0;
  if (count === 0) throw bad('human36m-no-frames', `The array "${name}" holds no frames`, path);
  return { data: floats(npz, name, [count, 17, axes], path), frames: count };
}

function floats(npz: NpzFile, name: string, shape: readonly number[], path: string): Float32Array {
  const found = array(npz, name, path);
  // A trailing axis of length 1 changes nothing: confidence comes as [F, 17] and [F, 17, 1].
  const got =
    found.shape.at(-1) === 1 && found.shape.length === shape.length + 1 ? found.shape.slice(0, -1) : found.shape;
  if (got.length !== shape.length || got.some((size, axis) => size !== shape[axis]))
    throw bad(
      'human36m-shape',
      `"${name}" should have the shape (${shape.join(', ')}), but has (${found.shape.join(', ')})`,
      path,
    );
  const { data } = found;
  if (!isNumeric(data)) throw bad('human36m-shape', `"${name}" should hold numbers`, path);
  const values = data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number | bigint>, Number);
  const wrong = values.findIndex((value) => !(Math.abs(value) < 1e9));
  if (wrong >= 0)
    throw bad(
      'human36m-bad-number',
      `"${name}" holds ${values[wrong]!} in frame ${Math.floor(wrong / (values.length / shape[0]!)) + 1}; remove such frames`,
      path,
    );
  return values;
}

function isNumeric(data: NpyArray['data']): data is Exclude<NpyArray['data'], readonly string[]> {
  return ArrayBuffer.isView(data);
}

function texts(npz: NpzFile, name: string, frames: number, path: string): string[] {
  const { shape, data } = array(npz, name, path);
  if (shape.length !== 1 || shape[0] !== frames)
    throw bad('human36m-shape', `"${name}" should have the shape (${frames}), but has (${shape.join(', ')})`, path);
  return Array.from(data as ArrayLike<number | bigint | string>, String);
}
