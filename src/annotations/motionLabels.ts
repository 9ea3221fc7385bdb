// Motion capture as a label set: BVH recordings and Human3.6M archives beside the other formats.
import { UserError } from '../errors';
import type { DataProblem, DataReport } from './dataReport';
import { readBvhFolder } from './bvhFolder';
import type { Folder } from './folder';
import { readHuman36m } from './human36m';
import { reportOf, type LabelledItem, type LabelSet } from './labelSet';
import { type Progress } from '../formats/progress';

/** One recording; the pose task reads the poses themselves. */
export interface MotionItem extends LabelledItem {
  readonly subject: string;
  readonly action: string;
  readonly frames: number;
  /** Null where the file does not say. */
  readonly framesPerSecond: number | null;
}

/** Findings that cost no recording. */
const remarks = new Set(['bvh-one-subject', 'bvh-index-entry']);

/** Reads all BVH recordings. Throws what `readBvhFolder` throws. */
export async function readMotionFolder(folder: Folder, progress?: Progress): Promise<LabelSet<MotionItem>> {
  const { clips, problems } = await readBvhFolder(folder, progress);
  const files = new Map(folder.files.map((file) => [file.path, file]));
  const items = clips.map(({ path, split, subject, action, frames, framesPerSecond }) => {
    return { path, media: files.get(path)!, split, subject, action, frames, framesPerSecond };
  });
  return {
    items,
    unusable: problems.filter(({ code }) => !remarks.has(code)),
    notices: [...folder.notices, ...problems.filter(({ code }) => remarks.has(code))],
    classes: actionsOf(items),
  };
}

/** Reads all .npz archives; a broken one becomes a finding. */
export async function readPoseArchives(folder: Folder): Promise<LabelSet<MotionItem>> {
  const items: MotionItem[] = [];
  const unusable: DataProblem[] = [];
  for (const media of folder.withExtension('npz')) {
    try {
      const bytes = new Uint8Array(await media.blob.arrayBuffer());
      const tell = ({ code, message, detail }: UserError): void =>
        void unusable.push({ path: media.path, code, message, detail });
      for (const { source, camera, split, subject, action, frames } of readHuman36m(bytes, media.path, tell))
        items.push({
          path: `${media.path}/${source}/${camera}`,
          media,
          split,
          subject,
          action,
          frames,
          framesPerSecond: null,
        });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      unusable.push({ path: media.path, code: error.code, message: error.message, detail: error.detail });
    }
  }
  return { items, unusable, notices: folder.notices, classes: actionsOf(items) };
}

function actionsOf(items: readonly MotionItem[]): string[] {
  return [...new Set(items.map(({ action }) => action))].sort();
}

export function reportMotion(set: LabelSet<MotionItem>): DataReport {
  return reportOf(set, {
    unit: 'recordings',
    labels: ({ action }) => [action],
    seconds: ({ frames, framesPerSecond }) => (framesPerSecond === null ? null : frames / framesPerSecond),
    unlearnable: ({ frames }) => (frames === 1 ? 1 : 0),
  });
}
