// Judges face videos without labels: the clips, the look and the model of the evaluation, one after the other.
import type { Rect, Size } from '../../engine/frames/placement';
import type { OpenVideo, VideoStore } from '../../frames/videoStore';
import { stretchesOf } from '../../samples/stretches';
import type { JudgeWindow, OpenedItem, TaskJudge } from '../../training/judging/taskJudge';
import type { Outputs } from '../../training/runtime';
import { mntsmDataSettings, type MntsmDataSettings } from './dataSettings';
import type { FaceFindings, FoundClip, JudgedFace } from './faceFindings';
import { middleSquare } from './faceVideos';
import { findFaces, type FoundFace } from './foundFaces';
import { clipsInput, fixedClips, type LookedAt } from './scoredClips';

/** Something that is looked at along a video; a face that was found has a window for each of its clips. */
export interface Subject {
  readonly name: string;
  /** In the order of time. */
  readonly clips: readonly LookedAt[];
  /** As in `JudgedFace`. */
  readonly times: readonly number[];
  readonly boxes: JudgedFace['boxes'];
}

interface FaceWindow extends JudgeWindow {
  readonly subject: number;
  readonly clip: LookedAt;
}

class JudgedVideo implements OpenedItem<FaceWindow, FaceFindings> {
  readonly head: OpenedItem['head'];
  readonly #video: OpenVideo;
  readonly #subjects: readonly Subject[];
  readonly #settings: MntsmDataSettings;
  readonly #store: VideoStore;
  readonly #clips: FoundClip[][];

  constructor(video: OpenVideo, subjects: readonly Subject[], settings: MntsmDataSettings, store: VideoStore) {
    const { width, height, durationSeconds } = video.facts;
    const { times } = video;
    this.head = { startSeconds: times[0] ?? 0, seconds: durationSeconds, frames: times.length, width, height };
    this.#video = video;
    this.#subjects = subjects;
    this.#settings = settings;
    this.#store = store;
    this.#clips = subjects.map(() => []);
  }

  /** The clips of all subjects, the one that begins first first. */
  windows(): readonly FaceWindow[] {
    const { times } = this.#video;
    const { startSeconds } = this.head;
    return this.#subjects
      .flatMap(({ clips }, subject) =>
        clips.map((clip) => ({ subject, clip, untilSeconds: times[clip.frames.at(-1)!]! - startSeconds })),
      )
      .sort((a, b) => a.untilSeconds - b.untilSeconds);
  }

  batch(windows: readonly FaceWindow[]) {
    return clipsInput(
      windows.map(({ clip }) => clip),
      this.#settings,
      this.#store,
    );
  }

  hear({ subject, clip }: FaceWindow, { score, attention, frameScores }: Outputs): void {
    this.#clips[subject]!.push({
      times: clip.frames.map((frame) => this.#video.times[frame]!),
      score: score![0]!,
      attention: Array.from(attention!),
      frameScores: Array.from(frameScores!),
    });
  }

  findings(): FaceFindings {
    return {
      faces: this.#subjects.map(({ name, times, boxes }, i) => ({ name, times, boxes, clips: [...this.#clips[i]!] })),
    };
  }
}

/** The picture, or the square in its middle, as one subject. */
function pictureSubject(video: OpenVideo, settings: MntsmDataSettings): Subject {
  const { crop } = video;
  return {
    name: '',
    clips: fixedClips(stretchesOf(video), settings).map((frames) => ({ video, frames })),
    times: crop ? [video.times[0]!] : [],
    boxes: crop && 'width' in crop ? [inShares(crop, video.facts)] : [],
  };
}

/** A face that was found, looked at in its own clips. */
function faceSubject({ track, video, stretch }: FoundFace, settings: MntsmDataSettings): Subject {
  const { name, frames, boxes } = track;
  return {
    name,
    clips: fixedClips([stretch], settings).map((clip) => ({ video, frames: clip })),
    times: frames.map((frame) => video.times[frame]!),
    boxes: frames.map((_, i) => {
      const [x, y, width, height] = [0, 1, 2, 3].map((k) => boxes[i * 4 + k]!) as [number, number, number, number];
      return inShares({ x, y, width, height }, video.facts);
    }),
  };
}

function inShares({ x, y, width, height }: Rect, picture: Size): JudgedFace['boxes'][number] {
  return [x / picture.width, y / picture.height, width / picture.width, height / picture.height];
}

export const judgeFaces: TaskJudge = {
  async open(item, { settings, videos, finders, tell, signal, found }) {
    const { look, ...others } = mntsmDataSettings(settings);
    // A run that kept its frames saw them as bytes; so does whoever judges with its weights.
    const wanted = { ...others, look: { ...look, asKept: others.cacheFrames } };
    const { cropShare, faceMargin } = wanted;
    const crop = cropShare === null ? () => null : (facts: OpenVideo['facts']) => middleSquare(facts, cropShare);
    const video = await videos.open(item.files[0]!, crop, tell);
    const faces =
      faceMargin !== null && finders
        ? await findFaces(video, faceMargin, { videos, finders, signal, told: found })
        : null;
    const subjects = faces?.map((face) => faceSubject(face, wanted)) ?? [pictureSubject(video, wanted)];
    return new JudgedVideo(video, subjects, wanted, videos);
  },
};
