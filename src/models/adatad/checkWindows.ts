// What the check says of labels against windows and levels: what cannot be learnt, how long actions are, what would suit.
import type { DataProblem } from '../../annotations/dataReport';
import type { OpenedActions } from './actionVideos';
import { durationBins, instanceCoverage, proposeSampling } from './coverage';
import type { AdatadDataSettings } from './dataSettings';

/** Lost actions that are told one by one. */
const MOST_LISTED = 10;

export interface WindowCheck {
  readonly notices: readonly DataProblem[];
  readonly counts: Readonly<Record<string, number>>;
  /** Actions that no point learns to find. */
  readonly lost: number;
}

/** Actions of judged videos that cannot be found: without a whole frame, or behind the video's end. */
export function unfindable(videos: readonly OpenedActions[]): number {
  const all = videos.flatMap(({ segments, frames }) => segments.map(({ segment }) => ({ segment, frames })));
  return all.filter(({ segment: [start, end], frames }) => end <= start || start >= frames).length;
}

const rounded = (seconds: number): string => String(Number(seconds.toPrecision(2)));

/** Looks at training videos, of which there is one at least. */
export function checkWindows(videos: readonly OpenedActions[], settings: AdatadDataSettings): WindowCheck {
  const { rule, levels } = settings;
  const notices: DataProblem[] = [];
  const tell = (path: string, code: string, message: string, detail: DataProblem['detail']): void =>
    void notices.push({ path, code, message, detail });
  const rates = videos.map(({ clock }) => clock.framesPerSecond).sort((a, b) => a - b);
  const rate = rates[rates.length >> 1]!;
  const [slow, fast] = [rates[0]!, rates.at(-1)!].map((one) => rule.stride / one) as [number, number];
  const step = rounded(slow) === rounded(fast) ? rounded(slow) : `${rounded(fast)}–${rounded(slow)}`;
  const spans = videos.flatMap((one) => one.truth.map(({ segment, label }) => ({ one, segment, label })));
  const durations = spans.map(({ segment: [start, end] }) => end - start);
  const short = spans.filter(
    ({ one, segment: [start, end] }) => (end - start) * one.clock.framesPerSecond < rule.stride,
  );
  const lost = videos.flatMap((one) =>
    instanceCoverage(one, rule, levels)
      .map((instance, i) => ({ one, instance, label: one.truth[i]?.label ?? '' }))
      .filter(({ instance }) => instance.points === 0),
  );
  for (const { one, instance, label } of lost.slice(0, MOST_LISTED)) {
    const [start, end] = instance.segment.map((frame) => rounded(frame / one.clock.framesPerSecond));
    const until = rounded(one.clock.durationSeconds);
    const detail = { label, start: start!, end: end!, until };
    const outside = `“${label}” from ${start} to ${end} s lies behind the end of the video, which lasts ${until} s.`;
    const message = `No point of any level learns “${label}” from ${start} to ${end} s: sample more densely.`;
    if (instance.isOutside) tell(one.path, 'adatad-outside', outside, detail);
    else tell(one.path, 'adatad-no-point', message, detail);
  }
  const bins = durationBins(durations, levels, rate / rule.stride)
    .map(({ fromSeconds, toSeconds, instances }) => {
      const until = Number.isFinite(toSeconds) ? `–${rounded(toSeconds)} s` : ' s +';
      return `${rounded(fromSeconds)}${until}: ${instances}`;
    })
    .join(', ');
  tell('', 'adatad-durations', `A step lasts ${step} s. Actions by the level that answers for them: ${bins}.`, {
    ...{ step, bins },
  });
  if (durations.length > 0) {
    const wanted = proposeSampling(durations, rate);
    const differs =
      wanted.stride !== rule.stride || wanted.snippets !== rule.snippets || wanted.levels !== levels.length;
    const detail = { stride: wanted.stride, frames: wanted.snippets, levels: wanted.levels };
    if (differs)
      tell(
        '',
        'adatad-proposal',
        `These durations would suit one frame in ${wanted.stride}, windows of ${wanted.snippets} frames and ${wanted.levels} levels.`,
        detail,
      );
  }
  return {
    notices,
    counts: { 'shorter than a step': short.length, 'without a point': lost.length },
    lost: lost.length,
  };
}
