// Reads a folder of BVH files into clips of 17 joints in millimetres, split into training and validation.
import { UserError } from '../errors';
import type { DataFile } from '../formats/dataFile';
import type { DataProblem } from './dataReport';
import type { Progress } from '../formats/progress';
import { parseBvh } from './bvh';
import { bvhFamilies, mapJoints, missingJoints, recogniseFamily, repeatedJoint, type BvhFamily } from './bvhFamilies';
import { readBvhIndex, type BvhIndexEntry } from './bvhIndex';
import { worldPositions } from './bvhKinematics';
import { actionOf, splitBySubject, subjectOf } from './bvhSubjects';
import type { Folder } from './folder';
import { repairableReason } from './labelSet';
import { splitOfFolders } from './splits';

/** One recording of one person. */
export interface BvhClip {
  readonly path: string;
  readonly subject: string;
  readonly action: string;
  readonly split: 'train' | 'val';
  /** Name of the skeleton family. */
  readonly family: string;
  readonly framesPerSecond: number;
  readonly frames: number;
  /** [frames, 17, 3] in millimetres, world axes, Y up. */
  readonly joints: Float32Array<ArrayBuffer>;
}

export interface BvhFolder {
  /** Sorted by path. */
  readonly clips: readonly BvhClip[];
  readonly problems: readonly DataProblem[];
  /** Recordings that were there or should have been, usable or not. */
  readonly found: number;
}

/** Beyond this a file is not one recording (and near the longest string of a browser). */
const largestFileBytes = 200_000_000;

type Recording = Omit<BvhClip, 'split'> & { readonly split: 'train' | 'val' | null };

/**
 * Reads every .bvh file. With an `index.json` (format: `readBvhIndex`) it says split, family, rate and unit;
 * without one the family is recognised from the joint names, and folders that are called train, val or test tell the
 * split, else about a fifth of the frames is held out by subject.
 * A broken file becomes a problem and never stops the others.
 * @throws UserError when the index is broken or no file is usable.
 */
export async function readBvhFolder(folder: Folder, progress?: Progress): Promise<BvhFolder> {
  const motionFiles = folder.withExtension('bvh');
  const index = await readBvhIndex(folder);
  const problems: DataProblem[] = [...(index?.problems ?? [])];
  const families = index?.families ?? bvhFamilies;
  const recordings: Recording[] = [];
  for (const [i, file] of motionFiles.entries()) {
    progress?.(file.path, i, motionFiles.length);
    const entry = index?.entries.get(file.path);
    try {
      if (index && !entry)
        throw new UserError(
          'bvh-not-in-index',
          `index.json does not list this file; add it or remove it (${file.path})`,
          {
            path: file.path,
          },
        );
      recordings.push(await readRecording(folder, file, entry, families));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push({ path: file.path, code: error.code, message: error.message, detail: error.detail });
    }
  }
  const present = new Set(motionFiles.map((file) => file.path));
  const missing = [...(index?.entries.keys() ?? [])].filter((path) => !present.has(path));
  for (const path of missing)
    problems.push({
      path,
      code: 'bvh-missing-file',
      message: `index.json lists this file, but it is not in the folder; add it or remove its entry (${path})`,
      detail: { path },
    });
  const found = motionFiles.length + missing.length;
  if (recordings.length === 0) throw repairableReason(folder.notices) ?? nothingUsable(found, problems);
  const { clips, problem } = splitBySubject(recordings);
  if (problem) problems.push(problem);
  return { clips, problems, found };
}

async function readRecording(
  folder: Folder,
  file: DataFile,
  entry: BvhIndexEntry | undefined,
  families: readonly BvhFamily[],
): Promise<Recording> {
  const { path } = file;
  if (file.blob.size > largestFileBytes)
    throw new UserError('bvh-too-large', `This file is larger than 200 MB; cut the recording into parts (${path})`, {
      path,
    });
  const motion = parseBvh(await folder.text(file), path);
  const family = entry?.family
    ? families.find(({ name }) => name === entry.family)
    : recogniseFamily(motion.nodes, families);
  const missing = family ? missingJoints(family, motion.nodes) : [];
  if (!family || missing.length > 0)
    throw new UserError(
      'bvh-unknown-joints',
      family
        ? `The skeleton family "${family.name}" needs the joint "${missing[0]}", which this file lacks; name the right family in index.json (${path})`
        : `The joint names belong to none of the known skeletons (${families.map(({ name }) => name).join(', ')}); add an index.json with a mapping (${path})`,
      { path, joint: missing[0] ?? '' },
    );
  const repeated = repeatedJoint(family, motion.nodes);
  if (repeated !== undefined)
    throw new UserError(
      'bvh-duplicate-joint',
      `Two joints are called "${repeated.slice(0, 40)}", so that it cannot be told which is meant; rename one (${path})`,
      { path, joint: repeated },
    );
  const told = splitOfFolders(folder.inside(path));
  const joints = mapJoints(family, motion.nodes, worldPositions(motion));
  checkScale(joints, family, path);
  return {
    path,
    subject: entry?.subject ?? subjectOf(path),
    action: entry?.action ?? actionOf(path),
    split: entry?.split ?? (told === null || told === 'train' ? told : 'val'),
    family: family.name,
    framesPerSecond: entry?.framesPerSecond ?? 1 / motion.secondsPerFrame,
    frames: motion.frames,
    joints,
  };
}

/** A thigh (joint 1 to 2) of 200 to 700 mm is a person's; anything else is a wrong unit. */
function checkScale(joints: Float32Array, family: BvhFamily, path: string): void {
  const thigh = Math.hypot(joints[6]! - joints[3]!, joints[7]! - joints[4]!, joints[8]! - joints[5]!);
  if (thigh >= 200 && thigh <= 700) return;
  throw new UserError(
    'bvh-scale',
    `With ${family.millimetresPerUnit.toPrecision(5)} mm per unit the thigh would be ${thigh.toPrecision(3)} mm long; set mm_per_unit in index.json (${path})`,
    { path, thigh: Math.round(thigh) },
  );
}

function nothingUsable(found: number, problems: readonly DataProblem[]): UserError {
  if (found === 0)
    return new UserError('bvh-none', 'There is no .bvh file in the folder; drop a folder with motion capture files.');
  return new UserError(
    'bvh-none-usable',
    `None of the ${found} .bvh files is usable. The first problem: ${problems[0]?.message ?? ''}`,
    {
      found,
    },
  );
}
