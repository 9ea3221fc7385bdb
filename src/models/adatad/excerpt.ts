// What a recorded result keeps of the view: one video, the smallest file, with what was found with some certainty.
import { smallestVideo } from '../smallestVideo';
import type { AdatadView } from './viewPayload';

const leastScore = 0.02;

export function excerpt({ videos, ...view }: AdatadView): AdatadView {
  const smallest = smallestVideo(videos.filter(({ part }) => part === 'validation'));
  if (!smallest) return { ...view, videos: [] };
  return {
    ...view,
    videos: [{ ...smallest, candidates: smallest.candidates.filter(({ score }) => score >= leastScore) }],
  };
}
