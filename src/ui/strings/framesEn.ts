// Texts about the resized frames of videos that are kept for later runs, in English.
import { count } from '../format/quantities';

export const framesEn = {
  frames: {
    keeping: (done: number, total: number) =>
      `Resizes and keeps frames beside training: ${count('en', done)} of ${count('en', total)}.`,
    found: (size: string) => `Reads ${size} of resized frames that an earlier run kept.`,
    written: (size: string) => `Kept ${size} of resized frames for next time.`,
    memory: (size: string) => `Holds ${size} of resized frames in memory for this run.`,
    removed: (size: string) => `Frames of other videos, those used longest ago, gave way (${size}).`,
    none: 'No resized frames could be kept: videos are decoded again in each epoch.',
    some: (kept: number, videos: number) =>
      `Frames of ${count('en', kept)} of ${count('en', videos)} videos are kept; the others are decoded again in each epoch.`,
    stored: (size: string, files: number) =>
      `Resized frames of videos take ${size} of it, in ${count('en', files)} ${files === 1 ? 'file' : 'files'}.`,
    nothing: 'No resized frames of videos are kept.',
    use: 'They spare the next run on the same videos the decoding; deleting them loses nothing else.',
    delete: 'Delete resized frames',
    deleted: (size: string) => `Deleted ${size} of resized frames.`,
    inUse: 'A run is under way: they can be deleted when it has ended.',
  },
};
