// Which files are lifted as one: a video, its key points, or both; OpenPose writes a file a frame.
import { mayHoldKeyPoints } from '../../annotations/keyPoints';
import { openPoseName } from '../../annotations/keyPointFrames';
import { fileName, stemOf } from '../../formats/filePaths';
import type { DataFile } from '../../formats/dataFile';
import type { JudgeItem } from '../../training/judging/taskJudge';

/** Endings that programs give to key points of a video called `x`: `x_keypoints.json`, `results_x.json`. */
const endings = /[-_. ]?(keypoints?|key-points?|poses?|results?|alphapose(-results)?|openpose|2d|h36m)$/i;
const beginnings = /^(results?|predictions?|alphapose)[-_. ]/i;

/** Key points, with the video of their name where there is one; a video without, with the person's own model. */
export function poseItems(files: readonly DataFile[]): readonly JudgeItem[] {
  const own = files.filter(({ path }) => isOfModel(path));
  const others = files.filter((file) => !own.includes(file));
  const sets = new Map<string, DataFile[]>();
  for (const file of others.filter(({ path }) => mayHoldKeyPoints(path))) {
    const base = openPoseName(file.path)?.base ?? file.path;
    sets.set(base, [...(sets.get(base) ?? []), file]);
  }
  const films = others.filter(({ path }) => !mayHoldKeyPoints(path));
  const pair = sets.size === 1 && films.length === 1 ? films[0] : undefined;
  const joined = [...sets].map(([base, points]): JudgeItem => {
    const film = films.find(({ path }) => belongs(base, path)) ?? pair;
    const name = film?.path ?? (points.length > 1 ? base : points[0]!.path);
    const ordered = points.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { name, files: film ? [...ordered, film] : ordered };
  });
  const taken = new Set(joined.flatMap(({ files: given }) => given));
  const alone = films.filter((film) => !taken.has(film));
  return [...joined, ...alone.map((film) => ({ name: film.path, files: [film, ...own] }))];
}

/** A person's own 2-D model, or the file that says what it takes and gives. */
export function isOfModel(path: string): boolean {
  return /\.onnx(\.json)?$/i.test(path);
}

function belongs(points: string, film: string): boolean {
  const wanted = stemOf(film);
  const said = /\.(json|npz)$/i.test(points) ? stemOf(points) : fileName(points);
  return [said, said.replace(endings, ''), said.replace(beginnings, '')].includes(wanted);
}
