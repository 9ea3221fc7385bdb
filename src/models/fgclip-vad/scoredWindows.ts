// Windows of videos that are scored at each validation, and the curves and maps that their outputs come to.
import { invariant } from '../../errors';
import type { OpenVideo, VideoStore } from '../../frames/videoStore';
import type { Stretch } from '../../metrics/frameScores';
import { padFrames } from '../../samples/timeline';
import type { Batch, Outputs } from '../../training/runtime';
import type { OpenedAnomaly } from './anomalies';
import type { FgclipDataSettings, ScoreKind } from './dataSettings';
import { overWindows, windowStarts, type Windows } from './windows';

/** What a scored video counts for: the metrics that decide, or those that are only shown beside them. */
export type ScoredPart = 'validation' | 'training';

export interface ScoredVideo {
  readonly item: OpenedAnomaly;
  readonly part: ScoredPart;
  /** Numbers of its samples in the video's times. */
  readonly samples: readonly number[];
}

/** What the model says along a video, sample by sample. */
export interface VideoCurves extends ScoredVideo {
  /** How abnormal, [samples], by each score that the model has. */
  readonly scores: Readonly<Partial<Record<ScoreKind, Float32Array>>>;
  /** Probabilities of the classes, normal first, [samples, classes]: by the texts, or by the head where it is shown. */
  readonly classes: Float32Array;
  /** How abnormal each place looks by itself, [samples, patches]. */
  readonly places: Float32Array;
}

export class ScoredWindows {
  readonly videos: readonly ScoredVideo[];
  readonly #windows: readonly { readonly video: number; readonly start: number }[];
  readonly #settings: FgclipDataSettings;
  readonly #store: VideoStore;
  readonly #classes: number;

  constructor(
    parts: Readonly<Record<ScoredPart, readonly OpenedAnomaly[]>>,
    classes: number,
    settings: FgclipDataSettings,
    store: VideoStore,
  ) {
    const { frames, sampleEvery } = settings;
    this.#settings = settings;
    this.#store = store;
    this.#classes = classes;
    this.videos = (['validation', 'training'] as const).flatMap((part) =>
      parts[part].map((item) => ({ item, part, samples: samplesOf(item.range, sampleEvery) })),
    );
    this.#windows = this.videos.flatMap(({ samples }, video) =>
      windowStarts(samples.length, windowsOf(frames)).map((start) => ({ video, start })),
    );
  }

  get count(): number {
    return this.#windows.length;
  }

  /** As in training, undisturbed: `frames` [V · T, 3, S, S] and `mask` [V, T]. */
  batch(indices: readonly number[]): Batch {
    const windows = indices.map((i) => {
      const { video, start } = this.#windows[i]!;
      const { item, samples } = this.videos[video]!;
      return { video: item.video, samples, start };
    });
    return windowsInput(windows, this.#settings, this.#store);
  }

  /** Joins the outputs of all windows: where they overlap, their mean. */
  read(outputs: readonly Outputs[]): VideoCurves[] {
    invariant(outputs.length === this.count, `${outputs.length} outputs for ${this.count} windows`);
    const { frames } = this.#settings;
    return this.videos.map((scored, video) => {
      const own = this.#windows.flatMap((window, i) => (window.video === video ? [{ ...window, i }] : []));
      const along = (name: string): Float32Array | null => {
        const parts = own.flatMap(({ start, i }) => {
          const values = outputs[i]![name];
          return values ? [{ start, values }] : [];
        });
        return parts.length === 0 ? null : overWindows(parts, scored.samples.length, parts[0]!.values.length / frames);
      };
      return { ...scored, ...curvesOf(along, this.#classes, this.#settings.score) };
    });
  }
}

/** Scores out of the model's outputs along a video; a score that the model does not have is left out. */
export function curvesOf(
  along: (name: string) => Float32Array | null,
  classes: number,
  kind: ScoreKind,
): Pick<VideoCurves, 'scores' | 'classes' | 'places'> {
  const byTexts = along('classes')!;
  const mil = along('head');
  const byHead = along('headClasses');
  const text = notNormal(byTexts, classes);
  const places = along('places')!;
  const place = highest(places, text.length);
  return {
    scores: {
      text,
      place,
      ...(mil && { mil, mean: halfOf(mil, text), milPlace: halfOf(mil, place) }),
      ...(byHead && { align: notNormal(byHead, classes) }),
    },
    classes: (kind === 'text' ? null : byHead) ?? byTexts,
    places,
  };
}

/** 1 less the probability of the first class, of each sample. */
function notNormal(probabilities: Float32Array, classes: number): Float32Array {
  return Float32Array.from({ length: probabilities.length / classes }, (_, k) => 1 - probabilities[k * classes]!);
}

/** Both in equal parts. */
function halfOf(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((one, k) => (one + b[k]!) / 2);
}

/** Of the places of each sample. */
function highest(places: Float32Array, samples: number): Float32Array {
  const patches = places.length / samples;
  return Float32Array.from({ length: samples }, (_, k) =>
    places.subarray(k * patches, (k + 1) * patches).reduce((most, one) => Math.max(most, one), 0),
  );
}

/** The score that is shown: by the texts where the model has no head. */
export function shownScore({ scores }: Pick<VideoCurves, 'scores'>, kind: ScoreKind): Float32Array {
  return scores[kind] ?? scores.text!;
}

/** Windows of so many samples that overlap by half. */
export function windowsOf(frames: number): Windows {
  return { length: frames, stride: Math.max(1, Math.floor(frames / 2)) };
}

/** A place of a video that is scored: so many of its samples from `start` on. */
export interface ScoredPlace {
  readonly video: OpenVideo;
  readonly samples: readonly number[];
  readonly start: number;
}

/** Windows as the model takes them, undisturbed; a shorter video's last frame repeats and does not count. */
export function windowsInput(
  windows: readonly ScoredPlace[],
  { frames: length, look }: FgclipDataSettings,
  store: VideoStore,
): Batch {
  const chosen = windows.map(({ video, samples, start }) => ({
    video,
    ...padFrames(samples.slice(start, start + length), length),
  }));
  return {
    frames: store.input(
      chosen.map(({ video, frames }) => ({ video, frames, flip: false, jitter: [] })),
      look,
    ),
    mask: Float32Array.from({ length: chosen.length * length }, (_, k) =>
      k % length < chosen[Math.floor(k / length)]!.valid ? 1 : 0,
    ),
  };
}

/** Every so manieth frame of a part of a video. */
export function samplesOf([start, end]: Stretch, every: number): number[] {
  return Array.from({ length: Math.max(1, Math.ceil((end - start) / every)) }, (_, k) => start + k * every);
}
