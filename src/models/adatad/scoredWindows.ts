// Windows that are judged at each validation: they slide over the whole videos, undisturbed.
import { invariant } from '../../errors';
import type { VideoStore } from '../../frames/videoStore';
import type { DetectedAction } from '../../metrics/tadMap';
import type { Batch, Outputs } from '../../training/runtime';
import { filedFrames, type OpenedActions } from './actionVideos';
import type { AdatadDataSettings } from './dataSettings';
import { pointCount } from './points';
import { videoDetections, windowDetections, type Detection, type WindowPlace } from './results';
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

interface ScoredWindow {
  readonly opened: OpenedActions;
  readonly frames: readonly number[];
  readonly valid: number;
  readonly place: WindowPlace;
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
    this.#windows = this.#videos.flatMap(([opened]) =>
      evaluationWindows(opened.frames, settings.rule, settings.overlap).map((window) => ({ opened, ...window })),
    );
  }

  get count(): number {
    return this.#windows.length;
  }

  /** As in training but undisturbed; nothing reads the targets of a prediction, which are all 0. */
  batch(indices: readonly number[]): Batch {
    const { look, placement, rule, levels } = this.#settings;
    const chosen = indices.map((i) => this.#windows[i]!);
    const clips = chosen.map(({ opened, frames }) => ({
      ...{ video: opened.video, frames: filedFrames(opened, frames) },
      window: stillWindow(opened.video.facts, look.size, placement),
      ...{ flip: false, jitter: [] },
    }));
    const points = chosen.length * pointCount(levels);
    return {
      clips: this.#store.input(clips, look),
      mask: masksOf(
        chosen.map(({ valid }) => valid),
        rule.snippets,
      ),
      classes: new Float32Array(points * this.#classes.length),
      distances: new Float32Array(points * 2),
    };
  }

  /** Joins the model's outputs (`scores` [points, classes], `distances` [points, 2]) to the actions of each video. */
  read(outputs: readonly Outputs[]): ScoredVideo[] {
    invariant(outputs.length === this.count, `${outputs.length} outputs for ${this.count} windows`);
    const found = new Map<OpenedActions, Detection[][]>();
    this.#windows.forEach(({ opened, place }, i) => {
      const { scores, distances } = outputs[i]!;
      const output = { scores: scores!, distances: distances! };
      const detections = windowDetections(output, this.#settings.levels, place, opened.clock);
      found.set(opened, [...(found.get(opened) ?? []), detections]);
    });
    return this.#videos.map(([opened, part]) => {
      const windows = found.get(opened) ?? [];
      return { opened, part, windows, detections: videoDetections(windows).map((one) => this.named(one)) };
    });
  }

  /** A detection with the name of its class. */
  named({ segment, label, score }: Detection): DetectedAction {
    return { segment, label: this.#classes[label]!, score };
  }
}
