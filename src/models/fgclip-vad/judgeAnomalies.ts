// Judges videos without labels: the windows, the look and the scores of the evaluation, along a video of any length.
import { UserError } from '../../errors';
import type { OpenVideo, VideoStore } from '../../frames/videoStore';
import type { JudgeWindow, OpenedItem, TaskJudge } from '../../training/judging/taskJudge';
import type { Outputs } from '../../training/runtime';
import type { AnomalyFindings } from './anomalyFindings';
import { chosenTokenizer } from '../../text/chosenTokenizer';
import { isVocabulary } from '../../text/vocabularyFile';
import { fgclipDataSettings, type FgclipDataSettings } from './dataSettings';
import { curvesOf, samplesOf, windowsInput, windowsOf } from './scoredWindows';
import { factsOfNames, withTyped, type FgclipFacts } from './texts';
import { overWindows, windowStarts } from './windows';

interface AnomalyWindow extends JudgeWindow {
  readonly start: number;
}

class JudgedVideo implements OpenedItem<AnomalyWindow, AnomalyFindings> {
  readonly head: OpenedItem['head'];
  readonly #video: OpenVideo;
  readonly #settings: FgclipDataSettings;
  readonly #store: VideoStore;
  readonly #facts: FgclipFacts;
  readonly #samples: readonly number[];
  readonly #heard: { readonly start: number; readonly outputs: Outputs }[] = [];

  constructor(video: OpenVideo, settings: FgclipDataSettings, facts: FgclipFacts, store: VideoStore) {
    const { times } = video;
    const { width, height, durationSeconds: seconds } = video.facts;
    this.head = { startSeconds: times[0] ?? 0, seconds, frames: times.length, width, height };
    this.#video = video;
    this.#settings = settings;
    this.#facts = facts;
    this.#store = store;
    this.#samples = samplesOf([0, times.length], settings.sampleEvery);
  }

  windows(): readonly AnomalyWindow[] {
    const { frames } = this.#settings;
    const { times } = this.#video;
    return windowStarts(this.#samples.length, windowsOf(frames)).map((start) => {
      const next = this.#samples[start + frames];
      const until = next === undefined ? this.head.seconds : times[next]! - this.head.startSeconds;
      return { start, untilSeconds: until };
    });
  }

  batch(windows: readonly AnomalyWindow[]) {
    return windowsInput(
      windows.map(({ start }) => ({ video: this.#video, samples: this.#samples, start })),
      this.#settings,
      this.#store,
    );
  }

  hear({ start }: AnomalyWindow, outputs: Outputs): void {
    this.#heard.push({ start, outputs });
  }

  /** Up to the last sample that a window reached: windows come in the order of time. */
  findings(): AnomalyFindings {
    const { frames, score } = this.#settings;
    const last = this.#heard.at(-1);
    const known = last ? Math.min(this.#samples.length, last.start + frames) : 0;
    const { classes: names, typed } = this.#facts;
    const shared = { classes: names, times: this.#samples.slice(0, known).map((k) => this.#video.times[k]!) };
    if (known === 0) return { ...shared, shown: score, scores: {}, probabilities: [], places: [] };
    const along = (name: string): Float32Array | null => {
      const parts = this.#heard.flatMap(({ start, outputs }) => {
        const values = outputs[name];
        return values ? [{ start, values }] : [];
      });
      return parts.length === 0 ? null : overWindows(parts, known, parts[0]!.values.length / frames);
    };
    const { scores, classes, places } = curvesOf(along, names.length, score);
    return {
      ...shared,
      shown: scores[score] ? score : 'text',
      scores: Object.fromEntries(Object.entries(scores).map(([kind, values]) => [kind, Array.from(values)])),
      probabilities: Array.from(classes),
      places: Array.from(places, digits),
      ...(typed && { typed, similarities: Array.from(along('typed')!, digits) }),
    };
  }
}

/** To three digits: there are many. */
const digits = (value: number): number => Math.round(value * 1000) / 1000;

export const judgeAnomalies: TaskJudge<FgclipFacts> = {
  items: (files) => files.filter((file) => !isVocabulary(file)).map((file) => ({ name: file.path, files: [file] })),

  factsFor: (facts, settings, files) => withTyped(facts, (settings['typed'] ?? []) as readonly string[], files),

  async open(item, { settings, facts, videos, tell }) {
    // Published towers understand no other texts than those of their vocabulary.
    if (facts.vocabulary === 'bytes' && settings['model'] !== 'narrow')
      throw new UserError(
        'fgclip-vad-vocabulary',
        'These weights do not come with names of classes in CLIP’s vocabulary. Train or judge once with bpe_simple_vocab_16e6.txt.gz among the files, and try the weights that this gives.',
      );
    const { look, ...others } = fgclipDataSettings(settings);
    // A run that kept its frames saw them as bytes; so does whoever judges with its weights.
    const wanted = { ...others, look: { ...look, asKept: others.cacheFrames } };
    const video = await videos.open(item.files[0]!, () => null, tell);
    return new JudgedVideo(video, wanted, facts, videos);
  },
  guess: () => ({ classes: 1, moreClasses: true }),
  needsVocabulary: ({ model }) => model !== 'narrow',
  facts: async (names, _, files) => factsOfNames(names, await chosenTokenizer(files)),
};
