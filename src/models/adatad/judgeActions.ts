// Judges videos without labels: the windows, the look and the model of the evaluation over a video of any length.
import type { VideoStore } from '../../frames/videoStore';
import type { Batch, Outputs } from '../../training/batch';
import type { JudgeWindow, OpenedItem, TaskJudge } from '../../training/judging/taskJudge';
import type { Settings } from '../settings';
import { clockedVideo, type ClockedVideo } from './actionVideos';
import type { AdatadFacts } from './data';
import { adatadDataSettings, type AdatadDataSettings } from './dataSettings';
import type { ActionFindings } from './findings';
import type { Detection } from './results';
import { detectionsOf, windowsInput, windowsOver, type ScoredWindow } from './scoredWindows';
import { BACKBONE_PATH } from './model';

type ActionWindow = JudgeWindow & ScoredWindow<ClockedVideo>;

class JudgedVideo implements OpenedItem<ActionWindow, ActionFindings> {
  readonly head: OpenedItem['head'];
  readonly #opened: ClockedVideo;
  readonly #classes: readonly string[];
  readonly #settings: AdatadDataSettings;
  readonly #store: VideoStore;
  readonly #windows: Detection[][] = [];

  constructor(opened: ClockedVideo, classes: readonly string[], settings: AdatadDataSettings, store: VideoStore) {
    const { video, frames } = opened;
    const { width, height, durationSeconds } = video.facts;
    this.head = { startSeconds: video.times[0] ?? 0, seconds: durationSeconds, frames, width, height };
    this.#opened = opened;
    this.#classes = classes;
    this.#settings = settings;
    this.#store = store;
  }

  windows(): readonly ActionWindow[] {
    const { durationSeconds, framesPerSecond } = this.#opened.clock;
    return windowsOver(this.#opened, this.#settings).map((window) => {
      const { firstFrame, snippets, stride } = window.place;
      const until = (firstFrame + snippets * stride) / framesPerSecond;
      return { ...window, untilSeconds: Math.min(until, durationSeconds) };
    });
  }

  batch(windows: readonly ActionWindow[]): Batch {
    return windowsInput(windows, this.#settings, this.#store);
  }

  hear(window: ActionWindow, outputs: Outputs): void {
    this.#windows.push(detectionsOf(window, outputs, this.#settings));
  }

  findings(): ActionFindings {
    return { classes: this.#classes, windows: [...this.#windows] };
  }
}

export const judgeActions: TaskJudge<AdatadFacts> = {
  async open(item, { settings, facts, videos, tell }) {
    const { look, ...others } = adatadDataSettings(settings);
    // A run that kept its frames saw them as bytes; so does whoever judges with its weights.
    const wanted = { ...others, look: { ...look, asKept: others.cacheFrames } };
    const video = await videos.open(item.files[0]!, () => null, tell);
    return new JudgedVideo(clockedVideo(video), facts.classes, wanted, videos);
  },

  guess(shapes) {
    const first = (name: string): number | undefined => shapes.get(name)?.[0];
    const count = (prefix: string): number =>
      new Set(
        [...shapes.keys()].flatMap((name) =>
          name.startsWith(prefix) ? [name.slice(prefix.length).split('.')[0]] : [],
        ),
      ).size;
    const block = `${BACKBONE_PATH}.blocks.`;
    const [width, channels] = [first(`${block}0.norm1.weight`), first('neck.fpn_norms.0.weight')];
    const classes = first('rpn_head.cls_head.bias');
    if (width === undefined || channels === undefined || classes === undefined) return {};
    const settings: Settings = { width, channels, depth: count(block), levels: count('neck.fpn_norms.') };
    return { settings, classes };
  },

  facts: (classes) => ({ classes }),
};
