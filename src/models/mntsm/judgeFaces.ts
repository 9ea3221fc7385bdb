// Judges face videos without labels: the clips, the look and the model of the evaluation, one after the other.
import type { OpenVideo, VideoStore } from '../../frames/videoStore';
import { stretchesOf } from '../../samples/stretches';
import type { JudgeWindow, OpenedItem, TaskJudge } from '../../training/judging/taskJudge';
import type { Outputs } from '../../training/runtime';
import { mntsmDataSettings, type MntsmDataSettings } from './dataSettings';
import type { FaceFindings, FoundClip, JudgedFace } from './faceFindings';
import { middleSquare } from './faceVideos';
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
  const { width, height } = video.facts;
  const { x, y, ...size } = video.crop ?? { x: 0, y: 0, width, height };
  return {
    name: '',
    clips: fixedClips(stretchesOf(video), settings).map((frames) => ({ video, frames })),
    times: video.crop ? [video.times[0]!] : [],
    boxes: video.crop ? [[x / width, y / height, size.width / width, size.height / height]] : [],
  };
}

export const judgeFaces: TaskJudge = {
  async open(item, { settings, videos, tell }) {
    const { look, ...others } = mntsmDataSettings(settings);
    // A run that kept its frames saw them as bytes; so does whoever judges with its weights.
    const wanted = { ...others, look: { ...look, asKept: others.cacheFrames } };
    const { cropShare } = wanted;
    const crop = cropShare === null ? () => null : (facts: OpenVideo['facts']) => middleSquare(facts, cropShare);
    const video = await videos.open(item.files[0]!, crop, tell);
    return new JudgedVideo(video, [pictureSubject(video, wanted)], wanted, videos);
  },
};
