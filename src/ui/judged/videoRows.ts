// Which videos the list shows, in which order, at the threshold on show.
import { sideOf } from './scores';
import type { MntsmViewVideo } from '../../models/mntsm/viewPayload';

export const videoFilters = ['all', 'wrong', 'real', 'fake'] as const;
export type VideoFilter = (typeof videoFilters)[number];

export const videoOrders = ['wrong', 'highest', 'lowest', 'name'] as const;
export type VideoOrder = (typeof videoOrders)[number];

type Judged = Pick<MntsmViewVideo, 'label' | 'score'>;

/** How far the score lies beyond the threshold on the side that its label does not name; below 0 on the right side. */
export function wrongness(video: Judged, threshold: number): number {
  return video.label === 'fake' ? threshold - video.score : video.score - threshold;
}

/** True where score and label disagree. */
export function isWrong(video: Judged, threshold: number): boolean {
  return (sideOf(video.score, threshold) === 'above') !== (video.label === 'fake');
}

function passes(video: Judged, filter: VideoFilter, threshold: number): boolean {
  if (filter === 'all') return true;
  return filter === 'wrong' ? isWrong(video, threshold) : video.label === filter;
}

/** How many videos each filter leaves. */
export function filterCounts(videos: readonly Judged[], threshold: number): Readonly<Record<VideoFilter, number>> {
  const count = (filter: VideoFilter) => videos.filter((video) => passes(video, filter, threshold)).length;
  return { all: count('all'), wrong: count('wrong'), real: count('real'), fake: count('fake') };
}

/** What is left of the videos, sorted; equals keep their order, names sort as people count (`clip 2` before `clip 10`). */
export function videoRows<Video extends Judged & { readonly name: string }>(
  videos: readonly Video[],
  filter: VideoFilter,
  order: VideoOrder,
  threshold: number,
  locale: string,
): readonly Video[] {
  const names = new Intl.Collator(locale, { numeric: true });
  const compare: Record<VideoOrder, (a: Video, b: Video) => number> = {
    wrong: (a, b) => wrongness(b, threshold) - wrongness(a, threshold),
    highest: (a, b) => b.score - a.score,
    lowest: (a, b) => a.score - b.score,
    name: (a, b) => names.compare(a.name, b.name),
  };
  return videos.filter((video) => passes(video, filter, threshold)).sort(compare[order]);
}
