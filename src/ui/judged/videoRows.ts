// Which videos the list shows, in which order, at the threshold on show; what is not labelled is never wrong.
import type { JudgedVideo } from './judgedPass';
import { sideOf } from './scores';

export const videoFilters = ['all', 'wrong', 'negative', 'positive', 'above', 'below'] as const;
export type VideoFilter = (typeof videoFilters)[number];

export const videoOrders = ['wrong', 'highest', 'lowest', 'name'] as const;
export type VideoOrder = (typeof videoOrders)[number];

type Judged = Pick<JudgedVideo, 'truth' | 'score'>;

/** True where at least one video is labelled. */
export function isLabelled(videos: readonly Judged[]): boolean {
  return videos.some(({ truth }) => truth !== null);
}

/** The filters that make sense: by label where there are labels, else by side. */
export function filtersFor(labelled: boolean): readonly VideoFilter[] {
  return labelled ? ['all', 'wrong', 'negative', 'positive'] : ['all', 'above', 'below'];
}

/** The orders that make sense, the first at first. */
export function ordersFor(labelled: boolean): readonly VideoOrder[] {
  return labelled ? videoOrders : ['highest', 'lowest', 'name'];
}

/** How far the score lies beyond the threshold on the side that its label does not name; below 0 on the right side. */
export function wrongness({ truth, score }: Judged, threshold: number): number {
  if (truth === null) return -Infinity;
  return truth ? threshold - score : score - threshold;
}

/** True where score and label disagree. */
export function isWrong({ truth, score }: Judged, threshold: number): boolean {
  return truth !== null && (sideOf(score, threshold) === 'above') !== truth;
}

function passes(video: Judged, filter: VideoFilter, threshold: number): boolean {
  if (filter === 'all') return true;
  if (filter === 'wrong') return isWrong(video, threshold);
  if (filter === 'above' || filter === 'below') return sideOf(video.score, threshold) === filter;
  return video.truth === (filter === 'positive');
}

/** How many videos each filter leaves. */
export function filterCounts(videos: readonly Judged[], threshold: number): Readonly<Record<VideoFilter, number>> {
  const count = (filter: VideoFilter) => videos.filter((video) => passes(video, filter, threshold)).length;
  return Object.fromEntries(videoFilters.map((filter) => [filter, count(filter)])) as Record<VideoFilter, number>;
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
  // Infinities of unlabelled videos compare as equal, not as NaN.
  const descending = (a: number, b: number) => (a === b ? 0 : b - a);
  const compare: Record<VideoOrder, (a: Video, b: Video) => number> = {
    wrong: (a, b) => descending(wrongness(a, threshold), wrongness(b, threshold)),
    highest: (a, b) => b.score - a.score,
    lowest: (a, b) => a.score - b.score,
    name: (a, b) => names.compare(a.name, b.name),
  };
  return videos.filter((video) => passes(video, filter, threshold)).sort(compare[order]);
}
