// What a recorded result keeps of the view: the smallest file of an abnormal video, with two of its pictures.
import { smallestVideo } from '../smallestVideo';
import type { FgclipView } from './viewPayload';

const pictures = 2;

export function excerpt({ videos, ...view }: FgclipView): FgclipView {
  const smallest = smallestVideo(videos.filter(({ abnormal }) => abnormal));
  return { ...view, videos: smallest ? [{ ...smallest, stills: smallest.stills.slice(0, pictures) }] : [] };
}
