// The page's finders as judges and the reading of data use them: networks load when they are first wanted.
import { bridgeGaps } from '../figure/bridgeGaps';
import { human36mFromCoco } from '../figure/cocoJoints';
import type { KeyPointTrack } from '../formats/keyPoints';
import type { OpenVideo } from '../frames/videoStore';
import type { Finders } from '../training/judging/finders';
import { FaceFinder, facePictures, type FollowedFace } from './faceFinder';
import { OwnPoseModel } from './ownPoseModel';
import { PersonFinder, personPictures, seenScore, type FollowedPerson } from './personFinder';

/** Of which what was found is remembered. */
const mostVideos = 200;

/** For one worker. Throws UserError `finder-missing` where the networks cannot be loaded. */
export function pageFinders(): Finders {
  const faceFinder = onceLoaded(() => FaceFinder.open());
  const personFinder = onceLoaded(() => PersonFinder.open());
  const facesOf = new Remembered<FollowedFace>();
  const peopleOf = new Remembered<FollowedPerson>();
  return {
    async faces(video, signal, told) {
      const faces = await facesOf.found(video, async () => {
        const finder = await faceFinder();
        const wanted = facePictures(video);
        return await finder.find(video.facts, video.frames({ wanted, signal }), share(wanted, told));
      });
      return faces.map(({ frames, boxes }, i) => ({ name: `face ${i + 1}`, frames, boxes }));
    },
    async keyPoints(video, signal, told, own) {
      // A model that cannot be used is told of before anybody is looked for.
      await using model = own && (await OwnPoseModel.open(own.model, own.said));
      const wanted = personPictures(video);
      const half = model ? 0.5 : 1;
      const found = await peopleOf.found(video, async () => {
        const finder = await personFinder();
        const heard = share(wanted, (done) => told(done * half));
        return await finder.find(video.facts, video.frames({ wanted, signal }), heard);
      });
      const heard = share(wanted, (done) => told((1 + done) / 2));
      const people = model ? await model.find(found, video.facts, video.frames({ wanted, signal }), heard) : found;
      return people.map((person, i) => keyPointTrack(person, `person ${i + 1}`, video));
    },
  };
}

/** What was found in the latest videos: other weights or settings need not look again. */
export class Remembered<Found> {
  readonly #videos = new Map<string, readonly Found[]>();

  async found({ source }: Pick<OpenVideo, 'source'>, find: () => Promise<readonly Found[]>): Promise<readonly Found[]> {
    const known = this.#videos.get(source) ?? (await find());
    this.#videos.delete(source);
    this.#videos.set(source, known);
    const [oldest] = this.#videos.keys();
    if (this.#videos.size > mostVideos) this.#videos.delete(oldest!);
    return known;
  }
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
