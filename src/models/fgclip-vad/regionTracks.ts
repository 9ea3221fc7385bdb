// Where the regions of a video are, frame by frame: boxes between key frames, boxes of single frames, the whole frame.
import type { AnomalyVideo, CaptionedRegion } from '../../annotations/anomalyVideos';
import type { Stretch } from '../../metrics/frameScores';
import type { Corners } from '../../metrics/judgedBoxes';

export interface RegionTrack {
  readonly caption: string;
  /** In shares of the frame; null where it is not there. */
  readonly boxAt: (frame: number) => Corners | null;
  /** First frame and the one after the last, null for a region that is always there. */
  readonly extent: Stretch | null;
}

/** A region of a video, by its key frames; without any it is the whole frame, all the time. */
export function regionTrack({ caption, keyFrames }: CaptionedRegion): RegionTrack {
  if (keyFrames.length === 0) return { caption, boxAt: () => [0, 0, 1, 1], extent: null };
  const ended = keyFrames.findIndex(({ enabled }) => !enabled);
  const kept = ended === -1 ? keyFrames : keyFrames.slice(0, ended + 1);
  const [first, last] = [kept[0]!, kept.at(-1)!];
  return {
    caption,
    extent: [first.frame, last.frame + 1],
    boxAt(frame) {
      if (frame < first.frame || frame > last.frame) return null;
      const next = kept.findIndex((one) => one.frame >= frame);
      const [to, from] = [kept[next]!, kept[Math.max(0, next - 1)]!];
      const share = to.frame === from.frame ? 1 : (frame - from.frame) / (to.frame - from.frame);
      const between = (a: number, b: number): number => a + share * (b - a);
      return [between(from.x0, to.x0), between(from.y0, to.y0), between(from.x1, to.x1), between(from.y1, to.y1)];
    },
  };
}

/** Boxes that are given frame by frame in pixels, as one region; null where there are none. */
export function boxTrack(
  { boxes }: Pick<AnomalyVideo, 'boxes'>,
  caption: string,
  { width, height }: { readonly width: number; readonly height: number },
): RegionTrack | null {
  if (boxes.size === 0) return null;
  const numbers = [...boxes.keys()];
  return {
    caption,
    extent: [Math.min(...numbers), Math.max(...numbers) + 1],
    boxAt(frame) {
      const box = boxes.get(frame);
      return box ? [box.x0 / width, box.y0 / height, box.x1 / width, box.y1 / height] : null;
    },
  };
}

/** The whole frame, all the time. */
export function wholeFrame(caption: string): RegionTrack {
  return { caption, boxAt: () => [0, 0, 1, 1], extent: null };
}
