// Real and manipulated face videos, the same records from FaceForensics++ folders, real/fake folders and lists.
import type { DataReport } from '../training/protocol';
import { reportOf, type LabelledItem, type LabelSet } from './labelSet';

export interface FaceVideo extends LabelledItem {
  readonly label: 'real' | 'fake';
  /** How it was made, or where a real one comes from: `Deepfakes`, `youtube`; else `real` or `fake`. */
  readonly kind: string;
  /** Who can be seen: videos that share one never lie in two splits of our own. */
  readonly identities: readonly string[];
  /** Null where the labels do not say. */
  readonly frames: number | null;
  readonly framesPerSecond: number | null;
}

export function reportFaces(set: LabelSet<FaceVideo>): DataReport {
  return reportOf(set, {
    unit: 'videos',
    labels: ({ label, kind }) => [label === kind ? label : `${label}: ${kind}`],
    seconds: ({ frames, framesPerSecond }) =>
      frames === null || framesPerSecond === null ? null : frames / framesPerSecond,
  });
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
