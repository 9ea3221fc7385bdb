// Made-up results of a pass over twelve videos: scores part with training, some stay on the wrong side.
import { binaryScores } from '../../../src/metrics/binaryScores';
import type { JudgedVideo, JudgedVideoClip, JudgedVideoStill } from '../../../src/ui/judged/judgedPass';
import type { MntsmView } from '../../../src/models/mntsm/viewPayload';
import { nothing, type FakeView } from '../../ui/fakeView/fakeView';
import { fakeFace } from './fakeFace';

const frames = 8;
const spacing = 0.25;
const stride = 1;
/** Logit of each video after training: fakes lie above 0, but for the two that stay wrong. */
const videos: readonly { name: string; kind: string; truth: boolean; seconds: number; logit: number }[] = [
  { name: 'again_C_swap', kind: 'swap', truth: true, seconds: 5.2, logit: -0.9 },
  { name: 'bird_D_real', kind: 'camera', truth: false, seconds: 4.4, logit: 0.5 },
  { name: 'book_E_blend', kind: 'blend', truth: true, seconds: 6.8, logit: 0.06 },
  { name: 'brother_C_swap', kind: 'swap', truth: true, seconds: 2, logit: 1.2 },
  { name: 'again_E_real', kind: 'camera', truth: false, seconds: 5.6, logit: -0.5 },
  { name: 'bird_C_blend', kind: 'blend', truth: true, seconds: 3.6, logit: 1.5 },
  { name: 'book_D_real', kind: 'camera', truth: false, seconds: 6, logit: -1.6 },
  { name: 'brother_E_blend', kind: 'blend', truth: true, seconds: 8.4, logit: 1.9 },
  { name: 'again_D_blend', kind: 'blend', truth: true, seconds: 4.8, logit: 2.3 },
  { name: 'bird_E_swap', kind: 'swap', truth: true, seconds: 5, logit: 2.6 },
  { name: 'brother_D_real', kind: 'camera', truth: false, seconds: 7.2, logit: -2.6 },
  { name: 'book_C_swap', kind: 'swap', truth: true, seconds: 5.4, logit: 3.2 },
];

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function makeClip(start: number, seconds: number, seed: number, logit: number, sharpness: number): JudgedVideoClip {
  const times = Float32Array.from({ length: frames }, (_, i) => Math.min(start + i * spacing, seconds - spacing));
  const logits = times.map((time) => logit + 0.9 * Math.sin(time * 1.7 + seed) + 0.6 * Math.sin(time * 4.3 + 2 * seed));
  const weights = logits.map((value, i) => Math.exp(sharpness * (Math.abs(value) + 0.5 * Math.sin(i + seed))));
  const total = mean([...weights]) * frames;
  const attention = weights.map((weight) => weight / total);
  const clipLogit = logits.reduce((sum, value, i) => sum + value * attention[i]!, 0);
  return { times, score: sigmoid(clipLogit), attention, frameScores: logits.map(sigmoid) };
}

function stillsOf(clips: readonly JudgedVideoClip[], person: number, manipulated: boolean): JudgedVideoStill[] {
  const byTime = new Map<number, { seconds: number; attention: number; score: number }>();
  for (const clip of clips) {
    clip.times.forEach((seconds, i) => {
      const frame = { seconds, attention: clip.attention![i]!, score: clip.frameScores[i]! };
      if (frame.attention > (byTime.get(seconds)?.attention ?? 0)) byTime.set(seconds, frame);
    });
  }
  const weight = (frame: { attention: number; score: number }) => frame.attention * Math.abs(frame.score - 0.5);
  return [...byTime.values()]
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, 4)
    .map((frame) => ({ ...frame, ...fakeFace(person, frame.seconds, manipulated) }));
}

interface FakeOptions {
  /** 0 knows nothing yet, 1 is trained. */
  readonly skill: number;
  /** Leaves out the videos of the other label. */
  readonly only?: boolean;
  /** Repeats the videos under other names. */
  readonly times?: number;
}

/** A payload of the view; the same options give the same numbers. */
function fakeMntsmView({ skill, only, times = 1 }: FakeOptions): MntsmView {
  const all = Array.from({ length: times }, (_, round) =>
    videos
      .filter(({ truth }) => only === undefined || truth === only)
      .map((video, index) => ({
        ...video,
        name: round === 0 ? video.name : `${video.name}_${round + 1}`,
        index,
        round,
      })),
  ).flat();
  const judged = all.map(({ index, round, logit, ...video }): JudgedVideo => {
    const seed = index * 1.9 + round * 0.7;
    const starts = Array.from({ length: Math.max(1, Math.floor(video.seconds - 2) + 1) }, (_, i) => i * stride);
    const own = skill * logit + (1 - skill) * 0.3 * Math.sin(7 * seed) - 0.01 * round * Math.sign(logit);
    const clips = starts.map((start) => makeClip(start, video.seconds, seed, own, 0.2 + 0.7 * skill));
    const scores = clips.map(({ score }) => score);
    const score = mean(scores);
    const variance = mean(scores.map((one) => (one - score) ** 2)) * (clips.length / Math.max(1, clips.length - 1));
    const stills = round === 0 ? stillsOf(clips, index, video.truth) : [];
    return { ...video, score, uncertainty: clips.length < 2 ? 0 : Math.sqrt(variance / clips.length), clips, stills };
  });
  const wrongness = (video: JudgedVideo) => (video.truth === true ? 1 - video.score : video.score);
  const positive = (video: JudgedVideo) => video.truth === true;
  return {
    kind: 'mntsm',
    threshold: 0.5,
    videos: judged.sort((a, b) => wrongness(b) - wrongness(a)),
    rocs: {
      video: binaryScores(judged.map((video) => ({ score: video.score, positive: positive(video) }))),
      clip: binaryScores(
        judged.flatMap((video) => video.clips.map(({ score }) => ({ score, positive: positive(video) }))),
      ),
    },
    trainedOn: [
      { kind: 'swap', videos: 11 },
      { kind: 'blend', videos: 11 },
      { kind: 'camera', videos: 9 },
    ],
  };
}

/** As inference on videos that nobody labelled. */
function withoutLabels(view: MntsmView): MntsmView {
  return { ...view, rocs: null, videos: view.videos.map((video) => ({ ...video, truth: null, kind: '' })) };
}

/** As a model that scores frames without weighing them, on labels that say when. */
function withoutAttention(view: MntsmView): MntsmView {
  const videos = view.videos.map((video) => ({
    ...video,
    clips: video.clips.map((clip) => ({ ...clip, attention: null })),
    stills: video.stills.map((still) => ({ ...still, attention: null })),
    truthSpans: video.truth === true ? [{ from: 1, until: video.seconds / 2 }] : [],
  }));
  return { ...view, videos };
}

export const fake: FakeView = {
  viewAt: (skill) => fakeMntsmView({ skill }),
  cases: {
    oneClass: () => ({ ...nothing, after: fakeMntsmView({ skill: 1, only: true }) }),
    unlabelled: () => ({ ...nothing, now: withoutLabels(fakeMntsmView({ skill: 1 })) }),
    curves: () => ({ ...nothing, after: withoutAttention(fakeMntsmView({ skill: 1 })) }),
    empty: () => ({ ...nothing, after: { ...fakeMntsmView({ skill: 1, times: 0 }), trainedOn: [] } }),
    many: () => ({ ...nothing, after: fakeMntsmView({ skill: 1, times: 40 }) }),
  },
};
