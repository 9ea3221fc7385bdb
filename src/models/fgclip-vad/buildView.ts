// Builds what the view draws from the curves of the judged videos.
import type { FgclipDataSettings } from './dataSettings';
import { judgedFrames, spansWithin } from './judge';
import { shownScore, type VideoCurves } from './scoredWindows';
import { frameScores } from '../../metrics/frameScores';
import type { FgclipView, ViewStill, ViewVideo } from './viewPayload';

/** Videos whose maps and curves are kept; pictures are of so many of them, so many each. */
const mostVideos = 60;
const picturedVideos = 12;
const picturesEach = 3;
const pictureSize = { width: 160, height: 120 };

export async function buildView(
  curves: readonly VideoCurves[],
  classes: readonly string[],
  settings: FgclipDataSettings,
  footage: boolean,
): Promise<FgclipView> {
  const judged = curves.filter(({ part }) => part === 'validation');
  const ranked = judged
    .map((one) => ({ one, wrong: wrongness(one, settings) }))
    .sort((a, b) => b.wrong - a.wrong)
    .slice(0, mostVideos);
  const videos: ViewVideo[] = [];
  for (const [rank, { one }] of ranked.entries())
    videos.push({ ...viewVideo(one, settings), stills: rank < picturedVideos ? await peaks(one, settings) : [] });
  const headless = judged.every(({ scores }) => scores.mil === undefined);
  return { kind: 'fgclip-vad', classes, shown: headless ? 'text' : settings.score, footage, videos };
}

/** Mean distance of the score from the label; where nobody knows when, of the largest score. */
function wrongness(one: VideoCurves, { score, sampleEvery }: FgclipDataSettings): number {
  const shown = shownScore(one, score);
  if (one.item.spans === null) return 1 - Math.max(...shown);
  const { scores, labels } = judgedFrames(one, shown, sampleEvery);
  let sum = 0;
  for (let k = 0; k < scores.length; k++) sum += Math.abs(scores[k]! - labels[k]!);
  return sum / scores.length;
}

function viewVideo(one: VideoCurves, { score, sampleEvery }: FgclipDataSettings): Omit<ViewVideo, 'stills'> {
  const { item, samples, scores, classes, places } = one;
  const { times, facts } = item.video;
  const media = times[0]! + facts.durationSeconds;
  const at = (frame: number): number => (frame < times.length ? times[frame]! : media);
  return {
    ...{ path: item.path, className: item.className, abnormal: item.abnormal, media: item.media },
    ...{ frames: times.length, durationSeconds: facts.durationSeconds, start: times[0]! },
    times: Float64Array.from(samples, at),
    end: at(item.range[1]),
    ...{ scores, classes, places },
    spans: item.spans && spansWithin(item).map(([start, end]) => [at(start + item.range[0]), at(end + item.range[0])]),
    auc: item.spans && frameScores(judgedFrames(one, shownScore(one, score), sampleEvery)).auc,
  };
}

/** Pictures of the samples with the largest scores, a little apart, in the order of time. */
async function peaks(one: VideoCurves, { score }: FgclipDataSettings): Promise<ViewStill[]> {
  const { samples, item } = one;
  const shown = shownScore(one, score);
  const order = Array.from(samples, (_, k) => k).sort((a, b) => shown[b]! - shown[a]!);
  const apart = samples.length / 8;
  const chosen: number[] = [];
  for (const k of order) {
    if (chosen.length === picturesEach) break;
    if (chosen.every((other) => Math.abs(other - k) >= apart)) chosen.push(k);
  }
  const stills: ViewStill[] = [];
  for (const sample of chosen.sort((a, b) => a - b)) {
    const { width, height, pixels } = await item.video.still(samples[sample]!, pictureSize);
    stills.push({ sample, width, height, pixels });
  }
  return stills;
}
