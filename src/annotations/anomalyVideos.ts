// Videos with something out of the ordinary: by frame interval, by caption and region, the same for every format.
import type { DataReport } from './dataReport';
import type { PixelBox } from './boxes';
import { stemOf } from '../formats/filePaths';
import { reportOf, type LabelledItem, type LabelSet } from './labelSet';

/** Frames of the video's own rate, the end excluded. */
export interface FrameSpan {
  readonly startFrame: number;
  readonly endFrame: number;
}

/** A box at one frame, edges as shares of the image's width and height. */
export interface KeyFrame {
  readonly frame: number;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  /** False ends the region at this key frame. */
  readonly enabled: boolean;
}

/** A caption of a part of the image over some time. Without key frames it is the whole image all the time. */
export interface CaptionedRegion {
  readonly caption: string;
  readonly keyFrames: readonly KeyFrame[];
}

export interface AnomalyLabels {
  /** `Normal` or a kind of incident, for example `RoadAccidents`. */
  readonly className: string;
  readonly abnormal: boolean;
  /** Null where it is only known that something happens. Empty for a normal video. */
  readonly spans: readonly FrameSpan[] | null;
  readonly caption: string | null;
  readonly regions: readonly CaptionedRegion[];
  /** The part of the video that the labels are about; null for all of it. */
  readonly startSeconds: number | null;
  readonly endSeconds: number | null;
  /** Boxes in pixels by frame; empty where there are none. */
  readonly boxes: ReadonlyMap<number, PixelBox>;
  readonly frames: number | null;
  readonly framesPerSecond: number | null;
}

export type AnomalyVideo = LabelledItem & AnomalyLabels;

/** An entry of a label file: what it says, and the name of the video that it says it of. */
export type AnomalyEntry = AnomalyLabels & { readonly name: string; readonly split: LabelledItem['split'] };

/** What labels that say nothing about a thing leave open. */
export const nothingSaid = {
  spans: null,
  caption: null,
  regions: [],
  startSeconds: null,
  endSeconds: null,
  boxes: new Map<number, PixelBox>(),
  frames: null,
  framesPerSecond: null,
} as const;

/**
 * The class that a path tells: Abuse for `Abuse001_x264.mp4`, Normal for `Normal_Videos…`, else the folder's name, else
 * `Anomaly`.
 */
export function classOfName(path: string): string {
  const parts = path.replaceAll('\\', '/').split('/');
  const stem = stemOf(parts.at(-1)!);
  if (/^normal/i.test(stem)) return 'Normal';
  const letters = /^([a-z]{1,40})\d{3}/i.exec(stem)?.[1];
  if (letters !== undefined) return letters;
  const folder = parts.at(-2) ?? '';
  return folder === '' ? 'Anomaly' : /normal/i.test(folder) ? 'Normal' : folder;
}

/** What a class is called in a text: RoadAccidents → road accidents. */
export function wordsOf(className: string): string {
  return className
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
}

export function reportAnomalies(set: LabelSet<AnomalyVideo>): DataReport {
  const report = reportOf(set, {
    unit: 'videos',
    labels: ({ className }) => [className],
    seconds: ({ frames, framesPerSecond }) =>
      frames === null || framesPerSecond === null ? null : frames / framesPerSecond,
    unlearnable: ({ spans, frames }) =>
      (spans ?? []).filter(({ startFrame }) => startFrame >= (frames ?? Infinity)).length,
    sample: ({ spans, className, framesPerSecond }) => ({
      kind: 'video',
      ...(framesPerSecond !== null && {
        spans: (spans ?? []).map(({ startFrame, endFrame }) => {
          return { label: className, start: startFrame / framesPerSecond, end: endFrame / framesPerSecond };
        }),
      }),
    }),
  });
  const sum = (count: (item: AnomalyVideo) => number): number =>
    set.items.reduce((total, item) => total + count(item), 0);
  const normal = sum(({ abnormal }) => (abnormal ? 0 : 1));
  return {
    ...report,
    counts: {
      ...report.counts,
      normal,
      abnormal: set.items.length - normal,
      spans: sum(({ spans }) => spans?.length ?? 0),
      regions: sum(({ regions }) => regions.length),
      'key frames': sum(({ regions }) => regions.reduce((total, region) => total + region.keyFrames.length, 0)),
    },
  };
}
