// Real and manipulated face videos, the same records from folders of videos or of pictures and from lists.
import type { DataFile } from '../formats/dataFile';
import type { DataReport } from './dataReport';
import { reportOf, type LabelledItem, type LabelSet } from './labelSet';

/** One frame of a video that comes as pictures. */
export interface FaceImage {
  readonly media: DataFile;
  /** Of the frame, as the file's name says it: numbers rise, and may leave some out. */
  readonly number: number;
}

export interface FaceVideo extends LabelledItem {
  readonly label: 'real' | 'fake';
  /** How it was made, or where a real one comes from: `Deepfakes`, `youtube`; else `real` or `fake`. */
  readonly kind: string;
  /** Who can be seen: videos that share one never lie in two splits of our own. */
  readonly identities: readonly string[];
  /** Null where the labels do not say. */
  readonly frames: number | null;
  readonly framesPerSecond: number | null;
  /**
   * Only of a video that comes as pictures of faces: its clips, in order, or all of it as one. No clip is empty, and
   * `media` is the first picture, `path` the folder or the beginning that they share.
   */
  readonly clips?: readonly (readonly FaceImage[])[];
}

export function reportFaces(set: LabelSet<FaceVideo>): DataReport {
  const report = reportOf(set, {
    unit: 'videos',
    labels: ({ label, kind }) => [label === kind ? label : `${label}: ${kind}`],
    seconds: ({ frames, framesPerSecond }) =>
      frames === null || framesPerSecond === null ? null : frames / framesPerSecond,
    // Of a single frame nothing can be learnt that changes in time.
    unlearnable: ({ frames }) => (frames === 1 ? 1 : 0),
    sample: ({ clips }) => ({ kind: clips ? 'image' : 'video' }),
  });
  const clips = set.items.flatMap((item) => item.clips ?? []);
  if (clips.length === 0) return report;
  const pictures = clips.reduce((sum, clip) => sum + clip.length, 0);
  return { ...report, counts: { ...report.counts, clips: clips.length, pictures } };
}

/**
 * The group of each video: videos that share an identity, directly or through others, belong together.
 * @returns a key per video, equal within a group.
 */
export function identityGroups(videos: readonly { readonly identities: readonly string[] }[]): string[] {
  const parents = new Map<string, string>();
  const rootOf = (name: string): string => {
    let root = name;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    for (let at = name; at !== root;) {
      const next = parents.get(at)!;
      parents.set(at, root);
      at = next;
    }
    return root;
  };
  for (const { identities } of videos) {
    for (const identity of identities.slice(1)) {
      const [a, b] = [rootOf(identities[0]!), rootOf(identity)].sort() as [string, string];
      if (a !== b) parents.set(b, a);
    }
  }
  return videos.map(({ identities }) => (identities[0] === undefined ? '' : rootOf(identities[0])));
}
