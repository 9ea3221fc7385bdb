// Judges pictures and videos without labels: the tiles, the look and the joining of the evaluation, frame by frame.
import type { Rect } from '../../engine/frames/placement';
import type { DataFile } from '../../formats/dataFile';
import type { OpenVideo, VideoStore } from '../../frames/videoStore';
import type { JudgeItem, JudgeWindow, OpenedItem, TaskJudge } from '../../training/judging/taskJudge';
import type { Batch, Outputs } from '../../training/batch';
import type { BoxFindings, FoundFrame } from './boxFindings';
import { END_TOKEN, START_TOKEN } from '../../text/clipTokenizer';
import { classFilesOf, givenFeatures, withoutClassFiles } from './classTexts';
import type { DetectorFacts } from './data';
import { detectorDataSettings, type DetectorDataSettings } from './dataSettings';
import { namedFacts } from './namedFacts';
import { judgedTiles, pictureBoxes, type HeardTile } from './pictureBoxes';
import { tilesInput } from './scoredPictures';

interface TileWindow extends JudgeWindow {
  readonly frame: number;
  readonly tile: Rect;
  /** It is the last tile of its frame. */
  readonly last: boolean;
}

const pictureNames = /\.(jpe?g|png|webp|avif|bmp)$/i;
/** Candidates of a frame that are kept of a video, which may have thousands of frames. */
const MOST_OF_FRAME = 100;

class JudgedPictures implements OpenedItem<TileWindow, BoxFindings> {
  readonly head: OpenedItem['head'];
  readonly #video: OpenVideo;
  readonly #frames: readonly number[];
  readonly #settings: DetectorDataSettings;
  readonly #classes: readonly string[];
  /** Given features of the classes, where the model reads them. */
  readonly #texts: Float32Array | null;
  readonly #store: VideoStore;
  readonly #found: FoundFrame[] = [];
  #heard: HeardTile[] = [];

  constructor(
    video: OpenVideo,
    frames: readonly number[],
    order: {
      readonly settings: DetectorDataSettings;
      readonly classes: readonly string[];
      readonly texts: Float32Array | null;
      readonly store: VideoStore;
    },
  ) {
    const { times, facts } = video;
    const { width, height, durationSeconds: seconds } = facts;
    this.head = { startSeconds: times[0] ?? 0, seconds, frames: times.length, width, height };
    this.#video = video;
    this.#frames = frames;
    this.#settings = order.settings;
    this.#classes = order.classes;
    this.#texts = order.texts;
    this.#store = order.store;
  }

  *windows(): Generator<TileWindow> {
    const tiles = judgedTiles(this.#video.facts, this.#settings);
    for (const [k, frame] of this.#frames.entries()) {
      const next = this.#frames[k + 1];
      const until = next === undefined ? this.head.seconds : this.#video.times[next]! - this.head.startSeconds;
      for (const [place, tile] of tiles.entries())
        yield { frame, tile, last: place === tiles.length - 1, untilSeconds: until };
    }
  }

  batch(windows: readonly TileWindow[]): Batch {
    const images = tilesInput(
      windows.map(({ frame, tile }) => ({ video: this.#video, frame, tile })),
      this.#settings,
      this.#store,
    );
    return { images, ...(this.#texts && { texts: this.#texts }) };
  }

  hear({ frame, tile, last }: TileWindow, outputs: Outputs): void {
    this.#heard.push({ tile, outputs });
    if (!last) return;
    const { facts, times } = this.#video;
    const { candidates, similarity } = pictureBoxes(this.#heard, facts, this.#classes.length, this.#settings.minScore);
    this.#heard = [];
    const kept = times.length === 1 ? candidates : candidates.slice(0, MOST_OF_FRAME);
    this.#found.push({ frame, seconds: times[frame]!, candidates: kept, similarity });
  }

  findings(): BoxFindings {
    const { stage, classFeatures } = this.#settings;
    return { stage, classes: this.#classes, classFeatures, frames: [...this.#found] };
  }
}

/** Numbers of frames that are at least 1/rate seconds apart; all of them at a rate of 0. */
export function framesAtRate(times: ArrayLike<number>, rate: number): number[] {
  const chosen: number[] = [];
  let due = -Infinity;
  for (let frame = 0; frame < times.length; frame++) {
    // Times of frames are rounded to what their container counts in.
    if (rate > 0 && times[frame]! < due - 1e-3) continue;
    chosen.push(frame);
    due = Math.max(due, times[frame]!) === due ? due + 1 / rate : times[frame]! + 1 / rate;
  }
  return chosen;
}

/** As the evaluation sees pictures that its run kept; frames of videos are made once for all their tiles. */
function judgedLook(
  { look, cacheFrames, pictures }: DetectorDataSettings,
  { facts: { width, height }, times }: OpenVideo,
  keptDetail: number,
): DetectorDataSettings['look'] {
  const own = Math.max(1, Math.max(width, height) / look.size.width);
  const detail = pictures === 'tiles' ? Math.max(own, keptDetail) : 1;
  return { ...look, detail, asKept: cacheFrames || times.length > 1 };
}

export const judgePictures: TaskJudge<DetectorFacts> = {
  /** Files that tell of classes belong to every item. */
  items(files) {
    const others = classFilesOf(files);
    return withoutClassFiles(files).map((file): JudgeItem => ({ name: file.path, files: [file, ...others] }));
  },

  factsFor: namedFacts,

  async open({ files: [first, ...others] }, { settings, facts, videos, tell }) {
    const file = first as DataFile;
    const { path } = file;
    const wanted = detectorDataSettings(settings);
    const video = pictureNames.test(path)
      ? await videos.openPictures({ path, pictures: [file], framesPerSecond: 1 }, () => null, tell)
      : await videos.open(file, () => null, tell);
    const { classes } = facts;
    const texts = wanted.classFeatures === 'given' ? (await givenFeatures(others, classes)).values : null;
    const frames = framesAtRate(video.times, Number(settings['judgedRate'] ?? 0));
    const look = judgedLook(wanted, video, facts.keptDetail);
    return new JudgedPictures(video, frames, { settings: { ...wanted, look }, classes, texts, store: videos });
  },

  guess(shapes) {
    const learned = shapes.get('class_features')?.[0];
    if (learned !== undefined) return { settings: { classFeatures: 'learned' }, classes: learned };
    // CLIP's towers take any names, which are typed before files are judged.
    return { settings: { classFeatures: shapes.has('token_embedding.weight') ? 'texts' : 'given' } };
  },

  facts: (names) => {
    const classes = names.length > 0 ? names : ['object'];
    return { classes, tokens: classes.map(() => [START_TOKEN, END_TOKEN]), givenFeatures: 0, keptDetail: 1 };
  },
};
