// What a recorded result keeps of the view: one video, the smallest file, with what was found with some certainty.
import type { AdatadView } from './viewPayload';

const leastScore = 0.02;

export function excerpt({ videos, ...view }: AdatadView): AdatadView {
  const [smallest] = videos
    .filter(({ part }) => part === 'validation')
    .toSorted((a, b) => a.media.size - b.media.size || (a.path < b.path ? -1 : 1));
  if (!smallest) return { ...view, videos: [] };
  return {
    ...view,
    videos: [{ ...smallest, candidates: smallest.candidates.filter(({ score }) => score >= leastScore) }],
  };
}
