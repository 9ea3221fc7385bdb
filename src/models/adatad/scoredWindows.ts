// Windows that are judged at each validation: they slide over the whole videos, undisturbed.
import { invariant } from '../../errors';
import type { VideoStore } from '../../frames/videoStore';
import type { DetectedAction } from '../../metrics/tadMap';
import type { Batch, Outputs } from '../../training/runtime';
import { filedFrames, type ClockedVideo, type OpenedActions } from './actionVideos';
import type { AdatadDataSettings } from './dataSettings';
import { recordedRules, videoDetections, windowDetections, type Detection, type WindowPlace } from './results';
import { masksOf, stillWindow } from './trainWindows';
import { evaluationWindows } from './windows';

export type ScoredPart = 'training' | 'validation';

export interface ScoredVideo {
  readonly opened: OpenedActions;
  readonly part: ScoredPart;
  /** Of all windows, in their order. */
  readonly windows: readonly (readonly Detection[])[];
  /** After suppression, best first. */
  readonly detections: readonly DetectedAction[];
}

/** A window of a video and its place there. */
export interface ScoredWindow<Video extends ClockedVideo = OpenedActions> {
  readonly opened: Video;
  readonly frames: readonly number[];
  readonly valid: number;
  readonly place: WindowPlace;
}

/** Windows over a whole video. */
export function windowsOver<Video extends ClockedVideo>(
  opened: Video,
  { rule, overlap }: AdatadDataSettings,
): ScoredWindow<Video>[] {
  return evaluationWindows(opened.frames, rule, overlap).map((window) => ({ opened, ...window }));
}

/** Windows undisturbed: `clips` [B, T, 3, S, S] and `mask` [B, T]. */
export function windowsInput(
  windows: readonly ScoredWindow<ClockedVideo>[],
  { look, placement, rule }: AdatadDataSettings,
  store: VideoStore,
): Batch {
  const clips = windows.map(({ opened, frames }) => ({
    ...{ video: opened.video, frames: filedFrames(opened, frames) },
    window: stillWindow(opened.video.facts, look.size, placement),
    ...{ flip: false, jitter: [] },
  }));
  const valid = windows.map((window) => window.valid);
  return { clips: store.input(clips, look), mask: masksOf(valid, rule.snippets) };
}

/** What the model says of one window (`scores` [points, classes], `distances` [points, 2]) as detections in seconds. */
export function detectionsOf(
  { opened, place }: ScoredWindow<ClockedVideo>,
  { scores, distances }: Outputs,
  { levels }: AdatadDataSettings,
): Detection[] {
  return windowDetections({ scores: scores!, distances: distances! }, levels, place, opened.clock);
}

export class ScoredWindows {
  readonly #windows: readonly ScoredWindow[];
  readonly #videos: readonly (readonly [OpenedActions, ScoredPart])[];
  readonly #classes: readonly string[];
  readonly #settings: AdatadDataSettings;
  readonly #store: VideoStore;

  constructor(
    parts: Readonly<Record<ScoredPart, readonly OpenedActions[]>>,
    classes: readonly string[],
    settings: AdatadDataSettings,
    store: VideoStore,
  ) {
    this.#classes = classes;
    this.#settings = settings;
    this.#store = store;
    this.#videos = (['validation', 'training'] as const).flatMap((part) =>
      parts[part].map((one) => [one, part] as const),
    );
    this.#windows = this.#videos.flatMap(([opened]) => windowsOver(opened, settings));
  }

  get count(): number {
    return this.#windows.length;
  }

  /** Without labels, which no prediction reads. */
  batch(indices: readonly number[]): Batch {
    return windowsInput(
      indices.map((i) => this.#windows[i]!),
      this.#settings,
      this.#store,
    );
  }

  /** Joins the model's outputs to the actions of each video. */
  read(outputs: readonly Outputs[]): ScoredVideo[] {
    invariant(outputs.length === this.count, `${outputs.length} outputs for ${this.count} windows`);
    const found = new Map<OpenedActions, Detection[][]>();
    this.#windows.forEach((window, i) => {
      const detections = detectionsOf(window, outputs[i]!, this.#settings);
      found.set(window.opened, [...(found.get(window.opened) ?? []), detections]);
    });
    return this.#videos.map(([opened, part]) => {
      const windows = found.get(opened) ?? [];
      const rules = { ...recordedRules, sigma: this.#settings.sigma };
      return { opened, part, windows, detections: videoDetections(windows, rules).map((one) => this.named(one)) };
    });
  }

  /** A detection with the name of its class. */
  named({ segment, label, score }: Detection): DetectedAction {
    return { segment, label: this.#classes[label]!, score };
  }
}
