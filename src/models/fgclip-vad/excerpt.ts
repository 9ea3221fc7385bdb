// What a recorded result keeps of the view: the smallest file of an abnormal video, with two of its pictures.
import type { FgclipView } from './viewPayload';

const pictures = 2;

export function excerpt({ videos, ...view }: FgclipView): FgclipView {
  const [smallest] = videos
    .filter(({ abnormal }) => abnormal)
    .toSorted((a, b) => a.media.size - b.media.size || (a.path < b.path ? -1 : 1));
  return { ...view, videos: smallest ? [{ ...smallest, stills: smallest.stills.slice(0, pictures) }] : [] };
}
