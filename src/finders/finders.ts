// The page's finders as judges and the reading of data use them: networks load when they are first wanted.
import { bridgeGaps } from '../figure/bridgeGaps';
import { human36mFromCoco } from '../figure/cocoJoints';
import type { KeyPointTrack } from '../formats/keyPoints';
import type { OpenVideo } from '../frames/videoStore';
import type { Finders } from '../training/judging/finders';
import { FaceFinder, facePictures } from './faceFinder';
import { PersonFinder, personPictures, seenScore, type FollowedPerson } from './personFinder';

/** For one worker. Throws UserError `finder-missing` where the networks cannot be loaded. */
export function pageFinders(): Finders {
  const faceFinder = onceLoaded(() => FaceFinder.open());
  const personFinder = onceLoaded(() => PersonFinder.open());
  return {
    async faces(video, signal, told) {
      const finder = await faceFinder();
      const wanted = facePictures(video);
      const faces = await finder.find(video.facts, video.frames({ wanted, signal }), share(wanted, told));
      return faces.map(({ frames, boxes }, i) => ({ name: `face ${i + 1}`, frames, boxes }));
    },
    async keyPoints(video, signal, told) {
      const finder = await personFinder();
      const wanted = personPictures(video);
      const people = await finder.find(video.facts, video.frames({ wanted, signal }), share(wanted, told));
      return people.map((person, i) => keyPointTrack(person, `person ${i + 1}`, video));
    },
  };
}

/** From the first frame that shows the person to the last; all frames of the video between them. */
export function keyPointTrack(
  { frames, points }: FollowedPerson,
  name: string,
  { times, facts: { width, height } }: Pick<OpenVideo, 'times' | 'facts'>,
): KeyPointTrack {
  const first = frames[0]!;
  const shown = times.slice(first, frames.at(-1)! + 1);
  const seen = frames.map((frame) => frame - first);
  return { name, width, height, times: shown, ...bridgeGaps(shown, seen, human36mFromCoco(points), seenScore) };
}

function share(wanted: readonly number[], told: (share: number) => void): () => void {
  let done = 0;
  return () => told(++done / wanted.length);
}

/** Loads once; where that failed, the next call tries again. */
function onceLoaded<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}
