// Recorded metrics of anomaly detection: curves with ties, frames of many videos, classes, stretches of time.
import {
  frameLabels,
  frameScores,
  joined,
  repeated,
  type JudgedFrames,
  type Stretch,
} from '../../../src/metrics/frameScores';
import { stretchScores, type JudgedVideo } from '../../../src/metrics/stretchAp';
import { compare, type GoldenResult } from '../../helpers/golden';
import type { Table } from '../group';

interface RecordedMetrics {
  readonly curve_cases: readonly {
    readonly name: string;
    readonly labels: readonly number[];
    readonly scores: readonly number[];
    readonly auc: number | null;
    readonly ap: number | null;
  }[];
  readonly videos: readonly {
    readonly name: string;
    readonly cls: string;
    readonly snippets: number;
    readonly probabilities: readonly (readonly number[])[];
    readonly segments: readonly Stretch[];
    readonly frame_labels_rle: readonly Stretch[];
  }[];
  readonly classes: readonly string[];
  readonly snippet_frames: number;
  readonly frame_level: Readonly<Record<string, number>>;
  readonly per_class: Readonly<Record<string, { videos: number; auc: number | null; ap: number | null }>>;
  readonly map_at_iou: Readonly<Record<string, number>>;
  readonly map_average: number;
}

const close = { atol: 1e-9 };
const both = ({ scores, labels }: JudgedFrames): number[] => {
  const { auc, averagePrecision } = frameScores({ scores, labels });
  return [auc ?? -1, averagePrecision ?? -1];
};

/** Everything in metrics_vad.json. */
export function metricCases({ value }: Table): GoldenResult[] {
  const recorded = value as RecordedMetrics;
  const { classes, snippet_frames: times, frame_level, per_class } = recorded;
  const videos = recorded.videos.map(({ cls, snippets, probabilities, segments, frame_labels_rle }) => {
    const frames = snippets * times;
    const category = classes.indexOf(cls);
    const truth = segments.length > 0 ? segments : category === 0 ? [[0, frames] as const] : [];
    return {
      cls,
      scores: repeated(
        probabilities.map((one) => 1 - one[0]!),
        times,
      ),
      labels: frameLabels(frames, frame_labels_rle),
      judged: {
        frames,
        at: (frame, one) => probabilities[Math.floor(frame / times)]![one]!,
        truth: truth.map((stretch) => ({ category, stretch })),
      } satisfies JudgedVideo,
    };
  });
  const abnormal = videos.filter(({ cls }) => cls !== 'Normal');
  const stretches = stretchScores(
    videos.map(({ judged }) => judged),
    classes.length,
  );
  return [
    ...recorded.curve_cases.map((one) => compare(`curve ${one.name}`, both(one), [one.auc ?? -1, one.ap ?? -1], close)),
    compare('all frames', both(joined(videos)), [frame_level['auc']!, frame_level['ap']!], close),
    compare(
      'frames of abnormal videos',
      both(joined(abnormal)),
      [frame_level['auc_abnormal_videos_only']!, frame_level['ap_abnormal_videos_only']!],
      close,
    ),
    ...Object.entries(per_class).map(([cls, want]) => {
      const own = videos.filter((one) => one.cls === cls);
      return compare(cls, [own.length, ...both(joined(own))], [want.videos, want.auc ?? -1, want.ap ?? -1], close);
    }),
    compare(
      'stretches',
      stretches.perThreshold.map((one) => 100 * one),
      Object.values(recorded.map_at_iou),
      close,
    ),
    compare('stretches, average', [100 * stretches.average], [recorded.map_average], close),
  ];
}
