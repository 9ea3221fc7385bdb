// Recorded post-processing: windows before suppression, videos after it, and suppression of one class alone.
import { pointLevels } from '../../../src/models/adatad/points';
import { suppressSoftly, videoDetections, windowDetections, type Detection } from '../../../src/models/adatad/results';
import { compare, worstOf, type GoldenResult } from '../../helpers/golden';
import { hashValues } from '../../helpers/hashValues';
import type { Recording } from '../../helpers/recording';

interface Config {
  readonly num_classes: number;
  readonly windows: readonly {
    readonly video: string;
    readonly fps: number;
    readonly duration: number;
    readonly window_start_frame: number;
    readonly snippet_stride: number;
    readonly valid: number;
  }[];
}

const scoreTolerance = { atol: 1.5e-4 };
const frames = 768;

/**
 * [start, end, class, score] rows: the same segments and classes with the same scores. Among equal scores upstream's
 * order is its sort's, so at the last score that is kept either side may have another row.
 */
function compareRows(name: string, got: readonly Detection[], want: Float32Array): GoldenResult {
  const key = (start: number, end: number, label: number): string => `${start.toFixed(2)} ${end.toFixed(2)} ${label}`;
  const mine = new Map(got.map(({ segment: [start, end], label, score }) => [key(start, end, label), score]));
  const theirs = new Map(
    Array.from({ length: want.length / 4 }, (_, i) => {
      const [start = NaN, end = NaN, label = NaN, score = NaN] = want.subarray(i * 4, i * 4 + 4);
      return [key(start, end, label), score];
    }),
  );
  const last = Math.min(...theirs.values());
  const shared = [...mine].filter(([row]) => theirs.has(row));
  const others = [mine, theirs].flatMap((rows, k) =>
    [...rows].filter(([row]) => !(k === 0 ? theirs : mine).has(row)).map(([, score]) => score),
  );
  return worstOf(`${name} (${others.length / 2} others at the end)`, [
    compare('number', [got.length, mine.size], [want.length / 4, theirs.size], { atol: 0.5 }),
    compare(
      'scores',
      [...shared.map(([, score]) => score), ...others],
      [...shared.map(([row]) => theirs.get(row)!), ...others.map(() => last)],
      scoreTolerance,
    ),
  ]);
}

/** The recorded formula of a head's raw outputs. */
function outputOf(window: number, classes: number) {
  const levels = pointLevels(frames, 6);
  const scores: number[] = [];
  const distances: number[] = [];
  levels.forEach(({ points }, level) => {
    const logits = hashValues(`in:post.cls.${window}.${level}`, classes * points);
    const reach = hashValues(`in:post.reg.${window}.${level}`, 2 * points);
    for (let i = 0; i < points; i++) {
      for (let k = 0; k < classes; k++)
        scores.push(1 / (1 + Math.exp(-Math.fround(5 * logits[k * points + i]! - 5.5))));
      for (const k of [0, 1]) distances.push(Math.max(0, 2 * reach[k * points + i]! + 2));
    }
  });
  return { scores: Float32Array.from(scores), distances: Float32Array.from(distances) };
}

export function resultCases(file: Recording): GoldenResult[] {
  const { num_classes: classes, windows } = file.json<Config>('config');
  const array = (name: string): Float32Array => Float32Array.from(file.want(name));
  const byVideo = new Map<string, Detection[][]>();
  const perWindow = windows.map((window, k) => {
    const { video, fps, duration, window_start_frame: firstFrame, snippet_stride: stride, valid: snippets } = window;
    const place = { firstFrame, snippets, stride };
    const clock = { framesPerSecond: fps, durationSeconds: duration };
    const found = windowDetections(outputOf(k, classes), pointLevels(frames, 6), place, clock);
    byVideo.set(video, [...(byVideo.get(video) ?? []), found]);
    return compareRows(`${k}`, found, array(`output.window.${k}`));
  });
  const alone = array('input.nms.segments');
  const suppressed = suppressSoftly(
    Array.from(array('input.nms.scores'), (score, i) => ({
      segment: [alone[2 * i]!, alone[2 * i + 1]!],
      label: 0,
      score,
    })),
    0.7,
  );
  return [
    worstOf('windows', perWindow),
    worstOf(
      'videos',
      [...byVideo].map(([video, found]) => compareRows(video, videoDetections(found), array(`output.final.${video}`))),
    ),
    worstOf('suppression', [
      compare(
        'segments',
        suppressed.flatMap(({ segment }) => segment),
        array('output.nms.segments'),
        { atol: 1e-5 },
      ),
      compare(
        'scores',
        suppressed.map(({ score }) => score),
        array('output.nms.scores'),
        { atol: 1e-5 },
      ),
    ]),
  ];
}
