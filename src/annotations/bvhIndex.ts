// Reads the optional index.json of a BVH folder: split, action, skeleton family, rate and unit of each file.
import { UserError } from '../errors';
import { isRecord, parseJson } from '../formats/json';
import type { DataProblem } from './dataReport';
import { bvhFamilies, type BvhFamily } from './bvhFamilies';
import type { Folder } from './folder';

/** What the index says about one file; what it leaves out is found from the file itself. */
export interface BvhIndexEntry {
  readonly split: 'train' | 'val' | undefined;
  readonly action: string | undefined;
  readonly subject: string | undefined;
  readonly family: string | undefined;
  readonly framesPerSecond: number | undefined;
}

export interface BvhIndex {
  /** By the path that the file should have inside the folder. */
  readonly entries: ReadonlyMap<string, BvhIndexEntry>;
  readonly families: readonly BvhFamily[];
  readonly problems: readonly DataProblem[];
}

/**
 * Reads the index nearest to the top of the folder, or gives null when there is none. Fields: `clips`, a list of
 * `{ file, split: "train" | "val", action?, subject?, family?, true_fps? }`, and optionally `mapping` (family name
 * -> 17 joint names, `a+b` for a midpoint) and `mm_per_unit` (family name -> number).
 * @throws UserError `bvh-index` when the index as a whole is unusable: training without it would change the split.
 */
export async function readBvhIndex(folder: Folder): Promise<BvhIndex | null> {
  const depth = (path: string): number => path.split('/').length;
  const file = folder.files
    .filter(({ path }) => /(^|\/)index\.json$/.test(path))
    .sort((a, b) => depth(a.path) - depth(b.path) || (a.path < b.path ? -1 : 1))[0];
  if (!file) return null;
  const root = parseObject(await folder.text(file), file.path);
  const place = file.path.slice(0, file.path.length - 'index.json'.length);
  const families = readFamilies(root, file.path);
  const { clips } = root;
  if (!Array.isArray(clips)) throw indexError('"clips" must be a list', file.path);

  const entries = new Map<string, BvhIndexEntry>();
  const problems: DataProblem[] = [];
  for (const [i, clip] of (clips as unknown[]).entries()) {
    const what = entryProblem(clip, families);
    if (what === null && isRecord(clip)) {
      entries.set(place + String(clip['file']), {
        split: clip['split'] as 'train' | 'val' | undefined,
        action: clip['action'] as string | undefined,
        subject: clip['subject'] as string | undefined,
        family: clip['family'] as string | undefined,
        framesPerSecond: clip['true_fps'] as number | undefined,
      });
    } else {
      const detail = { path: file.path, entry: i + 1 };
      problems.push({
        path: file.path,
        code: 'bvh-index-entry',
        message: `Clip ${i + 1} of the index: ${what ?? ''} (${file.path})`,
        detail,
      });
    }
  }
  return { entries, families, problems };
}

function entryProblem(clip: unknown, families: readonly BvhFamily[]): string | null {
  if (!isRecord(clip)) return 'it must be an object';
  const { file, split, action, subject, family, true_fps: rate } = clip;
  if (typeof file !== 'string' || file === '') return '"file" must name a .bvh file';
  if (split !== undefined && split !== 'train' && split !== 'val') return '"split" must be "train" or "val"';
  if (action !== undefined && typeof action !== 'string') return '"action" must be a text';
  if (subject !== undefined && typeof subject !== 'string') return '"subject" must be a text';
  if (family !== undefined && !families.some(({ name }) => name === family))
    return `"family" must be one of ${families.map(({ name }) => name).join(', ')}`;
  if (rate !== undefined && !(typeof rate === 'number' && rate >= 1 && rate <= 10_000))
    return '"true_fps" must be a number of frames per second, 1 to 10000';
  return null;
}

function readFamilies(root: Record<string, unknown>, path: string): BvhFamily[] {
  const { mapping = {}, mm_per_unit: units = {} } = root;
  if (!isRecord(mapping)) throw indexError('"mapping" must give a list of joints for each family', path);
  if (!isRecord(units)) throw indexError('"mm_per_unit" must give a number for each family', path);
  const names = new Set([...bvhFamilies.map(({ name }) => name), ...Object.keys(mapping)]);
  return [...names].map((name) => {
    const known = bvhFamilies.find((family) => family.name === name);
    const joints = Object.hasOwn(mapping, name) ? mapping[name] : known?.joints;
    if (!isTexts(joints) || joints.length !== 17)
      throw indexError(`"mapping" of "${name}" must be a list of 17 joint names`, path);
    const unit = Object.hasOwn(units, name) ? units[name] : known?.millimetresPerUnit;
    if (typeof unit !== 'number' || !(unit >= 1e-3 && unit <= 1e4))
      throw indexError(`"mm_per_unit" of "${name}" must be a number of millimetres, 0.001 to 10000`, path);
    return { name, joints, millimetresPerUnit: unit };
  });
}

function parseObject(text: string, path: string): Record<string, unknown> {
  let root: unknown;
  try {
    root = parseJson(text, path);
  } catch (cause) {
    throw cause instanceof UserError ? indexError(cause.message, path) : cause;
  }
  if (!isRecord(root)) throw indexError('it must be a JSON object', path);
  return root;
}

function indexError(what: string, path: string): UserError {
  return new UserError(
    'bvh-index',
    `The index is unusable: ${what.replace(/[.]$/, '')}. Mend it, or remove it to split by file names (${path})`,
    {
      path,
    },
  );
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
