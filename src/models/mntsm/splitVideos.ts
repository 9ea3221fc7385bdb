// Which face videos are for training, validation and test, where the settings ask for another split than the labels'.
import { identityGroups, type FaceVideo } from '../../annotations/faceClips';
import { splitGroups } from '../../annotations/splits';
import type { Settings } from '../settings';

export interface SplitSettings {
  /** As the labels say; drawn with the people of each split kept apart; or video by video, as upstream does. */
  readonly rule: 'official' | 'identity' | 'video';
  /** Shares of the videos where the split is drawn. */
  readonly shares: { readonly val: number; readonly test: number };
}

/** Reads them; what is missing changes nothing. */
export function splitSettings(settings: Settings): SplitSettings {
  const rule = settings['split'];
  return {
    rule: rule === 'identity' || rule === 'video' ? rule : 'official',
    shares: { val: Number(settings['validationShare'] ?? 0.1), test: Number(settings['testShare'] ?? 0.1) },
  };
}

/**
 * The videos with their splits by the rule (spec section 8). A drawn split depends on names alone: it is the same for
 * every seed. Video by video each class is split by itself, and the same person may be in training and validation,
 * which makes the metrics look better.
 */
export function splitVideos<Video extends Pick<FaceVideo, 'path' | 'split' | 'identities' | 'label'>>(
  videos: readonly Video[],
  { rule, shares }: SplitSettings,
): Video[] {
  if (rule === 'official') return [...videos];
  const groups = rule === 'identity' ? identityGroups(videos) : videos.map(({ path }) => path);
  const parts = rule === 'identity' ? [groups] : [pathsOf(videos, 'real'), pathsOf(videos, 'fake')];
  const splits = new Map(parts.flatMap((keys) => [...splitGroups(keys, shares)]));
  return videos.map((video, i) => ({ ...video, split: splits.get(groups[i]!)! }));
}

function pathsOf(videos: readonly Pick<FaceVideo, 'path' | 'label'>[], label: FaceVideo['label']): string[] {
  return videos.filter((one) => one.label === label).map(({ path }) => path);
}
